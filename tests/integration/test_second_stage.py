"""Screenings in two stages: the best of each job by the first are ranked by the pair model, each exactly once."""

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from conftest import Caller
from hypothesis import given, settings
from hypothesis import strategies as st
from screening_rows import add_jobs, add_packs, add_pool, check_counts, events_of, found
from sqlalchemy import create_engine, func, insert, select, update
from sqlalchemy.orm import Session

from db import canceling, chunks, new_screenings, reuse, screenings, second_stage
from db.broken_chunks import GIVE_UP_AFTER
from db.chunks import Claim, Findings, IncompleteError
from db.engine import app_session
from db.packs import SCORING
from db.tables import Chunk, Pack, PackRelease, Passages, Score, Shortlisted
from local.deployment import Deployment

PROGRAM = "as it reads today"
_numbers = count()


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database, names=(*SCORING, second_stage.PACK))


def screened(caller: Caller, resumes: int, jobs: int, top: int, tokens: int = 15_000, **more: Any) -> UUID:
    """A new screening of a pool of its own, two resumes a chunk or so."""
    name = f"pool-{next(_numbers)}"
    pool_id, job_ids = add_pool(caller.tenant_id, name, [tokens] * resumes), add_jobs(caller.tenant_id, name, jobs)
    return created(caller, pool_id, job_ids, rerank={"top": top}, **more)


def created(caller: Caller, pool_id: UUID, job_ids: list[UUID], **options: Any) -> UUID:
    with app_session(caller.tenant_id) as session:
        return new_screenings.create(session, pool_id, job_ids, {"threshold": None, **options})


def due(caller: Caller, screening_id: UUID) -> list[Chunk]:
    with app_session(caller.tenant_id) as session:
        left = Chunk.screening_id == screening_id, Chunk.state.in_(["due", "leased"])
        return list(session.scalars(select(Chunk).where(*left).order_by(Chunk.seq, Chunk.id)))


def claimed(caller: Caller, chunk: Chunk) -> Claim:
    with app_session(caller.tenant_id) as session:
        claim = chunks.claim(session, chunk.id, "worker")
    assert claim is not None
    return claim


def said(caller: Caller, claim: Claim, probabilities: Mapping[tuple[UUID, UUID], float], failing: int = 0) -> Findings:
    """What a worker would have found: in the first stage these probabilities, in the second one minus them."""
    if claim.stage == 1:
        findings = found(caller.tenant_id, claim, dict.fromkeys(claim.resume_ids[:failing], "unreadable"))
        scores = [
            dict(row, probability=probabilities.get((row["job_id"], row["resume_id"]), 0.5)) for row in findings.scores
        ]
        return Findings(scores, [dict(row, program=PROGRAM) for row in findings.assessments], findings.errors)
    with app_session(caller.tenant_id) as session:
        wanted = second_stage.wanted(session, claim.screening_id, claim.resume_ids)
    bad = claim.resume_ids[:failing]
    scores = [
        {"resume_id": id, "job_id": job, "probability": 1 - probabilities.get((job, id), 0.5), "matched": False}
        for id, listed in wanted.items()
        for job in listed
        if id not in bad
    ]
    return Findings(scores, [], dict.fromkeys(bad, "too much for it"))


def finish(caller: Caller, claim: Claim, findings: Findings) -> int:
    with app_session(caller.tenant_id) as session:
        return chunks.finish(session, claim, findings)


def work(caller: Caller, screening_id: UUID, probabilities: Mapping[tuple[UUID, UUID], float], stage: int = 2) -> None:
    """Score all that is due, up to this stage."""
    while waiting := [chunk for chunk in due(caller, screening_id) if chunk.stage <= stage]:
        claim = claimed(caller, waiting[0])
        finish(caller, claim, said(caller, claim, probabilities))


def drawn(caller: Caller, screening_id: UUID, seed: int = 1) -> dict[tuple[UUID, UUID], float]:
    """A probability for every (job, resume): eleven different ones, so that many are alike."""
    with app_session(caller.tenant_id) as session:
        view = screenings.find(session, screening_id)
    assert view is not None
    ids = [id for chunk in due(caller, screening_id) for id in chunk.resume_ids]
    generator = random.Random(seed)
    return {(job, id): generator.randint(0, 10) / 10 for job in view.job_ids for id in ids}


def best(probabilities: Mapping[tuple[UUID, UUID], float], top: int) -> set[tuple[UUID, UUID]]:
    """The `top` of each job, of those alike the lower id."""
    jobs = {job for job, _ in probabilities}
    ranked = {job: sorted((-value, id) for (one, id), value in probabilities.items() if one == job) for job in jobs}
    return {(job, id) for job in jobs for _, id in ranked[job][:top]}


