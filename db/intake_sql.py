"""The statements of db.intake. Each `incoming_` table holds one batch."""

TEMPORARY_TABLES = """
CREATE TEMPORARY TABLE incoming_resumes (
    id uuid DEFAULT uuidv7(), number integer, source text, external_id text, name text,
    text text STORAGE EXTERNAL, -- compressed once, where it stays
    fields jsonb, content_hash text, tokens integer
) ON COMMIT DROP;
CREATE TEMPORARY TABLE incoming_jobs (
    number integer, source text, external_id text, title text, description text, education text, experience text,
    skills text, weights jsonb, must_haves jsonb, content_hash text, tokens integer, repeats boolean
) ON COMMIT DROP;
CREATE TEMPORARY TABLE incoming_rejects (
    number integer, kind text, source text, external_id text, code text, reason text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE incoming_documents (
    number integer, kind text, filename text, content bytea STORAGE EXTERNAL
) ON COMMIT DROP
"""

# Sorted, so that two uploads of the same rows wait for each other instead of locking each other out.
RESUMES_KEPT = """
WITH kept AS (
    INSERT INTO resumes (tenant_id, pool_id, id, external_id, name, text, fields, content_hash, tokens)
    SELECT :tenant, :pool, id, external_id, name, text, fields, content_hash, tokens FROM incoming_resumes
    ORDER BY external_id, number
    ON CONFLICT (tenant_id, pool_id, external_id) DO NOTHING
    RETURNING id
)
INSERT INTO upload_rows (tenant_id, upload_id, number, kind, source, external_id, outcome, target_id)
SELECT :tenant, :upload, new.number, 'resume', new.source, new.external_id, 'accepted', new.id
FROM incoming_resumes new JOIN kept ON kept.id = new.id
RETURNING outcome
"""

# What gave way to a resume that the pool held or holds now. A statement of its own: its snapshot also sees the rows of
# other transactions. None is erased in between, as the upload's foreign key holds the pool. OFFSET keeps the look-up
# one by the index for each row; the planner, who knows nothing of a pool that is being filled, would read the whole
# pool for every batch.
RESUMES_KNOWN = """
INSERT INTO upload_rows (tenant_id, upload_id, number, kind, source, external_id, outcome, code, reason, target_id)
SELECT :tenant, :upload, new.number, 'resume', new.source, new.external_id,
    CASE WHEN same THEN 'duplicate' ELSE 'rejected' END,
    CASE WHEN NOT same THEN :conflict END,
    CASE WHEN NOT same THEN :reason END,
    CASE WHEN same THEN known.id END
FROM incoming_resumes new
CROSS JOIN LATERAL (
    SELECT id, content_hash = new.content_hash AS same FROM resumes
    WHERE tenant_id = :tenant AND pool_id = :pool AND external_id = new.external_id
    OFFSET 0
) known
WHERE known.id <> new.id
RETURNING outcome
"""

JOBS_KEPT = """
WITH kept AS (
    INSERT INTO jobs (
        tenant_id, external_id, title, description, education, experience, skills, weights, must_haves, content_hash,
        tokens
    )
    SELECT :tenant, external_id, title, description, education, experience, skills, weights, must_haves, content_hash,
        tokens
    FROM incoming_jobs WHERE NOT repeats ORDER BY external_id
    ON CONFLICT (tenant_id, external_id) DO UPDATE SET
        title = excluded.title, description = excluded.description, education = excluded.education,
        experience = excluded.experience, skills = excluded.skills, content_hash = excluded.content_hash,
        weights = excluded.weights, must_haves = excluded.must_haves, tokens = excluded.tokens, updated_at = now()
    WHERE jobs.content_hash <> excluded.content_hash
    RETURNING id, external_id
)
INSERT INTO upload_rows (tenant_id, upload_id, number, kind, source, external_id, outcome, target_id)
SELECT :tenant, :upload, new.number, 'job', new.source, new.external_id,
    CASE WHEN kept.id IS NULL OR new.repeats THEN 'duplicate' ELSE 'accepted' END,
    coalesce(kept.id, known.id)
FROM incoming_jobs new
LEFT JOIN kept ON kept.external_id = new.external_id
LEFT JOIN LATERAL (
    SELECT id FROM jobs WHERE tenant_id = :tenant AND external_id = new.external_id OFFSET 0
) known ON true
RETURNING outcome
"""

REJECTIONS = """
INSERT INTO upload_rows (tenant_id, upload_id, number, kind, source, external_id, outcome, code, reason)
SELECT :tenant, :upload, number, kind, source, external_id, 'rejected', code, reason FROM incoming_rejects
RETURNING outcome
"""

PENDING_DOCUMENTS = """
INSERT INTO documents (tenant_id, upload_id, number, kind, filename, content)
SELECT :tenant, :upload, number, kind, filename, content FROM incoming_documents ORDER BY number
"""

PENDING_ROWS = """
INSERT INTO upload_rows (tenant_id, upload_id, number, kind, source, outcome)
SELECT :tenant, :upload, number, kind, filename, 'pending' FROM incoming_documents
RETURNING outcome
"""
