"""Versions are promoted and rolled back without losing their history; one that is used cannot be deleted."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from conftest import Caller
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.orm import Session

from db import pack_releases, packs
from db.engine import app_session, system_session
from db.pack_releases import ReleaseError
from db.tables import Passages, Pool, Screening
from local.deployment import Deployment


@pytest.fixture
def goes_on(tenant: Caller) -> None:
    """A screening that began with match 2 and has not ended."""
    with app_session(tenant.tenant_id) as session:
        pool = Pool(tenant_id=tenant.tenant_id, name="pool")
        session.add(pool)
        session.flush()
        begun = Screening(tenant_id=tenant.tenant_id, pool_id=pool.id, packs={"match": "2"}, format="any", total=1)
        session.add(begun)


@pytest.fixture
def owner(database: Deployment, tmp_path: Path) -> Iterator[Session]:
    """A transaction of the owner's that is never committed, in which versions 1 to 3 of two packs are registered."""
    for name in ("match", "spam"):
        for version in ("1", "2", "3"):
            directory = tmp_path / name / version
            directory.mkdir(parents=True)
            manifest = {"name": name, "version": version, "files": {"weights": version}}
            (directory / "manifest.json").write_text(json.dumps(manifest))
    engine = create_engine(database.environment()["DATABASE_OWNER_URL"])
    with Session(engine) as session:
        packs.register(session, tmp_path, "test")
        yield session
    engine.dispose()


def test_versions_go_back_in_the_order_they_came(owner: Session) -> None:
    assert pack_releases.promote(owner, "match", "1", "anna")
    assert pack_releases.promote(owner, "match", "2", "ben")
    assert not pack_releases.promote(owner, "match", "2", "ben")
    assert pack_releases.rollback(owner, "match", "cleo") == "1"
    assert pack_releases.rollback(owner, "match", "cleo") == "3"  # what was current at first, being the newest
    assert packs.active_versions(owner) == {"match": "3", "spam": "3"}
    with pytest.raises(ReleaseError, match="promote one"):
        pack_releases.rollback(owner, "match", "cleo")
    told = [(one.version, one.released_by, one.withdrawn_by) for one in pack_releases.history(owner, "match")]
    assert told == [("2", "ben", "cleo"), ("1", "anna", "cleo"), ("3", "test", None)]


def test_what_is_not_registered_cannot_be_promoted(owner: Session) -> None:
    with pytest.raises(ReleaseError, match="only 1, 2, 3 are"):
        pack_releases.promote(owner, "match", "4", "anna")
    with pytest.raises(ReleaseError, match="no version of mach is"):
        pack_releases.promote(owner, "mach", "1", "anna")


@pytest.mark.usefixtures("goes_on")
def test_a_version_in_use_is_kept(owner: Session) -> None:
    with system_session() as system:
        with pytest.raises(ReleaseError, match="is current"):
            pack_releases.delete(owner, system, "match", "3", "anna")
        with pytest.raises(ReleaseError, match="in use"):
            pack_releases.delete(owner, system, "match", "2", "anna")
        pack_releases.delete(owner, system, "match", "1", "anna")
        pack_releases.delete(owner, system, "spam", "2", "anna")  # the screening holds no spam 2
    assert [(one.name, one.version) for one in packs.listing(owner)] == [
        ("match", "3"),
        ("match", "2"),
        ("spam", "3"),
        ("spam", "1"),
    ]


@pytest.mark.usefixtures("goes_on")
def test_a_version_is_kept_while_results_are_to_be_explained(owner: Session, tenant: Caller) -> None:
    with app_session(tenant.tenant_id) as session:
        screening = session.scalars(select(Screening)).one()
        screening.state, screening.ended_at, screening.scored = "ended", func.now(), screening.total
        screening.packs = {"match": "1"}
        pair = {"screening_id": screening.id, "job_id": uuid4(), "resume_id": uuid4()}
        session.add(Passages(tenant_id=tenant.tenant_id, **pair))
    with system_session() as system:
        with pytest.raises(ReleaseError, match="being explained"):
            pack_releases.delete(owner, system, "match", "1", "anna")
        with app_session(tenant.tenant_id) as session:
            session.execute(update(Passages).values(state="failed"))
        pack_releases.delete(owner, system, "match", "1", "anna")


def test_a_deleted_version_is_not_gone_back_to(owner: Session) -> None:
    pack_releases.promote(owner, "spam", "2", "anna")
    pack_releases.promote(owner, "spam", "1", "anna")
    with system_session() as system:
        pack_releases.delete(owner, system, "spam", "2", "anna")
    assert pack_releases.rollback(owner, "spam", "anna") == "3"


def test_newer_versions_become_current_where_that_is_asked_for(owner: Session, tmp_path: Path) -> None:
    pack_releases.promote(owner, "spam", "2", "anna")
    for name, version in (("match", "10"), ("spam", "2.1")):
        directory = tmp_path / name / version
        directory.mkdir(parents=True)
        (directory / "manifest.json").write_text(json.dumps({"name": name, "version": version, "files": {}}))
    packs.register(owner, tmp_path, "test", promote=True)
    assert packs.active_versions(owner) == {"match": "10", "spam": "2.1"}
    packs.register(owner, tmp_path, "test", promote=True)  # spam 3 is newer, but not new
    assert packs.active_versions(owner)["spam"] == "2.1"
