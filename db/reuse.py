"""Earlier scores taken over: of the same text with the same job, packs, format and threshold, so no model reads it.

A screening is told at its creation which earlier ones of its tenant it may take from. Before a worker computes any of
it, it looks the chunks through, some in a transaction that copies what is known, ends those chunks and counts. So
nothing is leased, and a worker that dies has changed nothing. What is not known stays due, in a chunk of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from db import events, screenings, shortlist
from db.reuse_sql import ASSESSMENTS, KNOWN, SCORES, SHORTLISTS, SOURCES
from db.tables import Chunk, Screening

MOST_SOURCES = 4
LOOKED_BACK = 100
"""So many of the newest screenings of the pool, and of the tenant, may be taken from."""
MOST_ITEMS = 20_000
"""Items that are copied in one transaction, but for a chunk that is larger by itself."""
MOST_CHUNKS = 64


class GoneError(Exception):
    """Scores that were found are not there any more."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A chunk that this transaction has locked."""

    id: UUID
    seq: int
    resume_ids: list[UUID]
    items: int
    tokens: int


@dataclass(frozen=True, slots=True)
class _Known:
    """A resume of a chunk that was scored before: where, and there as which resume."""

    chunk_id: UUID
    resume_id: UUID
    source: UUID
    same_id: UUID


def allow(session: Session, screening_id: UUID) -> None:
    """Note which screenings a new one may take scores from; its jobs must be frozen.

    Those are of the same year, as explanations count what lasts until today.
    """
    session.execute(text(SOURCES), {**_key(session, screening_id), "most": MOST_SOURCES, "back": LOOKED_BACK})


def forbid(session: Session, screening_id: UUID) -> None:
    """Let all that is left of it be computed."""
    session.execute(update(Screening).where(Screening.id == screening_id).values(sources=[]))


def take_over(session: Session, screening_id: UUID, program: str) -> int | None:
    """Look through some chunks; returns the items taken over, or None when no chunk is left to look through.

    `program` (`scoring.program`) must have read the texts then as now. Raises GoneError.
    """
    sought = _lock(session, screening_id)
    if not sought:
        return None
    session.execute(update(Chunk).where(Chunk.id.in_([chunk.id for chunk in sought])).values(sought=True))
    known = _known(session, screening_id, [chunk.id for chunk in sought], program)
    if not known:
        return 0
    jobs = sum(chunk.items for chunk in sought) // sum(len(chunk.resume_ids) for chunk in sought)
    top = session.scalar(select(screenings.TOP).where(Screening.id == screening_id))
    if top is not None:
        shortlist.hold(session, screening_id)
    for source in {one.source for one in known}:
        some = [one for one in known if one.source == source]
        _copy(session, SCORES if top is None else SHORTLISTS, screening_id, source, some, jobs)
    for chunk in sought:
        _end(session, screening_id, chunk, {one.resume_id for one in known if one.chunk_id == chunk.id})
    screenings.begin(session, screening_id, tokens=0)
    ended = len(known) * jobs if top is None else shortlist.trim(session, screening_id, top)
    screenings.settle(session, screening_id, scored=ended)
    return len(known) * jobs


def _lock(session: Session, screening_id: UUID) -> list[_Chunk]:
    """The next chunks that nobody has looked through, nor works on; they stay locked."""
    due = (Chunk.state == "due", Chunk.sought.is_(False), Chunk.failures == 0)
    runs = select(Screening.id).where(Screening.id == screening_id, Screening.state == "in_progress").exists()
    query = select(Chunk.id, Chunk.seq, Chunk.resume_ids, Chunk.items, Chunk.tokens)
    query = query.where(Chunk.screening_id == screening_id, *due, runs).order_by(Chunk.seq).limit(MOST_CHUNKS)
    sought: list[_Chunk] = []
    for row in session.execute(query.with_for_update(skip_locked=True)):
        chunk = _Chunk(*row)
        if sought and sum(one.items for one in sought) + chunk.items > MOST_ITEMS:
            break
        sought.append(chunk)
    return sought


def _known(session: Session, screening_id: UUID, chunk_ids: Sequence[UUID], program: str) -> list[_Known]:
    sources = session.scalar(select(Screening.sources).where(Screening.id == screening_id))
    told = {"tenant_id": session.info["tenant"], "chunks": list(chunk_ids), "sources": sources, "program": program}
    return [_Known(*row) for row in session.execute(text(KNOWN), told)]


def _copy(
    session: Session, statement: str, screening_id: UUID, source: UUID, known: Sequence[_Known], jobs: int
) -> None:
    """Copy what is known by this statement, which says where to. Raises GoneError."""
    resumes = {"resumes": [one.resume_id for one in known], "same": [one.same_id for one in known]}
    told = {**_key(session, screening_id), "source": source, **resumes}
    copied = len(session.execute(text(statement), told).all())
    assessed = session.execute(text(ASSESSMENTS), told).all()
    if (copied, len(assessed)) != (len(known) * jobs, len(known)):
        raise GoneError(f"{copied} scores and {len(assessed)} assessments of {len(known)} resumes with {jobs} jobs")
    events.record_flagged(session, screening_id, [row.resume_id for row in assessed if row.flagged])


def _end(session: Session, screening_id: UUID, chunk: _Chunk, known: set[UUID]) -> None:
    """What is known of the chunk is done; the rest is due as before, in what is left of it."""
    if not known:
        return
    done = {"state": "done", "finished_at": text("now()")}
    mine = update(Chunk).where(Chunk.id == chunk.id)
    rest = [id for id in chunk.resume_ids if id not in known]
    if not rest:
        session.execute(mine.values(**done))
        return
    session.execute(mine.values(**_share(chunk, rest)))
    ended = _share(chunk, [id for id in chunk.resume_ids if id in known])
    key = {"tenant_id": session.info["tenant"], "screening_id": screening_id, "seq": chunk.seq, "sought": True}
    session.execute(insert(Chunk).values(**key, **ended, **done))


def _share(chunk: _Chunk, resume_ids: list[UUID]) -> dict[str, Any]:
    """These resumes of the chunk, with their share of its items and tokens."""
    whole, part = len(chunk.resume_ids), len(resume_ids)
    return {"resume_ids": resume_ids, "items": chunk.items // whole * part, "tokens": chunk.tokens * part // whole}


def _key(session: Session, screening_id: UUID) -> dict[str, Any]:
    return {"tenant_id": session.info["tenant"], "id": screening_id}
