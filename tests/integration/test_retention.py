"""What is kept no longer goes, whole months of results at once; what has not ended stays, and so do counters."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from conftest import Caller
from screening_rows import add_jobs, add_pool
from sqlalchemy import Connection, create_engine, func, insert, select, text
from sqlalchemy.orm import Session

from db import partitions, retention
from db.engine import app_session, system_session
from db.settings import KeptFor, SettingsError, kept_for
from db.tables import (
    Assessment,
    Attempt,
    Chunk,
    Delivery,
    Endpoint,
    Event,
    Resume,
    Score,
    Screening,
    ScreeningJob,
    Upload,
    UploadRow,
)
from local.deployment import Deployment
from workers.retention import Retention

FOR_EVER = KeptFor(None, None, None, None)
YEAR = KeptFor(timedelta(days=365), None, None, None)
AGES = (420, 400)
"""Days; results of this age and of the year before have partitions here."""

_OLD_MONTH = """
DO $$
DECLARE
    month timestamptz := date_trunc('month', now() - interval '{days} days', 'UTC');
    parent text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['scores', 'assessments'] LOOP
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
            parent || to_char(month, '"_"YYYY"_"MM'), parent, first_id(month), first_id(month + interval '1 month'));
    END LOOP;
END $$
"""


@pytest.fixture
def owner(database: Deployment) -> Iterator[Connection]:
    """Old partitions are there, as if the deployment had run for years."""
    engine = create_engine(database.environment()["DATABASE_OWNER_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET timezone = 'UTC'"))
        for days in AGES:
            connection.execute(text(_OLD_MONTH.format(days=days)))
        yield connection
    engine.dispose()


def aged(session: Session, days: int) -> UUID:
    """An id of that age."""
    id: UUID = session.scalars(select(func.uuidv7(text(f"interval '-{days} days'")))).one()
    return id


def add_old_screening(tenant_id: UUID, days: int, state: str = "ended") -> UUID:
    """A screening of one item, which is scored when it has ended."""
    with app_session(tenant_id) as session:
        id = aged(session, days)
    pool_id, (job_id,) = add_pool(tenant_id, f"pool {id}", [10]), add_jobs(tenant_id, f"job {id}", 1)
    ended = state == "ended"
    with app_session(tenant_id) as session:
        resume_id = session.scalars(select(Resume.id).where(Resume.pool_id == pool_id)).one()
        key = {"tenant_id": tenant_id, "screening_id": id}
        values = {"packs": {}, "format": "x", "total": 1, "scored": int(ended), "state": state}
        session.execute(insert(Screening).values(tenant_id=tenant_id, id=id, pool_id=pool_id, **values))
        session.execute(insert(ScreeningJob).values(**key, job_id=job_id, position=0, job={}))
        session.execute(insert(Chunk).values(**key, seq=1, resume_ids=[resume_id], items=1, tokens=1))
        if ended:
            score = {"job_id": job_id, "resume_id": resume_id, "state": "scored", "probability": 0.5}
            session.execute(insert(Score).values(**key, **score))
            assessed = {"resume_id": resume_id, "categories": {}, "labels": [], "flags": [], "flagged": False}
            session.execute(insert(Assessment).values(**key, **assessed, input_hash="x"))
    return id


def swept(kept: KeptFor, tenant_id: UUID) -> Counter[str]:
    """What a sweep deleted: of this tenant's, and partitions."""
    deleted: Counter[str] = Counter()
    for one in retention.sweep(kept):
        if one.tenant_id in (None, tenant_id):
            deleted[one.what] += one.count
    return deleted


def months(owner: Connection) -> int:
    """How many partitions there are of past months."""
    query = "SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r' AND relname < 'scores_' || :now"
    return int(owner.scalar(text(query), {"now": owner.scalar(text("SELECT to_char(now(), 'YYYY_MM')"))}) or 0)


