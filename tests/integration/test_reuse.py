"""Earlier scores are taken over where nothing that a score depends on has changed, and nowhere else."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from conftest import Caller
from hypothesis import given, settings
from hypothesis import strategies as st
from screening_rows import add_jobs, add_packs, check_counts, events_of, found
from sqlalchemy import delete, func, insert, select, update

from db import chunks, new_screenings, reuse
from db.chunks import Findings
from db.engine import app_session
from db.keys import create_key
from db.tables import Assessment, Chunk, Job, Pool, Resume, Score, Screening, ScreeningJob
from local.deployment import Deployment

PROGRAM = "as it reads today"
OPTIONS: Mapping[str, Any] = {"threshold": None}

_numbers = count()


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


def fill(tenant_id: UUID, texts: Sequence[str], pool_id: UUID | None = None) -> UUID:
    """Resumes of these texts, each a chunk's worth or so, put into a pool; equal texts have equal hashes."""
    with app_session(tenant_id) as session:
        if pool_id is None:
            made = insert(Pool).values(tenant_id=tenant_id, name=f"pool-{next(_numbers)}").returning(Pool.id)
            pool_id = session.scalars(made).one()
        key = {"tenant_id": tenant_id, "pool_id": pool_id, "tokens": 6_000}
        rows = [{**key, "external_id": f"r{next(_numbers)}", "text": text, "content_hash": text} for text in texts]
        session.execute(insert(Resume), rows)
    return pool_id


def create(tenant_id: UUID, pool_id: UUID, job_ids: list[UUID], options: Mapping[str, Any] = OPTIONS) -> UUID:
    with app_session(tenant_id) as session:
        return new_screenings.create(session, pool_id, job_ids, options)


def due(tenant_id: UUID, screening_id: UUID) -> list[Chunk]:
    with app_session(tenant_id) as session:
        waiting = Chunk.screening_id == screening_id, Chunk.state == "due"
        return list(session.scalars(select(Chunk).where(*waiting).order_by(Chunk.seq, Chunk.id)))


def compute(tenant_id: UUID, chunk_id: UUID, failing: str = "", program: str = PROGRAM) -> int:
    """Score a chunk as a worker would; a probability of its own for each row. Resumes of the text `failing` error."""
    with app_session(tenant_id) as session:
        claim = chunks.claim(session, chunk_id, "worker")
        if claim is None:
            return 0
        texts, _ = chunks.read(session, claim)
    bad = {text.id: "unreadable" for text in texts if text.text == failing}
    findings = found(tenant_id, claim, bad)
    scores = [dict(score, probability=next(_numbers) % 997 / 1000) for score in findings.scores]
    assessments = [dict(row, program=program) for row in findings.assessments]
    with app_session(tenant_id) as session:
        return chunks.finish(session, claim, Findings(scores, assessments, findings.errors))


def take_over(tenant_id: UUID, screening_id: UUID, program: str = PROGRAM) -> int | None:
    with app_session(tenant_id) as session:
        return reuse.take_over(session, screening_id, program)


def drain(tenant_id: UUID, screening_id: UUID, failing: str = "") -> int:
    """Take over what can be, then compute the rest; the items taken over."""
    taken = 0
    while (items := take_over(tenant_id, screening_id)) is not None:
        taken += items
    while waiting := due(tenant_id, screening_id):
        compute(tenant_id, waiting[0].id, failing)
    return taken


def rows(tenant_id: UUID, screening_id: UUID) -> dict[tuple[UUID, UUID], Any]:
    """By resume and job: the text, the score and where it is from."""
    columns = (Resume.text, Score.state, Score.probability, Score.reused_from)
    query = select(Score.resume_id, Score.job_id, *columns).join(Resume, Resume.id == Score.resume_id)
    with app_session(tenant_id) as session:
        found = session.execute(query.where(Score.screening_id == screening_id)).all()
    return {(row.resume_id, row.job_id): row[2:] for row in found}


@pytest.fixture
def screened(tenant: Caller) -> tuple[UUID, list[UUID], UUID]:
    """A pool of three, one of which could not be read, screened for two jobs."""
    pool_id, job_ids = fill(tenant.tenant_id, ["a", "b", "bad"]), add_jobs(tenant.tenant_id, "job", 2)
    screening_id = create(tenant.tenant_id, pool_id, job_ids)
    assert drain(tenant.tenant_id, screening_id, failing="bad") == 0
    return pool_id, job_ids, screening_id