def rows(caller: Caller, screening_id: UUID) -> dict[tuple[UUID, UUID], Score]:
    with app_session(caller.tenant_id) as session:
        scores = session.scalars(select(Score).where(Score.screening_id == screening_id)).all()
    return {(row.job_id, row.resume_id): row for row in scores}


def by_pairs(caller: Caller, screening_id: UUID) -> set[tuple[UUID, UUID]]:
    return {key for key, row in rows(caller, screening_id).items() if row.pair_probability is not None}


def shortlisted(caller: Caller, screening_id: UUID) -> set[tuple[UUID, UUID]]:
    with app_session(caller.tenant_id) as session:
        listed = select(Shortlisted.job_id, Shortlisted.resume_id).where(Shortlisted.screening_id == screening_id)
        return {(row.job_id, row.resume_id) for row in session.execute(listed)}


@settings(max_examples=12, deadline=None)
@given(
    resumes=st.integers(1, 14), jobs=st.integers(1, 3), top=st.integers(1, 6), order=st.randoms(use_true_random=False)
)
def test_whatever_the_order_the_best_of_each_job_are_ranked_by_the_pair_model(
    database: Deployment, one_tenant: Caller, resumes: int, jobs: int, top: int, order: random.Random
) -> None:
    screening_id = screened(one_tenant, resumes, jobs, top, tokens=order.choice([2_000, 15_000, 40_000]))
    probabilities = drawn(one_tenant, screening_id, order.randint(0, 99))
    seen: dict[tuple[UUID, UUID], float | None] = {}
    while waiting := due(one_tenant, screening_id):
        claim = claimed(one_tenant, order.choice(waiting))
        finish(one_tenant, claim, said(one_tenant, claim, probabilities))
        check_counts(one_tenant.tenant_id, screening_id)
        now = {key: row.pair_probability for key, row in rows(one_tenant, screening_id).items()}
        assert seen.items() <= now.items(), "what was told before is told otherwise"
        seen = now
    assert check_counts(one_tenant.tenant_id, screening_id)["scored"] == resumes * jobs
    assert by_pairs(one_tenant, screening_id) == best(probabilities, top)
    assert shortlisted(one_tenant, screening_id) == set()
    ended = rows(one_tenant, screening_id)
    assert {key: round(row.probability or 0, 1) for key, row in ended.items()} == probabilities
    assert events_of(one_tenant.tenant_id, screening_id)[-1:] == ["screening.ended"]


@pytest.fixture(scope="module")
def one_tenant(database: Deployment) -> Caller:
    from db.keys import create_key

    return Caller(*create_key("tenant of two stages", "test"))


def test_the_last_finish_of_the_first_stage_begins_the_second(tenant: Caller) -> None:
    screening_id = screened(tenant, resumes=6, jobs=2, top=2)
    probabilities = drawn(tenant, screening_id)
    work(tenant, screening_id, probabilities, stage=1)
    second = due(tenant, screening_id)
    assert {chunk.stage for chunk in second} == {2}
    assert sum(chunk.items for chunk in second) == 4
    assert shortlisted(tenant, screening_id) == best(probabilities, 2)
    with app_session(tenant.tenant_id) as session:
        view = screenings.find(session, screening_id)
    assert view is not None
    assert (view.state, view.scored, view.processing, view.second_stage_items) == ("in_progress", 8, 4, 4)
    assert view.second_stage_at is not None
    assert "screening.ended" not in events_of(tenant.tenant_id, screening_id)
    work(tenant, screening_id, probabilities)
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 12, "errored": 0, "canceled": 0}
    assert events_of(tenant.tenant_id, screening_id).count("screening.ended") == 1


def test_of_two_that_finish_last_one_begins_the_second_stage(tenant: Caller) -> None:
    screening_id = screened(tenant, resumes=2, jobs=2, top=1, tokens=40_000)
    probabilities = drawn(tenant, screening_id)
    claims = [claimed(tenant, chunk) for chunk in due(tenant, screening_id)]
    assert len(claims) == 2
    first, other = ((claim, said(tenant, claim, probabilities)) for claim in claims)
    late = threading.Thread(target=finish, args=(tenant, *other))
    with app_session(tenant.tenant_id) as session:
        chunks.finish(session, *first)
        late.start()
        late.join(1)
        assert late.is_alive(), "it did not wait for whoever holds the screening"
    late.join()
    second = due(tenant, screening_id)
    assert [(chunk.stage, chunk.items) for chunk in second] in ([(2, 2)], [(2, 1), (2, 1)])
    assert shortlisted(tenant, screening_id) == best(probabilities, 1)
    work(tenant, screening_id, probabilities)
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 4


