"""Pages find their rows by an index that ends where the page does, however much else a table holds."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from conftest import Caller
from sqlalchemy import create_engine, insert, text
from sqlalchemy.orm import Session

from benchmarks.scale.plans import Plans, explained
from db import export, results, uploads
from db.engine import app_session
from db.keys import create_key
from db.results import Filters, Place
from db.tables import Upload
from local.deployment import Deployment

SCREENINGS, JOBS, RESUMES = 12, 5, 400
LIMIT = 20

# Every other screening was canceled half way; one resume in forty could not be read.
FILL = """
INSERT INTO scores (tenant_id, screening_id, job_id, resume_id, state, probability, matched, windows, input_hash)
SELECT :tenant, s.id, lpad(to_hex(j), 32, '0')::uuid, lpad(to_hex(r), 32, '0')::uuid, state,
    CASE WHEN state = 'scored' THEN ((r * 7919 + j * 104729) % 9973)::real / 9973 END, true, 1, repeat('0', 64)
FROM unnest(CAST(:screenings AS uuid[])) WITH ORDINALITY AS s(id, n)
CROSS JOIN generate_series(1, :jobs) j CROSS JOIN generate_series(1, :resumes) r
CROSS JOIN LATERAL (
    SELECT CASE WHEN r % 40 = 0 THEN 'errored' WHEN s.n % 2 = 0 AND r > 200 THEN 'canceled' ELSE 'scored' END AS state
)
"""
# Half of the resumes are of one category.
FILL_ASSESSMENTS = """
INSERT INTO assessments (tenant_id, screening_id, resume_id, categories, labels, flags, flagged, input_hash)
SELECT :tenant, id, lpad(to_hex(r), 32, '0')::uuid, '{}', ARRAY[CASE r % 2 WHEN 1 THEN 'many' ELSE 'others' END],
    '[]', false, repeat('0', 64)
FROM unnest(CAST(:screenings AS uuid[])) AS id CROSS JOIN generate_series(1, :resumes) r WHERE r % 40 <> 0
"""
FILL_UPLOADS = """
INSERT INTO upload_rows (tenant_id, upload_id, number, kind, outcome)
SELECT :tenant, u.id, i, 'resume', CASE WHEN i > 1990 THEN 'rejected' ELSE 'accepted' END
FROM unnest(CAST(:uploads AS uuid[])) AS u(id) CROSS JOIN generate_series(1, 2000) i
"""


@pytest.fixture(scope="module")
def caller(database: Deployment) -> Caller:
    return Caller(*create_key("tenant of many", "test"))


@pytest.fixture(scope="module")
def screening(database: Deployment, caller: Caller) -> UUID:
    """The id of one screening among many, canceled half way; nothing else of it exists, which no plan depends on."""
    with app_session(caller.tenant_id) as session:
        ids: list[UUID] = list(session.scalars(text("SELECT uuidv7() FROM generate_series(1, :n)"), {"n": SCREENINGS}))
        told = {"tenant": caller.tenant_id, "screenings": ids, "jobs": JOBS, "resumes": RESUMES}
        session.execute(text(FILL), told)
        session.execute(text(FILL_ASSESSMENTS), told)
    analyze(database, "scores")
    analyze(database, "assessments")
    return ids[1]


@pytest.fixture(scope="module")
def upload(database: Deployment, caller: Caller) -> UUID:
    """One of many uploads: its last ten rows of two thousand were rejected."""
    with app_session(caller.tenant_id) as session:
        row = {"tenant_id": caller.tenant_id, "media_type": "text/csv", "state": "ended"}
        ids = list(session.scalars(insert(Upload).returning(Upload.id), [row] * 10))
        session.execute(text(FILL_UPLOADS), {"tenant": caller.tenant_id, "uploads": ids})
    analyze(database, "upload_rows")
    return ids[0]


def analyze(database: Deployment, table: str) -> None:
    """As autovacuum does in time."""
    engine = create_engine(database.environment()["DATABASE_OWNER_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ANALYZE {table}"))
    engine.dispose()


def plans_of(caller: Caller, read: Callable[[Session], object]) -> Plans:
    with app_session(caller.tenant_id) as session, explained(session) as plans:
        read(session)
    return plans


def indexes(plans: Plans) -> set[str]:
    """Those used on scores, by their columns: Postgres names a partition's after them."""
    return {index for table, index in plans.scans if table.startswith("scores")}


JOB = UUID(int=3)
PAGES = {
    "all": (Filters(), None),
    "all, further on": (Filters(), Place(0.4, JOB, UUID(int=7))),
    "of a job": (Filters(job_id=JOB), None),
    "of a job, further on": (Filters(job_id=JOB), Place(0.4, JOB, UUID(int=7))),
    "from a score on": (Filters(min_score=0.97), None),
    "of a job from a score on": (Filters(job_id=JOB, min_score=0.9), None),
    "errored": (Filters(state="errored"), None),
    "errored, further on": (Filters(state="errored"), Place(None, JOB, UUID(int=80))),
    "canceled": (Filters(state="canceled"), None),
    "scored": (Filters(state="scored"), None),
    "of many of a category": (Filters(category="many", state="scored"), None),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_an_index_in_the_order_of_its_rows(caller: Caller, screening: UUID, name: str) -> None:
    filters, after = PAGES[name]
    plans = plans_of(caller, lambda session: results.page(session, screening, filters, after, LIMIT))
    assert not plans.read_whole("scores")
    assert indexes(plans), "no index was used"
    whole = {sort for sort in plans.sorts if "scores." in sort or sort.startswith("probability")}
    assert whole == set(), "rows that are on no page were read and sorted"


def test_the_errored_ones_are_found_without_reading_the_scored(caller: Caller, screening: UUID) -> None:
    plans = plans_of(caller, lambda session: results.page(session, screening, Filters(state="errored"), None, LIMIT))
    assert all("unscored" in index or "_state_" in index for index in indexes(plans)), plans.scans


@pytest.mark.parametrize("after", [None, Place(0.4, JOB, UUID(int=7), by_pairs=True), Place(0.4, JOB, UUID(int=7))])
def test_each_part_of_a_ranking_in_two_stages_has_an_index(
    caller: Caller, screening: UUID, after: Place | None
) -> None:
    def read(session: Session) -> object:
        return results.page(session, screening, Filters(), after, LIMIT, two_stages=True)

    plans = plans_of(caller, read)
    assert not plans.read_whole("scores")
    by_pairs = any("pair_" in index for index in indexes(plans))
    assert by_pairs == (after is None or after.by_pairs)
    assert {sort for sort in plans.sorts if "scores." in sort or sort.startswith("probability")} == set()


def test_an_export_streams_from_the_index(caller: Caller, screening: UUID) -> None:
    plans = plans_of(caller, lambda session: list(export.results(session, screening, ())))
    assert indexes(plans)
    assert not plans.read_whole("scores")
    assert plans.sorts == set()


def test_the_first_rows_of_an_upload_do_not_take_reading_it(caller: Caller, upload: UUID) -> None:
    """What every poll of it shows: ten rejected rows, which stand at its end."""

    def poll(session: Session) -> None:
        state = uploads.get(session, upload)
        assert state is not None
        assert [row.number for row in uploads.rows(session, upload, 20, "rejected")] == list(range(1991, 2001))

    plans = plans_of(caller, poll)
    assert ("upload_rows", "ix_upload_rows_not_accepted") in plans.scans
    assert not plans.read_whole("upload_rows")