def test_the_same_again_is_taken_over_and_says_so(tenant: Caller, screened: tuple[UUID, list[UUID], UUID]) -> None:
    pool_id, job_ids, first = screened
    again = create(tenant.tenant_id, pool_id, job_ids)
    assert drain(tenant.tenant_id, again, failing="bad") == 4
    assert check_counts(tenant.tenant_id, again) == {"scored": 4, "errored": 2, "canceled": 0}
    before, after = rows(tenant.tenant_id, first), rows(tenant.tenant_id, again)
    assert {key: row[:3] for key, row in before.items()} == {key: row[:3] for key, row in after.items()}
    assert {row[3] for row in before.values()} == {None}
    assert {row[3] for row in after.values() if row[1] == "scored"} == {first}
    assert {row[3] for row in after.values() if row[1] == "errored"} == {None}
    assert events_of(tenant.tenant_id, again) == ["screening.started", "screening.ended"]


def test_a_third_names_the_first_that_computed_it(tenant: Caller, screened: tuple[UUID, list[UUID], UUID]) -> None:
    pool_id, job_ids, first = screened
    for _ in range(2):
        third = create(tenant.tenant_id, pool_id, job_ids)
        assert drain(tenant.tenant_id, third, failing="bad") == 4
    taken = [row for row in rows(tenant.tenant_id, third).values() if row[0] != "bad"]
    assert {row[3] for row in taken} == {first}


def test_fewer_jobs_and_jobs_under_other_ids_are_known_too(
    tenant: Caller, screened: tuple[UUID, list[UUID], UUID]
) -> None:
    pool_id, job_ids, first = screened
    with app_session(tenant.tenant_id) as session:
        like = select(Job.tenant_id, func.concat("copy-", Job.external_id), Job.title, Job.description)
        like = like.add_columns(Job.content_hash, Job.tokens).where(Job.id == job_ids[1])
        names = ["tenant_id", "external_id", "title", "description", "content_hash", "tokens"]
        copied = session.scalars(insert(Job).from_select(names, like).returning(Job.id)).all()
    again = create(tenant.tenant_id, pool_id, list(copied))
    assert drain(tenant.tenant_id, again, failing="bad") == 2
    before, after = rows(tenant.tenant_id, first), rows(tenant.tenant_id, again)
    assert all(row[2] == before[resume, job_ids[1]][2] for (resume, _), row in after.items() if row[0] != "bad")


