"""Passages that moved scores: asked for as a screening ends, claimed under a lease, or found on request and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.counted import LEASES_EXPIRED, WAS_LEASED, count
from db.tables import Passages, Resume, Score, Screening, ScreeningJob

LEASE = timedelta(seconds=120)
"""Longer than from one batch of a search to the next, or from one of whoever has the device: at each it is renewed."""
MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Item:
    """A pair of a screening, and all that its score is made from; `state` once it has ended, `found` once searched."""

    screening_id: UUID
    job_id: UUID
    resume_id: UUID
    state: str | None
    job: Mapping[str, Any]
    text: str
    fields: Mapping[str, str]
    packs: Mapping[str, str]
    format: str
    found: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker must be able to do before it may claim an item."""

    packs: Mapping[str, str]
    format: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An item in hand; `attempt` tells this lease from any other."""

    id: UUID
    attempt: int
    item: Item


_ASK_TOP = text(
    """
    INSERT INTO passages (tenant_id, screening_id, job_id, resume_id)
    SELECT s.tenant_id, s.id, j.job_id, best.resume_id
    FROM screenings s
    JOIN screening_jobs j ON j.tenant_id = s.tenant_id AND j.screening_id = s.id
    CROSS JOIN LATERAL (
        SELECT resume_id FROM (
            (
                SELECT resume_id, 1 AS place, pair_probability AS probability FROM scores
                WHERE tenant_id = :tenant_id AND screening_id = :id AND job_id = j.job_id
                    AND pair_probability IS NOT NULL
            )
            UNION ALL
            (
                SELECT resume_id, 2, probability FROM scores
                WHERE tenant_id = :tenant_id AND screening_id = :id AND job_id = j.job_id
                    AND probability IS NOT NULL AND pair_probability IS NULL
                ORDER BY probability DESC NULLS LAST, resume_id LIMIT (s.options->>'explain_top')::int
            )
        ) ranked
        ORDER BY place, probability DESC, resume_id LIMIT (s.options->>'explain_top')::int
    ) best
    WHERE s.tenant_id = :tenant_id AND s.id = :id AND (s.options->>'explain_top')::int > 0
    ON CONFLICT DO NOTHING
    """
)


def ask_top(session: Session, screening_id: UUID) -> None:
    """Ask for the passages of each job's best resumes, as many as the screening's `explain_top` says."""
    session.execute(_ASK_TOP, {"tenant_id": session.info["tenant"], "id": screening_id})


def find(session: Session, screening_id: UUID, job_id: UUID, resume_id: UUID) -> Item | None:
    """The item, or None when its resume is gone or the screening has no such pair, which is known once it has ended."""
    of_item = [
        and_(
            table.tenant_id == Screening.tenant_id,
            table.screening_id == screening_id,  # a constant: Postgres leaves out partitions by it
            table.job_id == job_id,
            table.resume_id == resume_id,
        )
        for table in (Score, Passages)
    ]
    query = (
        select(Score.state, ScreeningJob.job, Resume.text, Resume.fields, Screening.packs, Screening.format)
        .add_columns(Passages.found)
        .select_from(Screening)
        .join(ScreeningJob, and_(ScreeningJob.screening_id == Screening.id, ScreeningJob.job_id == job_id))
        .join(Resume, and_(Resume.pool_id == Screening.pool_id, Resume.id == resume_id))
        .outerjoin(Score, of_item[0])
        .outerjoin(Passages, of_item[1])
        .where(Screening.id == screening_id, or_(Score.state.is_not(None), Screening.state != "ended"))
    )
    row = session.execute(query).one_or_none()
    return Item(screening_id, job_id, resume_id, *row) if row else None


def keep(session: Session, item: Item, found: Mapping[str, Any]) -> None:
    """Keep what was found on request; whoever works on the same item meanwhile changes nothing any more."""
    key = {"screening_id": item.screening_id, "job_id": item.job_id, "resume_id": item.resume_id}
    done = {"state": "done", "found": dict(found), "lease_until": None, "finished_at": func.now()}
    statement = insert(Passages).values(tenant_id=session.info["tenant"], **key, **done)
    names = ("tenant_id", *key)
    session.execute(statement.on_conflict_do_update(index_elements=names, set_=done, where=Passages.state != "done"))


def terms(session: Session, id: UUID) -> Terms | None:
    """The terms of an item that can be claimed now; None when there is nothing to take."""
    of_its = and_(Screening.tenant_id == Passages.tenant_id, Screening.id == Passages.screening_id)
    query = select(Screening.packs, Screening.format).join(Passages, of_its).where(Passages.id == id, _free())
    row = session.execute(query).one_or_none()
    return Terms(row.packs, row.format) if row else None


def claim(session: Session, id: UUID) -> Claim | None:
    """Take an item that is due or whose lease ran out; None when there is nothing to take, or it failed too often."""
    given_up = update(Passages).where(Passages.id == id, _free(), Passages.attempt >= MOST_ATTEMPTS)
    session.execute(given_up.values(state="failed", lease_until=None, finished_at=func.now()))
    taken = (
        update(Passages)
        .where(Passages.id == id, _free())
        .values(state="leased", attempt=Passages.attempt + 1, lease_until=func.now() + LEASE)
        .returning(Passages.attempt, Passages.screening_id, Passages.job_id, Passages.resume_id, WAS_LEASED)
    )
    row = session.execute(taken).one_or_none()
    if row is None:
        return None
    count(session, LEASES_EXPIRED.labels("passages"), int(row.was_leased))
    item = find(session, row.screening_id, row.job_id, row.resume_id)
    return Claim(id, row.attempt, item) if item else None


def renew(session: Session, claim: Claim) -> bool:
    """Extend the lease; False when the item was taken over, or somebody found its passages meanwhile."""
    renewed = update(Passages).where(*_held(claim)).values(lease_until=func.now() + LEASE)
    return session.scalar(renewed.returning(Passages.id)) is not None


def finish(session: Session, claim: Claim, found: Mapping[str, Any]) -> bool:
    """Keep what was found; False when the item was taken over meanwhile."""
    done = update(Passages).where(*_held(claim))
    done = done.values(state="done", found=dict(found), lease_until=None, finished_at=func.now())
    return session.scalar(done.returning(Passages.id)) is not None


def fail(session: Session, claim: Claim) -> None:
    """The search broke: try again in a while, or give up."""
    again = update(Passages).where(*_held(claim), Passages.attempt < MOST_ATTEMPTS)
    session.execute(again.values(state="due", due_at=func.now() + LEASE, lease_until=None))
    over = update(Passages).where(*_held(claim))
    session.execute(over.values(state="failed", lease_until=None, finished_at=func.now()))


def release(session: Session, claim: Claim) -> None:
    """Give the item back untried, to be taken by anyone at once."""
    back = update(Passages).where(*_held(claim))
    session.execute(back.values(state="due", attempt=Passages.attempt - 1, due_at=func.now(), lease_until=None))


def _free() -> ColumnElement[bool]:
    return or_(Passages.state == "due", and_(Passages.state == "leased", Passages.lease_until <= func.now()))


def _held(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return Passages.id == claim.id, Passages.state == "leased", Passages.attempt == claim.attempt