def count(tenant_id: UUID, table: type) -> int:
    with app_session(tenant_id) as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_a_month_is_dropped_whole_once_none_of_its_screenings_is_left(owner: Connection, tenant: Caller) -> None:
    add_old_screening(tenant.tenant_id, AGES[0])
    young = add_old_screening(tenant.tenant_id, 0)
    deleted = swept(YEAR, tenant.tenant_id)
    assert deleted["screenings"] == 1
    assert sum(name.startswith("partition scores_") for name in deleted) == len(AGES)
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(Screening.id)).all() == [young]
        assert session.scalars(select(Score.screening_id)).all() == [young]
    assert count(tenant.tenant_id, Chunk) == 1
    with system_session() as session:
        assert partitions.missing(session) == []


def test_a_screening_in_progress_keeps_its_month_and_its_rows(owner: Connection, tenant: Caller) -> None:
    working = add_old_screening(tenant.tenant_id, AGES[0], "in_progress")
    add_old_screening(tenant.tenant_id, AGES[0])
    assert swept(YEAR, tenant.tenant_id)["screenings"] == 1
    kept = owner.scalar(text("SELECT to_char(now() - make_interval(days => :days), 'YYYY_MM')"), {"days": AGES[0]})
    assert owner.scalar(text("SELECT to_regclass('scores_' || :month) IS NOT NULL"), {"month": kept})
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(Screening.id)).all() == [working]
        session.execute(text("DELETE FROM screenings WHERE id = :id"), {"id": working})
    assert sum(name.endswith(kept) for name in swept(YEAR, tenant.tenant_id)) == 2


def test_nothing_waits_for_a_month_that_somebody_reads(owner: Connection, tenant: Caller) -> None:
    """An export that began before holds the tables: the month stays until the next sweep, and nobody queues behind."""
    add_old_screening(tenant.tenant_id, AGES[1])
    with app_session(tenant.tenant_id) as reader:
        assert reader.scalars(select(func.count()).select_from(Score)).one() == 1
        deleted = swept(YEAR, tenant.tenant_id)
        assert deleted == {"screenings": 1}
        assert count(tenant.tenant_id, Score) == 1  # another reader, meanwhile
    assert any(name.startswith("partition") for name in swept(YEAR, tenant.tenant_id))


def test_what_is_kept_for_ever_stays(owner: Connection, tenant: Caller) -> None:
    add_old_screening(tenant.tenant_id, AGES[0])
    assert swept(FOR_EVER, tenant.tenant_id) == {}
    assert count(tenant.tenant_id, Score) == 1


def test_months_begin_alike_in_every_time_zone(database: Deployment, owner: Connection) -> None:
    """West of Greenwich a month of UTC begins on the last day of the one before, which has no 31st every time."""
    with system_session() as session:
        session.execute(text("SET LOCAL timezone = 'America/New_York'"))
        partitions.ensure(session, months=14)
    bounds = r"""
        SELECT relname, substring(pg_get_expr(relpartbound, oid) FROM 'FROM \(''([^'']+)') AS low,
            first_id(make_timestamptz(substr(right(relname, 7), 1, 4)::int, right(relname, 2)::int, 1, 0, 0, 0, 'UTC'))
        FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'scores_%'
    """
    rows = owner.execute(text(bounds)).all()
    assert len(rows) >= 15
    assert [row.relname for row in rows if row.low != str(row.first_id)] == []


def test_an_operator_can_have_it_done_at_once(database: Deployment, owner: Connection, tenant: Caller) -> None:
    add_old_screening(tenant.tenant_id, AGES[0])
    keeping = replace(database, settings=(("WINNOW_KEEP_RESULTS_DAYS", "365"),))
    told = keeping.administer("retention")
    assert "deleted screenings" in told
    assert "deleted partition scores_" in told
    assert keeping.administer("retention") == "nothing to delete\n"


def test_the_working_role_can_neither_drop_nor_make_months(tenant: Caller) -> None:
    with app_session(tenant.tenant_id) as session:
        granted = "SELECT has_function_privilege('winnow_app', 'drop_finished_months()', 'EXECUTE')"
        assert session.scalar(text(granted)) is False


