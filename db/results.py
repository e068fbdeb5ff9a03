"""Results of a screening: an item a row, ranked by probability; pages by key. The whole in one stream is db.export's.

Probabilities of two models do not compare: what the pair model ranked precedes what only the first stage did, in each
its own order. Items that were not scored follow the scored ones. A row never changes once written, so pages hold still
while others are added, and an ended screening reads the same for ever; only passages may come later.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from struct import pack, unpack
from typing import Any
from uuid import UUID

from sqlalchemy import REAL, ColumnElement, Select, and_, case, cast, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from db.tables import Assessment, Passages, Resume, Score, ScreeningJob

PAIRS, FIRST_STAGE = "pairs", "first_stage"
FEW = 100
"""So many resumes that meet a condition are named by their ids."""


@dataclass(frozen=True, slots=True)
class Result:
    """The end of one item, with what is known of its resume and job; categories map a label to its probability.

    `probability` and `matched` are of the model that it was `ranked_by`; where that was the pair model,
    `first_stage_probability` is the other's.
    """

    resume_id: UUID
    resume_external_id: str | None
    resume_name: str | None
    job_id: UUID
    job_external_id: str
    job_title: str
    state: str
    probability: float | None
    matched: bool | None
    ranked_by: str | None
    first_stage_probability: float | None
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
    ranked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the sort key of its last row. `probability` is None among the items that were not scored."""

    probability: float | None
    job_id: UUID
    resume_id: UUID
    by_pairs: bool = False

    @property
    def ranked_by(self) -> str | None:
        """By whom the rows of this part of the ranking were ranked."""
        return None if self.probability is None else PAIRS if self.by_pairs else FIRST_STAGE


def page(
    session: Session, screening_id: UUID, filters: Filters, after: Place | None, limit: int, *, two_stages: bool = False
) -> list[Result]:
    """The next results in rank order; fewer than `limit` at the end. `two_stages`: whether the pair model ranks any."""
    found: list[Result] = []
    conditions = list(_conditions(session, filters, screening_id))
    for ranked_by in _parts(filters, after, two_stages):
        if len(found) < limit:
            # A query each: a condition over two parts would keep Postgres from starting the index scan at the key.
            part = _part(screening_id, ranked_by, filters, two_stages).where(*conditions).limit(limit - len(found))
            if after is not None and after.ranked_by == ranked_by:
                part = part.where(*_lower(after))
            found += [Result(*row) for row in session.execute(_detailed(part, screening_id, ranked_by))]
    return found


def find(session: Session, screening_id: UUID, job_id: UUID, resume_id: UUID) -> Result | None:
    """One result, or None when there is no such pair, or it has not ended."""
    item = select(*Score.__table__.columns).where(Score.screening_id == screening_id)
    item = item.where(Score.job_id == job_id, Score.resume_id == resume_id)
    row = session.execute(_detailed(item, screening_id, FIRST_STAGE)).one_or_none()
    return Result(*row) if row else None


def _parts(filters: Filters, after: Place | None, two_stages: bool) -> Iterator[str | None]:
    """The parts of the ranking that may hold rows, from that of the place on; None are the items not scored."""
    parts = (PAIRS, FIRST_STAGE, None) if two_stages else (FIRST_STAGE, None)
    for part in parts[parts.index(after.ranked_by) if after is not None and after.ranked_by in parts else 0 :]:
        scored = part is not None and filters.state in (None, "scored") and filters.ranked_by in (None, part)
        unscored = part is None and filters.state != "scored" and (filters.min_score, filters.ranked_by) == (None, None)
        if scored or unscored:
            yield part


def _part(screening_id: UUID, ranked_by: str | None, filters: Filters, two_stages: bool) -> Select[*tuple[Any, ...]]:
    """Rows of one part in its own order, which an index has."""
    ranked = Score.pair_probability if ranked_by == PAIRS else Score.probability
    rows = select(*Score.__table__.columns).where(Score.screening_id == screening_id)
    rows = rows.where(ranked.is_not(None) if ranked_by else ranked.is_(None))
    if ranked_by == FIRST_STAGE and two_stages:
        rows = rows.where(Score.pair_probability.is_(None))
    if filters.min_score is not None:
        rows = rows.where(ranked >= _real(filters.min_score))
    order = _order(ranked_by, Score)
    if ranked_by is None and filters.state is not None:
        order = order[1:]  # by the index of these alone, which does not hold the probability
    return rows.order_by(*order)


def _order(ranked_by: str | None, row: Any) -> tuple[ColumnElement[Any], ...]:
    """As the indexes are ordered, each in its own way."""
    first = row.pair_probability.desc() if ranked_by == PAIRS else row.probability.desc().nulls_last()
    return first, row.job_id, row.resume_id


def _detailed(ranked: Select[*tuple[Any, ...]], screening_id: UUID, ranked_by: str | None) -> Select[*tuple[Any, ...]]:
    """The same rows with what is known of resume and job, which is looked up for these rows alone.

    The screening is named once more for each table: Postgres leaves out partitions by a constant, not by a join.
    """
    score = ranked.subquery()
    job, by_pairs = ScreeningJob.job, score.c.pair_probability.is_not(None)
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
            func.coalesce(score.c.pair_probability, score.c.probability),
            func.coalesce(score.c.pair_matched, score.c.matched),
            case((by_pairs, PAIRS), (score.c.probability.is_not(None), FIRST_STAGE)),
            case((by_pairs, score.c.probability)),
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
        .order_by(*_order(ranked_by, score.c))
    )


def _conditions(session: Session, filters: Filters, screening_id: UUID) -> Iterator[ColumnElement[bool]]:
    if filters.job_id is not None:
        yield Score.job_id == filters.job_id
    assessed = []
    if filters.category is not None:
        assessed.append(Assessment.labels.contains([filters.category]))
    if filters.flagged is not None:
        assessed.append(Assessment.flagged == filters.flagged)
    if assessed:
        yield _of_resumes(session, screening_id, and_(*assessed))
    if filters.state is not None:
        yield Score.state == filters.state


def _of_resumes(session: Session, screening_id: UUID, wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a score is of a resume whose assessment is as wanted.

    Scores of few resumes are found by key. With many, scores are read in rank order and the resume of each is looked
    up: by a scalar, as EXISTS is made a join, in an order that follows from how many such resumes Postgres guesses
    there are, and it guesses worse with every screening that a partition holds.
    """
    assessed = select(Assessment.resume_id).where(Assessment.screening_id == screening_id)
    few = session.scalars(assessed.where(wanted).limit(FEW + 1)).all()
    if len(few) <= FEW:
        return Score.resume_id.in_(few)
    same = and_(Assessment.tenant_id == Score.tenant_id, Assessment.resume_id == Score.resume_id)
    return assessed.with_only_columns(wanted).where(same).correlate(Score).scalar_subquery()


def _lower(after: Place) -> Iterator[ColumnElement[bool]]:
    """Rows of the same part after this place: of lower probability, or equal and later in key order."""
    later = tuple_(Score.job_id, Score.resume_id) > tuple_(literal(after.job_id), literal(after.resume_id))
    if after.probability is None:
        yield later
        return
    ranked, probability = Score.pair_probability if after.by_pairs else Score.probability, _real(after.probability)
    yield ranked <= probability
    yield or_(ranked < probability, later)


def _real(probability: float) -> ColumnElement[float]:
    """In the column's own precision: Postgres refuses a number too small for it instead of taking it for 0."""
    return cast(unpack("f", pack("f", probability))[0], REAL)