def test_errored_items_take_no_part(tenant: Caller) -> None:
    screening_id = screened(tenant, resumes=4, jobs=2, top=3, tokens=2_000)
    probabilities = drawn(tenant, screening_id)
    [chunk] = due(tenant, screening_id)
    claim = claimed(tenant, chunk)
    bad = claim.resume_ids[0]
    finish(tenant, claim, said(tenant, claim, probabilities, failing=1))
    work(tenant, screening_id, probabilities)
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 6, "errored": 2, "canceled": 0}
    assert by_pairs(tenant, screening_id) == {key for key in probabilities if key[1] != bad}
    with app_session(tenant.tenant_id) as session:
        view = screenings.find(session, screening_id)
        assert view is not None
        again = new_screenings.retry(session, view)
    work(tenant, again, probabilities)
    assert by_pairs(tenant, again) == {key for key in probabilities if key[1] == bad}


def test_when_all_errored_there_is_no_second_stage(tenant: Caller) -> None:
    screening_id = screened(tenant, resumes=2, jobs=1, top=1, tokens=2_000)
    claim = claimed(tenant, due(tenant, screening_id)[0])
    finish(tenant, claim, said(tenant, claim, {}, failing=2))
    assert due(tenant, screening_id) == []
    assert check_counts(tenant.tenant_id, screening_id)["errored"] == 2


def canceled(caller: Caller, screening_id: UUID) -> None:
    with app_session(caller.tenant_id) as session:
        screenings.request_cancel(session, screening_id)
        assert canceling.sweep(session, screening_id) > 0


def test_a_cancel_in_the_second_stage_leaves_the_first_stage_s_ranking(tenant: Caller) -> None:
    screening_id = screened(tenant, resumes=6, jobs=2, top=2)
    probabilities = drawn(tenant, screening_id)
    work(tenant, screening_id, probabilities, stage=1)
    canceled(tenant, screening_id)
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 12, "errored": 0, "canceled": 0}
    assert by_pairs(tenant, screening_id) == set()
    assert due(tenant, screening_id) == []


def test_a_cancel_in_the_first_stage_keeps_what_that_has_scored(tenant: Caller) -> None:
    screening_id = screened(tenant, resumes=3, jobs=2, top=2, tokens=40_000)
    probabilities = drawn(tenant, screening_id)
    claim = claimed(tenant, due(tenant, screening_id)[0])
    finish(tenant, claim, said(tenant, claim, probabilities))
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 0
    canceled(tenant, screening_id)
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 2, "errored": 0, "canceled": 4}
    assert by_pairs(tenant, screening_id) == set()
    with app_session(tenant.tenant_id) as session:
        assert session.scalar(select(func.count()).where(Chunk.screening_id == screening_id, Chunk.stage == 2)) == 0


def test_a_resume_that_kills_the_pair_model_stays_as_the_first_stage_ranked_it(tenant: Caller) -> None:
    """Its chunk is broken up as any other, and what stood beside it is ranked."""
    screening_id = screened(tenant, resumes=20, jobs=2, top=15, tokens=1_000)
    probabilities = drawn(tenant, screening_id)
    work(tenant, screening_id, probabilities, stage=1)
    [whole] = due(tenant, screening_id)
    bad = whole.resume_ids[3]
    for _ in range(100):
        if not (waiting := due(tenant, screening_id)):
            break
        with app_session(tenant.tenant_id) as session:
            claim = chunks.claim(session, waiting[0].id, "worker")
        if claim is None:
            continue
        assert sum(held.items for held in claim.chunks) == len(
            {key for key in shortlisted(tenant, screening_id) if key[1] in claim.resume_ids}
        )
        if bad in claim.resume_ids:
            die(tenant, claim)
        else:
            finish(tenant, claim, said(tenant, claim, probabilities))
        check_counts(tenant.tenant_id, screening_id)
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 40, "errored": 0, "canceled": 0}
    assert by_pairs(tenant, screening_id) == {key for key in best(probabilities, 15) if key[1] != bad}
    reasons = {row.reason for row in rows(tenant, screening_id).values() if row.reason}
    assert reasons == {f"Scoring failed {GIVE_UP_AFTER} times: {chunks.LOST}."}


def die(caller: Caller, claim: Claim) -> None:
    """With all of it in hand, and long ago."""
    with app_session(caller.tenant_id) as session:
        chunks.take_in_hand(session, claim, claim.resume_ids)
        ids = [held.id for held in claim.chunks]
        past = func.now() - timedelta(seconds=1)
        session.execute(update(Chunk).where(Chunk.id.in_(ids)).values(lease_until=past))


def test_one_that_the_pair_model_cannot_read_says_why(tenant: Caller) -> None:
    screening_id = screened(tenant, resumes=3, jobs=1, top=2, tokens=1_000)
    probabilities = drawn(tenant, screening_id)
    work(tenant, screening_id, probabilities, stage=1)
    claim = claimed(tenant, due(tenant, screening_id)[0])
    finish(tenant, claim, said(tenant, claim, probabilities, failing=1))
    unread = [row for row in rows(tenant, screening_id).values() if row.reason]
    assert [(row.state, row.reason, row.pair_probability) for row in unread] == [("scored", "too much for it", None)]
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 3


