"""Which versions a deployment knows, which of them score, and that a version never changes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from db import packs
from local.deployment import Deployment


@pytest.fixture
def owner(database: Deployment) -> Iterator[Session]:
    """A transaction of the owner's that is never committed."""
    engine = create_engine(database.environment()["DATABASE_OWNER_URL"])
    with Session(engine) as session:
        yield session
    engine.dispose()


def _write(root: Path, name: str, version: str, digest: str = "a", **settings: object) -> None:
    directory = root / name / version
    directory.mkdir(parents=True, exist_ok=True)
    manifest = {"name": name, "version": version, "files": {"weights": digest}, **settings}
    (directory / "manifest.json").write_text(json.dumps(manifest))


def test_the_newest_version_of_a_new_name_becomes_active(owner: Session, tmp_path: Path) -> None:
    _write(tmp_path, "match", "9")
    _write(tmp_path, "match", "10")
    assert packs.register(owner, tmp_path, "test") == [("match", "9"), ("match", "10")]
    assert packs.active_versions(owner) == {"match": "10"}


def test_a_later_version_waits_to_be_promoted(owner: Session, tmp_path: Path) -> None:
    _write(tmp_path, "match", "1")
    packs.register(owner, tmp_path, "test")
    _write(tmp_path, "match", "2")
    assert packs.register(owner, tmp_path, "test") == [("match", "2")]
    assert packs.active_versions(owner) == {"match": "1"}


def test_only_packs_that_score_are_pinned(owner: Session, tmp_path: Path) -> None:
    _write(tmp_path, "occupations", "1")
    _write(tmp_path, "spam", "1")
    packs.register(owner, tmp_path, "test")
    assert packs.active_versions(owner) == {"spam": "1"}


@pytest.mark.parametrize("change", [{"digest": "b"}, {"threshold": 0.4}])
def test_a_version_that_came_back_changed_is_refused(owner: Session, tmp_path: Path, change: dict[str, Any]) -> None:
    _write(tmp_path, "match", "1")
    packs.register(owner, tmp_path, "test")
    assert packs.register(owner, tmp_path, "test") == []
    _write(tmp_path, "match", "1", card={"summary": "Told in other words."})
    assert packs.register(owner, tmp_path, "test") == []
    _write(tmp_path, "match", "1", **change)
    with pytest.raises(packs.PackChangedError, match="match 1"):
        packs.register(owner, tmp_path, "test")
