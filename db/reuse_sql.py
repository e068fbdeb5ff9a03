"""The statements of db.reuse. Screenings are named by constants, as Postgres leaves out partitions by these alone."""

SOURCES = """
UPDATE screenings mine SET sources = ARRAY(
    SELECT old.id
    FROM (
        (
            SELECT * FROM screenings
            WHERE tenant_id = :tenant_id AND pool_id = mine.pool_id AND id < mine.id ORDER BY id DESC LIMIT :back
        )
        UNION
        (SELECT * FROM screenings WHERE tenant_id = :tenant_id AND id < mine.id ORDER BY id DESC LIMIT :back)
    ) old
    WHERE old.packs - 'pairs' = mine.packs - 'pairs' AND old.format = mine.format AND old.scored > 0
        AND (old.state = 'ended' OR NOT jsonb_exists(old.packs, 'pairs')) -- before, shortlists are not among its scores
        AND old.options->>'threshold' IS NOT DISTINCT FROM mine.options->>'threshold'
        AND date_part('year', uuid_extract_timestamp(old.id) AT TIME ZONE 'UTC')
            = date_part('year', uuid_extract_timestamp(mine.id) AT TIME ZONE 'UTC')
        AND NOT EXISTS (
            SELECT FROM screening_jobs wanted
            WHERE wanted.tenant_id = :tenant_id AND wanted.screening_id = mine.id
                AND NOT EXISTS (
                    SELECT FROM screening_jobs had
                    WHERE had.tenant_id = :tenant_id AND had.screening_id = old.id
                        AND had.job - 'external_id' = wanted.job - 'external_id'
                )
        )
    ORDER BY old.pool_id = mine.pool_id DESC, old.id DESC LIMIT :most
)
WHERE mine.tenant_id = :tenant_id AND mine.id = :id
"""

# By hash first: however many resumes are alike, each text is looked for once.
KNOWN = """
WITH wanted AS (
    SELECT chunks.id AS chunk_id, resumes.id AS resume_id, resumes.content_hash
    FROM chunks
    CROSS JOIN LATERAL unnest(chunks.resume_ids) AS member (id)
    JOIN resumes ON resumes.tenant_id = :tenant_id AND resumes.id = member.id
    WHERE chunks.tenant_id = :tenant_id AND chunks.id = ANY(CAST(:chunks AS uuid[]))
), known AS (
    SELECT texts.content_hash, found.source, found.same_id
    FROM (SELECT DISTINCT content_hash FROM wanted) texts
    CROSS JOIN LATERAL (
        SELECT assessments.screening_id AS source, alike.id AS same_id
        FROM resumes alike
        JOIN assessments ON assessments.tenant_id = :tenant_id AND assessments.resume_id = alike.id
            AND assessments.screening_id = ANY(CAST(:sources AS uuid[]))
        WHERE alike.tenant_id = :tenant_id AND alike.content_hash = texts.content_hash
            AND assessments.program = :program
        LIMIT 1
    ) found
)
SELECT chunk_id, resume_id, source, same_id FROM wanted JOIN known USING (content_hash)
"""

_SCORES = """
WITH pairs AS (
    SELECT DISTINCT ON (wanted.job_id) wanted.job_id, had.job_id AS same_id
    FROM screening_jobs wanted
    JOIN screening_jobs had ON had.tenant_id = :tenant_id AND had.screening_id = :source
        AND had.job - 'external_id' = wanted.job - 'external_id'
    WHERE wanted.tenant_id = :tenant_id AND wanted.screening_id = :id
    ORDER BY wanted.job_id, had.job_id
)
INSERT INTO {table} (
    tenant_id, screening_id, job_id, resume_id, probability, matched, windows, input_hash, explanation, reused_from,
    {more}
)
SELECT :tenant_id, :id, pairs.job_id, known.resume_id, before.probability, before.matched, before.windows,
    before.input_hash, before.explanation, coalesce(before.reused_from, :source), {values}
FROM unnest(CAST(:resumes AS uuid[]), CAST(:same AS uuid[])) AS known (resume_id, same_id)
CROSS JOIN pairs
CROSS JOIN LATERAL (
    SELECT * FROM scores
    WHERE tenant_id = :tenant_id AND screening_id = :source AND job_id = pairs.same_id AND resume_id = known.same_id
        AND state = 'scored'
    OFFSET 0 -- a look-up by key for each, whatever Postgres believes of a table that was just written
) before
RETURNING 1
"""
SCORES = _SCORES.format(table="scores", more="state", values="'scored'")

# The pair model's word is known where it was the same pair model.
_SAME = """(
    SELECT old.packs->'pairs' = mine.packs->'pairs' FROM screenings old, screenings mine
    WHERE old.tenant_id = :tenant_id AND old.id = :source AND mine.tenant_id = :tenant_id AND mine.id = :id
)"""
SHORTLISTS = _SCORES.format(
    table="shortlist",
    more="pair_probability, pair_matched",
    values=f"CASE WHEN {_SAME} THEN before.pair_probability END, CASE WHEN {_SAME} THEN before.pair_matched END",
)

ASSESSMENTS = """
INSERT INTO assessments (
    tenant_id, screening_id, resume_id, categories, labels, flags, flagged, input_hash, program
)
SELECT :tenant_id, :id, known.resume_id, before.categories, before.labels, before.flags, before.flagged,
    before.input_hash, before.program
FROM unnest(CAST(:resumes AS uuid[]), CAST(:same AS uuid[])) AS known (resume_id, same_id)
CROSS JOIN LATERAL (
    SELECT * FROM assessments
    WHERE tenant_id = :tenant_id AND screening_id = :source AND resume_id = known.same_id
    OFFSET 0
) before
RETURNING resume_id, flagged
"""