def test_findings_that_miss_a_pair_are_refused(tenant: Caller) -> None:
    screening_id = screened(tenant, resumes=3, jobs=2, top=2, tokens=1_000)
    work(tenant, screening_id, {}, stage=1)
    claim = claimed(tenant, due(tenant, screening_id)[0])
    findings = said(tenant, claim, {})
    with pytest.raises(IncompleteError):
        finish(tenant, claim, replace(findings, scores=findings.scores[1:]))
    assert finish(tenant, claim, findings) == 4
    assert finish(tenant, claim, findings) == 0


def take_over(caller: Caller, screening_id: UUID) -> int:
    taken = 0
    while True:
        with app_session(caller.tenant_id) as session:
            items = reuse.take_over(session, screening_id, PROGRAM)
        if items is None:
            return taken
        taken += items


def told(caller: Caller, screening_id: UUID) -> dict[tuple[UUID, UUID], Sequence[Any]]:
    return {
        key: (row.probability, row.matched, row.pair_probability, row.pair_matched)
        for key, row in rows(caller, screening_id).items()
    }


def test_the_same_again_is_taken_over_in_both_stages(tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "again", [15_000] * 6), add_jobs(tenant.tenant_id, "again", 2)
    first = created(tenant, pool_id, job_ids, rerank={"top": 2})
    probabilities = drawn(tenant, first)
    work(tenant, first, probabilities)
    again = created(tenant, pool_id, job_ids, rerank={"top": 2})
    assert take_over(tenant, again) == 12
    assert check_counts(tenant.tenant_id, again)["scored"] == 12
    assert told(tenant, again) == told(tenant, first)
    assert {row.reused_from for row in rows(tenant, again).values()} == {first}

    more = created(tenant, pool_id, job_ids, rerank={"top": 3})  # two of three are known
    assert take_over(tenant, more) == 12
    assert sum(chunk.items for chunk in due(tenant, more)) == 2
    work(tenant, more, probabilities)
    assert by_pairs(tenant, more) == best(probabilities, 3)

    plain = created(tenant, pool_id, job_ids)
    assert take_over(tenant, plain) == 12
    assert by_pairs(tenant, plain) == set()
    assert {key: row[:2] for key, row in told(tenant, plain).items()} == {
        key: row[:2] for key, row in told(tenant, first).items()
    }


def test_another_pair_model_takes_over_the_first_stage_alone_and_makes_older_ones_stale(
    tenant: Caller, database: Deployment
) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "stale", [15_000] * 4), add_jobs(tenant.tenant_id, "stale", 1)
    plain, old = created(tenant, pool_id, job_ids), created(tenant, pool_id, job_ids, rerank={"top": 2}, reuse=False)
    for id in (plain, old):
        work(tenant, id, {})
    assert stale(tenant, plain, old) == [False, False]
    engine = create_engine(database.environment()["DATABASE_OWNER_URL"])
    newer = {"name": second_stage.PACK, "version": "2"}
    with Session(engine) as session, session.begin():
        session.execute(insert(Pack), {**newer, "manifest": {"files": {}}})
        session.execute(insert(PackRelease), {**newer, "released_by": "test"})
    engine.dispose()
    new = created(tenant, pool_id, job_ids, rerank={"top": 2})
    assert take_over(tenant, new) == 4
    assert sum(chunk.items for chunk in due(tenant, new)) == 2
    work(tenant, new, {})
    assert stale(tenant, plain, old, new) == [False, True, False]
    work(tenant, created(tenant, pool_id, job_ids, reuse=False), {})
    assert stale(tenant, plain, old, new) == [False, True, False]


def stale(caller: Caller, *ids: UUID) -> list[bool]:
    with app_session(caller.tenant_id) as session:
        views = [screenings.find(session, id) for id in ids]
    return [bool(view.replaced) for view in views if view is not None]


def test_what_is_explained_is_the_best_by_the_pair_model(tenant: Caller) -> None:
    screening_id = screened(tenant, resumes=5, jobs=1, top=2, tokens=1_000, explain_top=3)
    [chunk] = due(tenant, screening_id)
    with app_session(tenant.tenant_id) as session:
        view = screenings.find(session, screening_id)
    assert view is not None
    [job] = view.job_ids
    probabilities = {(job, id): place / 10 for place, id in enumerate(chunk.resume_ids)}
    work(tenant, screening_id, probabilities)
    with app_session(tenant.tenant_id) as session:
        asked = select(Passages.resume_id).where(Passages.screening_id == screening_id)
        assert set(session.scalars(asked)) == set(chunk.resume_ids[2:])
