"""`winnow packs` against a database: registered, promoted, rolled back, told, deleted; errors are one line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from admin import deployment
from client.cli import app
from client.errors import WinnowError
from local.deployment import Deployment


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for version in ("1", "2"):
        directory = tmp_path / "match" / version
        directory.mkdir(parents=True)
        manifest: dict[str, object] = {"name": "match", "version": version, "kind": "match", "files": {}}
        (directory / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setenv("WINNOW_PACKS", str(tmp_path))
    return tmp_path


def winnow(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["packs", *arguments])
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_an_operator_promotes_and_rolls_back(database: Deployment, root: Path) -> None:
    assert winnow("register").splitlines() == ["registered match 1", "registered match 2"]
    assert winnow("promote", "match", "1") == "match 1 is current\n"
    assert winnow("promote", "match", "1") == "match 1 is current, as it was\n"
    with pytest.raises(WinnowError, match="match 1 is current: promote another"):
        winnow("delete", "match", "1")
    assert winnow("rollback", "match") == "match 2 is current\n"
    listed = {row["version"]: row["current"] for row in json.loads(winnow("list", "--json"))}
    assert listed == {"1": False, "2": True}
    assert "withdrawn by" in winnow("history", "match")
    (later, first) = json.loads(winnow("history", "match", "--json"))
    assert (later["version"], first["version"]) == ("1", "2")
    assert later["withdrawn"] is not None
    winnow("delete", "match", "1")
    with pytest.raises(WinnowError, match="only 2 are"):
        winnow("promote", "match", "1")


def test_a_database_that_is_not_there_is_one_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://winnow_owner:x@127.0.0.1:1/winnow")
    with pytest.raises(WinnowError, match="OperationalError: is DATABASE_OWNER_URL right"):
        winnow("promote", "match", "2")
    assert [row["current"] for row in json.loads(winnow("list", "--json"))] == [None, None]
    monkeypatch.delenv("DATABASE_OWNER_URL")
    monkeypatch.setattr(deployment, "FILE", Path("nowhere"))  # whatever else runs on this machine
    with pytest.raises(WinnowError, match="Set DATABASE_OWNER_URL"):
        winnow("promote", "match", "2")