def _another_threshold(tenant_id: UUID, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    return create(tenant_id, pool_id, job_ids, {"threshold": 0.4})


def _scored_anew(tenant_id: UUID, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    return create(tenant_id, pool_id, job_ids, {"threshold": None, "reuse": False})


def _another_job(tenant_id: UUID, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    new = add_jobs(tenant_id, "new", 1)
    with app_session(tenant_id) as session:
        session.execute(update(Job).where(Job.id.in_(new)).values(title="Head of all jobs"))
    return create(tenant_id, pool_id, [*job_ids, *new])


def _a_changed_job(tenant_id: UUID, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    with app_session(tenant_id) as session:
        session.execute(update(Job).where(Job.id == job_ids[0]).values(weights={"skills": 0.9}))
    return create(tenant_id, pool_id, job_ids)


def _other_packs(tenant_id: UUID, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    with app_session(tenant_id) as session:
        session.execute(update(Screening).values(packs={"match": "0"}))
    return create(tenant_id, pool_id, job_ids)


def _another_format(tenant_id: UUID, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    with app_session(tenant_id) as session:
        session.execute(update(Screening).values(format="another"))
    return create(tenant_id, pool_id, job_ids)


def _another_program(tenant_id: UUID, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    with app_session(tenant_id) as session:
        session.execute(update(Assessment).values(program="as it read then"))
    return create(tenant_id, pool_id, job_ids)


def _a_program_that_was_not_noted(tenant_id: UUID, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    with app_session(tenant_id) as session:
        session.execute(update(Assessment).values(program=None))
    return create(tenant_id, pool_id, job_ids)


@pytest.mark.parametrize("changed", [
    _another_threshold, _scored_anew, _another_job, _a_changed_job, _other_packs, _another_format, _another_program,
    _a_program_that_was_not_noted,
])  # fmt: skip
def test_what_could_change_a_score_is_computed(
    changed: Callable[[UUID, UUID, list[UUID]], UUID], tenant: Caller, screened: tuple[UUID, list[UUID], UUID]
) -> None:
    pool_id, job_ids, _ = screened
    again = changed(tenant.tenant_id, pool_id, job_ids)
    assert drain(tenant.tenant_id, again) == 0
    assert {row[3] for row in rows(tenant.tenant_id, again).values()} == {None}


def test_another_tenant_is_no_source(tenant: Caller, other_tenant: Caller) -> None:
    for caller in (tenant, other_tenant):
        screening_id = create(caller.tenant_id, fill(caller.tenant_id, ["a"]), add_jobs(caller.tenant_id, "job", 1))
        assert drain(caller.tenant_id, screening_id) == 0


def test_last_years_are_computed_anew_as_explanations_count_until_today(
    tenant: Caller, screened: tuple[UUID, list[UUID], UUID]
) -> None:
    pool_id, job_ids, first = screened
    last_year = UUID(int=first.int - (366 * 86_400_000 << 80))
    with app_session(tenant.tenant_id) as session:
        session.execute(delete(Chunk))
        for table, key in ((Screening, "id"), (ScreeningJob, "screening_id")):
            moved = [{**row._mapping, key: last_year} for row in session.execute(select(*table.__table__.columns))]
            session.execute(insert(table), moved)
        session.execute(delete(Screening).where(Screening.id == first))
    with app_session(tenant.tenant_id) as session:
        again = new_screenings.create(session, pool_id, job_ids, OPTIONS)
        assert session.scalars(select(Screening.sources).where(Screening.id == again)).one() == []


def test_scores_that_are_gone_are_computed_again(tenant: Caller, screened: tuple[UUID, list[UUID], UUID]) -> None:
    pool_id, job_ids, first = screened
    with app_session(tenant.tenant_id) as session:
        session.execute(delete(Score).where(Score.screening_id == first, Score.job_id == job_ids[0]))
    again = create(tenant.tenant_id, pool_id, job_ids)
    with pytest.raises(reuse.GoneError):
        take_over(tenant.tenant_id, again)
    with app_session(tenant.tenant_id) as session:
        reuse.forbid(session, again)
    assert drain(tenant.tenant_id, again, failing="bad") == 0
    assert check_counts(tenant.tenant_id, again) == {"scored": 4, "errored": 2, "canceled": 0}


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "bad"]), min_size=1, max_size=12)


@settings(max_examples=25)
@given(
    before=TEXTS,
    later=TEXTS,
    same_pool=st.booleans(),
    jobs=st.integers(1, 3),
    steps=st.lists(st.booleans(), max_size=8),
    most=st.integers(1, 10),
)
def test_whatever_was_known_no_item_is_lost_doubled_or_changed(
    database: Deployment, before: list[str], later: list[str], same_pool: bool, jobs: int, steps: list[bool], most: int
) -> None:
    """Chunks are looked through and computed in any order, each by whoever comes."""
    tenant_id, _ = create_key(f"example {next(_numbers)}", "test")
    job_ids, pool_id = add_jobs(tenant_id, f"job-{next(_numbers)}", jobs), fill(tenant_id, before)
    first = create(tenant_id, pool_id, job_ids)
    drain(tenant_id, first, failing="bad")
    pool_id = fill(tenant_id, later, pool_id if same_pool else None)
    again = create(tenant_id, pool_id, job_ids)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reuse, "MOST_ITEMS", most)
        for computing in steps:
            waiting = due(tenant_id, again)
            if computing and waiting:
                compute(tenant_id, waiting[-1].id, failing="bad")
            elif not computing:
                take_over(tenant_id, again)
            check_counts(tenant_id, again)
        drain(tenant_id, again, failing="bad")
    _check_all_ended_once(tenant_id, again, pool_id, jobs)
    scores = {(row[0], job_id, row[2]) for (_, job_id), row in rows(tenant_id, first).items()}
    for (_, job_id), row in rows(tenant_id, again).items():
        assert (row[1] == "errored") == (row[0] == "bad")
        assert row[3] is None or (row[3] == first and (row[0], job_id, row[2]) in scores)


def _check_all_ended_once(tenant_id: UUID, screening_id: UUID, pool_id: UUID, jobs: int) -> None:
    check_counts(tenant_id, screening_id)
    with app_session(tenant_id) as session:
        resumes = sorted(session.scalars(select(Resume.id).where(Resume.pool_id == pool_id)))
        ended = session.scalars(select(Chunk).where(Chunk.screening_id == screening_id)).all()
        state = session.scalars(select(Screening.state).where(Screening.id == screening_id)).one()
    assert state == "ended"
    assert {chunk.state for chunk in ended} == {"done"}
    assert sorted(id for chunk in ended for id in chunk.resume_ids) == resumes
    assert sum(chunk.items for chunk in ended) == len(resumes) * jobs
    assert events_of(tenant_id, screening_id) == ["screening.started", "screening.ended"]
