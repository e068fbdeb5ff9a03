"""`winnow packs` on this machine alone: listed, shown, checked; and `winnow` where the server is not installed."""

import json
import os
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer
from test_scoring_cards import CARD
from typer.testing import CliRunner, Result

from admin import deployment
from benchmarks.tiny_packs import write_encoder_packs
from client.cli import app
from client.commands import further
from client.errors import WinnowError
from training.builds import RECIPES, command


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packs of tiny random weights with model cards; no database."""
    write_encoder_packs(tmp_path)
    for path in (tmp_path / "packs").glob("*/*/manifest.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "card": CARD}))
    monkeypatch.setenv("WINNOW_BASE_MODEL", str(tmp_path / "base"))
    monkeypatch.setenv("WINNOW_PACKS", str(tmp_path / "packs"))
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    monkeypatch.setattr(deployment, "FILE", Path("nowhere"))  # whatever else runs on this machine
    return tmp_path / "packs"


def winnow(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["packs", *arguments])


def test_packs_are_listed_without_a_database(root: Path) -> None:
    listed = json.loads(winnow("list", "--json").stdout)
    assert [(row["name"], row["version"], row["current"]) for row in listed] == [
        ("categories", "1", None), ("match", "1", None)
    ]  # fmt: skip
    assert "categories" in winnow("list").stdout


def test_the_model_card_is_shown(root: Path) -> None:
    assert winnow("show", "match").stdout.startswith("# match 1\n")
    refused = winnow("show", "match", "9").exception
    assert isinstance(refused, WinnowError)
    assert "holds no pack match 9" in str(refused)


def test_whole_packs_are_found_so(root: Path) -> None:
    checked = winnow("verify")
    assert (checked.exit_code, checked.stdout) == (0, "categories 1: ok\nmatch 1: ok\n")


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("head.safetensors", b"x", "damaged: its sha256 is not the manifest's"),
        ("extra.pkl", b"x", "extra.pkl is not in the manifest"),
        ("manifest.json", {"head": {"narrow": 1, "channels": 1, "width": 1}}, "it does not load"),
        ("manifest.json", {"kind": "oracle"}, "nothing here reads packs of the kind oracle"),
        ("manifest.json", {"card": {**CARD, "limits": []}}, "card.limits"),
    ],
)
def test_what_is_wrong_with_a_pack_is_told(root: Path, file: str, content: object, told: str) -> None:
    path = root / "categories" / "1" / file
    if isinstance(content, dict):
        path.write_text(json.dumps({**json.loads(path.read_text()), **content}))
    else:
        path.write_bytes(b"x")
    checked = winnow("verify", "categories")
    assert isinstance(checked.exception, WinnowError)
    assert str(checked.exception) == "Not fit for use: categories 1"
    assert told in checked.stdout


def test_the_deployment_of_winnow_up_is_found_from_below_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / ".winnow").mkdir(parents=True)
    (tmp_path / "a" / "b").mkdir()
    told = {name: f"postgresql://{name}" for name in deployment.NAMES}
    (tmp_path / "a" / deployment.FILE).write_text(json.dumps(told | {"data": "/data"}))
    for name in deployment.NAMES:
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert deployment.find() == Path("/data")
    assert {name: os.environ[name] for name in told} == told
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://mine")
    assert deployment.find() is None
    assert os.environ["DATABASE_OWNER_URL"] == "postgresql://mine"


def test_a_doctor_without_a_deployment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in deployment.NAMES:
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(deployment, "FILE", Path("nowhere"))
    asked = CliRunner().invoke(app, ["doctor"])
    assert (asked.exit_code, "set DATABASE_URL" in asked.stderr) == (2, True)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_a_command_that_takes_its_arguments(name: str) -> None:
    made = command(name, "3", Path("my data"), Path("packs"), Path("runs"))
    assert made[:2] == [sys.executable, "-m"]
    assert any("my data" in part for part in made)
    assert not any("{" in part for part in made)


def test_commands_that_are_not_installed_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("doctor", "no_such_package_here.doctor:register", further.GROUP)
    monkeypatch.setattr(further, "entry_points", lambda group: [broken])
    bare = typer.Typer()
    further.register(bare)
    for name in ("packs", "doctor"):
        refused = CliRunner().invoke(bare, [name, "list", "--any"]).exception
        assert isinstance(refused, WinnowError)
        assert "pip install 'winnow[worker]'" in str(refused)
