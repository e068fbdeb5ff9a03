"""Results of a screening: an item a row, ranked by probability; pages by key. The whole in one stream is db.export's.

Items that were not scored follow the scored ones. A row never changes once written, so pages hold still while others
are added, and an ended screening reads the same for ever; only passages may come later.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from struct import pack, unpack
from typing import Any
from uuid import UUID

from sqlalchemy import REAL, ColumnElement, Select, and_, cast, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from db.tables import Assessment, Passages, Resume, Score, ScreeningJob


@dataclass(frozen=True, slots=True)
class Result:
    """The end of one item, with what is known of its resume and job; categories map a label to its probability."""

    resume_id: UUID
    resume_external_id: str | None
    resume_name: str | None
    job_id: UUID
    job_external_id: str
    job_title: str
    state: str
    probability: float | None
    matched: bool | None
    windows: int | None
    input_hash: str | None
    reason: str | None
    reused_from: UUID | None
    explanation: Mapping[str, Any] | None
    resume_hash: str | None
    passages: Mapping[str, Any] | None
    categories: Mapping[str, float] | None
    labels: Sequence[str] | None
    flags: Sequence[Mapping[str, Any]] | None
    flagged: bool | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Only results that meet all that is set; `category` is a label that the resume was assigned."""

    job_id: UUID | None = None
    min_score: float | None = None
    category: str | None = None
    flagged: bool | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the sort key of its last row. `probability` is None among the items that were not scored."""

    probability: float | None
    job_id: UUID
    resume_id: UUID


def page(session: Session, screening_id: UUID, filters: Filters, after: Place | None, limit: int) -> list[Result]:
    """The next results in rank order; fewer than `limit` at the end."""
    query = _ranked(screening_id).where(*_conditions(filters, screening_id))
    found: list[Result] = []
    if filters.state in (None, "scored") and (after is None or after.probability is not None):
        scored = query.where(Score.probability.is_not(None), *_lower(after)).limit(limit)
        found = [Result(*row) for row in session.execute(_detailed(scored, screening_id))]
        after = None
    if len(found) < limit and filters.state != "scored" and filters.min_score is None:
        # A query of its own: a condition over both would keep Postgres from starting the index scan at the key.
        unscored = query.where(Score.probability.is_(None), *_later(after)).limit(limit - len(found))
        if filters.state is not None:  # by the index of these alone, which does not hold the probability
            unscored = unscored.order_by(None).order_by(Score.job_id, Score.resume_id)
        found += [Result(*row) for row in session.execute(_detailed(unscored, screening_id))]
    return found


def find(session: Session, screening_id: UUID, job_id: UUID, resume_id: UUID) -> Result | None:
    """One result, or None when there is no such pair, or it has not ended."""
    item = _ranked(screening_id).where(Score.job_id == job_id, Score.resume_id == resume_id)
    row = session.execute(_detailed(item, screening_id)).one_or_none()
    return Result(*row) if row else None


def _ranked(screening_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(*Score.__table__.columns)
        .where(Score.screening_id == screening_id)
        .order_by(Score.probability.desc().nulls_last(), Score.job_id, Score.resume_id)
    )


def _detailed(ranked: Select[*tuple[Any, ...]], screening_id: UUID) -> Select[*tuple[Any, ...]]:
    """The same rows with what is known of resume and job, which is looked up for these rows alone.

    The screening is named once more for each table: Postgres leaves out partitions by a constant, not by a join.
    """
    score = ranked.subquery()
    job = ScreeningJob.job
    of_screening = [
        and_(table.tenant_id == score.c.tenant_id, table.screening_id == screening_id)
        for table in (ScreeningJob, Assessment, Passages)
    ]
    of_item = and_(of_screening[2], Passages.job_id == score.c.job_id, Passages.resume_id == score.c.resume_id)
    return (
        select(
            score.c.resume_id,
            Resume.external_id,
            Resume.name,
            score.c.job_id,
            job["external_id"].astext,
            job["title"].astext,
            score.c.state,
            score.c.probability,
            score.c.matched,
            score.c.windows,
            score.c.input_hash,
            score.c.reason,
            score.c.reused_from,
            score.c.explanation,
            Assessment.input_hash,
            Passages.found,
            Assessment.categories,
            Assessment.labels,
            Assessment.flags,
            Assessment.flagged,
        )
        .join(ScreeningJob, and_(of_screening[0], ScreeningJob.job_id == score.c.job_id))
        .outerjoin(Assessment, and_(of_screening[1], Assessment.resume_id == score.c.resume_id))
        .outerjoin(Passages, of_item)
        .outerjoin(Resume, and_(Resume.tenant_id == score.c.tenant_id, Resume.id == score.c.resume_id))
        .order_by(score.c.probability.desc().nulls_last(), score.c.job_id, score.c.resume_id)
    )


def _conditions(filters: Filters, screening_id: UUID) -> Iterator[ColumnElement[bool]]:
    if filters.job_id is not None:
        yield Score.job_id == filters.job_id
    if filters.min_score is not None:
        yield Score.probability >= _real(filters.min_score)
    if filters.category is not None:
        yield _assessed(screening_id).where(Assessment.labels.contains([filters.category])).exists()
    if filters.flagged is not None:
        yield _assessed(screening_id).where(Assessment.flagged == filters.flagged).exists()
    if filters.state is not None:
        yield Score.state == filters.state


def _assessed(screening_id: UUID) -> Select[UUID]:
    """The assessment of a score's resume."""
    same = and_(Assessment.tenant_id == Score.tenant_id, Assessment.resume_id == Score.resume_id)
    return select(Assessment.resume_id).where(same, Assessment.screening_id == screening_id)


def _lower(after: Place | None) -> Iterator[ColumnElement[bool]]:
    """Scored rows after this place: of lower probability, or equal and later in key order."""
    if after is None or after.probability is None:
        return
    probability = _real(after.probability)
    yield Score.probability <= probability
    yield or_(Score.probability < probability, *_later(after))


def _real(probability: float) -> ColumnElement[float]:
    """In the column's own precision: Postgres refuses a number too small for it instead of taking it for 0."""
    return cast(unpack("f", pack("f", probability))[0], REAL)


def _later(after: Place | None) -> Iterator[ColumnElement[bool]]:
    if after is not None:
        yield tuple_(Score.job_id, Score.resume_id) > tuple_(literal(after.job_id), literal(after.resume_id))
