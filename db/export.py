"""Every result of a screening in rank order, each as JSON that Postgres makes: no value becomes an object."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

ROWS = 500
"""Rows of a portion."""

# The screening is named by a constant for each table: Postgres leaves out partitions by that, not by a join.
_RESULTS = """
SELECT row_to_json(line)::text, score.explanation::text
FROM scores score
JOIN screening_jobs job ON job.tenant_id = :tenant_id AND job.screening_id = :id AND job.job_id = score.job_id
LEFT JOIN assessments assessed ON assessed.tenant_id = :tenant_id AND assessed.screening_id = :id
    AND assessed.resume_id = score.resume_id
LEFT JOIN passages ON passages.tenant_id = :tenant_id AND passages.screening_id = :id
    AND passages.job_id = score.job_id AND passages.resume_id = score.resume_id
LEFT JOIN resumes resume ON resume.tenant_id = :tenant_id AND resume.id = score.resume_id
CROSS JOIN LATERAL (
    SELECT score.resume_id, resume.external_id AS resume_external_id, resume.name AS resume_name,
        score.job_id, job.job->>'external_id' AS job_external_id, job.job->>'title' AS job_title,
        score.state, coalesce(score.pair_probability, score.probability) AS probability,
        coalesce(score.pair_matched, score.matched) AS matched,
        CASE WHEN score.pair_probability IS NOT NULL THEN 'pairs' WHEN score.probability IS NOT NULL THEN 'first_stage'
        END AS ranked_by,
        CASE WHEN score.pair_probability IS NOT NULL THEN score.probability END AS first_stage_probability,
        score.job_id = ANY(CAST(:stale AS uuid[])) AS stale,
        assessed.categories, assessed.labels, assessed.flagged, assessed.flags, score.reason, score.reused_from,
        score.windows, score.input_hash, assessed.input_hash AS resume_hash, passages.found AS passages
) line
WHERE score.tenant_id = :tenant_id AND score.screening_id = :id
"""
_IN_ORDER = "ORDER BY score.probability DESC NULLS LAST, score.job_id, score.resume_id"
_ONE_STAGE = (_RESULTS + _IN_ORDER,)
# Two statements, as each is read in the order of an index of its own; rows of an ended screening move no more.
_TWO_STAGES = (
    _RESULTS
    + "AND score.pair_probability IS NOT NULL ORDER BY score.pair_probability DESC, score.job_id, score.resume_id",
    _RESULTS + "AND score.pair_probability IS NULL " + _IN_ORDER,
)


def results(
    session: Session, screening_id: UUID, stale: Collection[UUID], *, two_stages: bool = False
) -> Iterator[Sequence[tuple[str, str | None]]]:
    """In portions: of each result a JSON object of all that is stored but its explanation, and the latter as packed.

    `stale` jobs are marked so; of a screening in `two_stages` what the pair model ranked comes first. Read through a
    server-side cursor, so that memory stays flat.
    """
    # Postgres takes a screening for a hundredth of what it is, and would rather sort the whole before the first row.
    session.execute(text("SET LOCAL cursor_tuple_fraction = 0.0001"))
    told = {"tenant_id": session.info["tenant"], "id": screening_id, "stale": list(stale)}
    for statement in _TWO_STAGES if two_stages else _ONE_STAGE:
        result = session.execute(text(statement), told, execution_options={"yield_per": ROWS})
        for rows in result.partitions(ROWS):  # the result of a text() does not learn of `yield_per`
            yield [tuple(row) for row in rows]