def test_events_go_with_their_deliveries_once_none_is_owed(tenant: Caller) -> None:
    kept = KeptFor(None, None, None, timedelta(days=30))
    with app_session(tenant.tenant_id) as session:
        key = {"tenant_id": tenant.tenant_id}
        endpoint = insert(Endpoint).values(**key, url="https://ats.example/hook", events=["x"], secret=b"x")
        endpoint_id = session.scalars(endpoint.returning(Endpoint.id)).one()
        for days, state in ((40, "succeeded"), (40, "due"), (1, "succeeded")):
            event_id = aged(session, days)
            session.execute(insert(Event).values(**key, id=event_id, type="x", payload={}))
            owed = insert(Delivery).values(**key, event_id=event_id, endpoint_id=endpoint_id, state=state)
            delivery_id = session.scalars(owed.returning(Delivery.id)).one()
            session.execute(insert(Attempt).values(**key, delivery_id=delivery_id, number=1))
    assert swept(kept, tenant.tenant_id) == {"events": 1}
    assert [count(tenant.tenant_id, table) for table in (Event, Delivery, Attempt)] == [2, 2, 2]


def test_uploads_go_with_their_rows_and_their_resumes_stay(tenant: Caller) -> None:
    pool_id = add_pool(tenant.tenant_id, "pool", [10])
    with app_session(tenant.tenant_id) as session:
        key = {"tenant_id": tenant.tenant_id}
        for state in ("ended", "parsing"):
            upload = {"id": aged(session, 100), "pool_id": pool_id, "media_type": "text/csv", "state": state}
            session.execute(insert(Upload).values(**key, **upload, total=1, accepted=1))
            row = {"upload_id": upload["id"], "number": 1, "kind": "resume", "outcome": "accepted"}
            session.execute(insert(UploadRow).values(**key, **row))
    assert swept(kept_for(), tenant.tenant_id) == {"uploads": 1}
    assert [count(tenant.tenant_id, table) for table in (Upload, UploadRow, Resume)] == [1, 1, 1]


def test_old_resumes_go_unless_they_are_being_screened(owner: Connection, tenant: Caller) -> None:
    kept = KeptFor(None, timedelta(days=30), None, None)
    add_old_screening(tenant.tenant_id, 0)
    busy = add_old_screening(tenant.tenant_id, 0, "in_progress")
    with app_session(tenant.tenant_id) as session:
        session.execute(text("UPDATE resumes SET id = uuidv7(interval '-60 days')"))
        session.execute(text("UPDATE scores SET resume_id = resumes.id FROM resumes, screenings s WHERE s.id = "
                             "screening_id AND resumes.pool_id = s.pool_id"))  # fmt: skip
    assert swept(kept, tenant.tenant_id) == {"resumes": 1}
    with app_session(tenant.tenant_id) as session:
        at_work = select(Screening.pool_id).where(Screening.id == busy).scalar_subquery()
        assert session.scalars(select(Resume.pool_id == at_work)).all() == [True]
        assert session.scalars(select(func.count()).select_from(Score)).one() == 1


def test_a_relay_that_does_not_lead_stops_after_one_transaction(owner: Connection, tenant: Caller) -> None:
    for days in AGES:
        add_old_screening(tenant.tenant_id, days)
    before = months(owner)
    follower = Retention(YEAR, threading.Event(), threading.Event())
    follower.sweep()
    assert months(owner) == before
    leader = Retention(YEAR, threading.Event(), threading.Event())
    leader.leading.set()
    leader.sweep()
    assert months(owner) < before
    assert count(tenant.tenant_id, Screening) == 0


@pytest.mark.parametrize(("told", "days"), [("", None), ("forever", None), ("7", 7)])
def test_settings_are_days(monkeypatch: pytest.MonkeyPatch, told: str, days: int | None) -> None:
    monkeypatch.setenv("WINNOW_KEEP_RESULTS_DAYS", told)
    assert kept_for().results == (timedelta(days=days) if days else None)


@pytest.mark.parametrize("told", ["0", "-1", "a year"])
def test_what_is_no_number_of_days_is_refused(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv("WINNOW_KEEP_RESUMES_DAYS", told)
    with pytest.raises(SettingsError, match="WINNOW_KEEP_RESUMES_DAYS"):
        kept_for()
