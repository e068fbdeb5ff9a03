"""Synthetic screenings, loaded whole one after another, so that a load that was stopped goes on where it was."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from benchmarks.scale import indexes, samples
from benchmarks.scale.stage import Sized

RESUMES, JOBS = 2_000, 25
ITEMS = RESUMES * JOBS
TENANTS, MONTHS = 10, 4
A_CHUNK = 2
"""Resumes of a chunk: two of 750 tokens against 25 jobs are about the tokens that chunks are cut by."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A synthetic screening that has ended, and what belongs to it."""

    tenant_id: UUID
    id: UUID
    pool_id: UUID
    upload_id: UUID
    job_ids: tuple[UUID, ...]


def load(sized: Sized, told: Callable[[str], None]) -> list[Loaded]:
    """Bring a database up to its size; returns its screenings. A month is a partition, and they fill evenly.

    Rows are written by a superuser: row-level security would check each. Partitions are made by the function that
    makes them in production, for this month and the next ones.
    """
    with sized.superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT ensure_partitions(:months)"), {"months": MONTHS - 1})
        planned = [_plan(number) for number in range(sized.scores // ITEMS)]
        done = set(connection.scalars(text("SELECT id FROM screenings")))
        missing = [(number, one) for number, one in enumerate(planned) if one.id not in done]
        if missing:
            _tenants(connection)
            _samples(connection)
            indexes.drop(connection)
        for count, (number, one) in enumerate(missing, 1):
            with _transaction(connection):
                _screening(connection, one, number)
            if count % 10 == 0 or count == len(missing):
                told(f"{sized.scores:,} scores: {count} of {len(missing)} missing screenings loaded")
        indexes.build(connection)
        if missing:
            connection.execute(text("ANALYZE"))
    return planned


def _plan(number: int) -> Loaded:
    """Ids by number alone, so that a later run finds what an earlier one loaded."""
    tenant = number % TENANTS
    chance = random.Random(number)
    moment = int(_month(number % MONTHS).timestamp() * 1000) + 1_000 * number
    ids = [_uuid7(moment, chance) for _ in range(3)]
    return Loaded(_tenant(tenant), ids[0], ids[1], ids[2], tuple(_job(tenant, place) for place in range(JOBS)))


def _month(ahead: int) -> datetime:
    """When a month begins, so many after this one."""
    now = datetime.now(UTC)
    years, month = divmod(now.month - 1 + ahead, 12)
    return datetime(now.year + years, month + 1, 1, tzinfo=UTC)


def _uuid7(milliseconds: int, chance: random.Random) -> UUID:
    """RFC 9562, section 5.7."""
    return UUID(int=milliseconds << 80 | 0x7 << 76 | chance.getrandbits(12) << 64 | 0b10 << 62 | chance.getrandbits(62))


def _tenant(number: int) -> UUID:
    return UUID(int=0x10_0000 + number)


def _job(tenant: int, place: int) -> UUID:
    return UUID(int=0x20_0000 + tenant * JOBS + place)


@contextmanager
def _transaction(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql("BEGIN")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _tenants(connection: Connection) -> None:
    """The customers and their jobs."""
    for number in range(TENANTS):
        connection.execute(text(_TENANT), {"id": _tenant(number), "name": f"customer {number}"})
        for place in range(JOBS):
            connection.execute(
                text(_JOB), {"tenant": _tenant(number), "id": _job(number, place), "external_id": f"job-{place}"}
            )


def _samples(connection: Connection) -> None:
    connection.exec_driver_sql(_SAMPLES)
    for table, values in (
        ("sample_texts", samples.resume_texts()),
        ("sample_explanations", _json(samples.explanations())),
        ("sample_categories", _json(samples.categories())),
    ):
        rows = [{"n": n, "sample": value} for n, value in enumerate(values)]
        connection.execute(text(f"INSERT INTO {table} VALUES (:n, :sample)"), rows)


def _json(values: Sequence[Any]) -> list[str]:
    return [json.dumps(value) for value in values]


def _screening(connection: Connection, one: Loaded, number: int) -> None:
    values = {
        "tenant": one.tenant_id,
        "screening": one.id,
        "pool": one.pool_id,
        "upload": one.upload_id,
        "number": number,
        "resumes": RESUMES,
        "jobs": JOBS,
        "a_chunk": A_CHUNK,
    }
    for statement in (_POOL, _RESUMES, _UPLOAD, _SCREENING, _SCREENING_JOBS, _CHUNKS, _SCORES, _ASSESSMENTS):
        connection.execute(text(statement), values)


_SAMPLES = """
DROP TABLE IF EXISTS sample_texts, sample_explanations, sample_categories;
CREATE TEMPORARY TABLE sample_texts (n integer PRIMARY KEY, sample text);
CREATE TEMPORARY TABLE sample_explanations (n integer PRIMARY KEY, sample jsonb);
CREATE TEMPORARY TABLE sample_categories (n integer PRIMARY KEY, sample jsonb)
"""
_TENANT = "INSERT INTO tenants (id, name) VALUES (:id, :name) ON CONFLICT DO NOTHING"
_JOB = """
INSERT INTO jobs (tenant_id, id, external_id, title, description, content_hash, tokens)
VALUES (:tenant, :id, :external_id, :external_id, 'A job posting.', :external_id, 200) ON CONFLICT DO NOTHING
"""
_POOL = "INSERT INTO pools (tenant_id, id, name) VALUES (:tenant, :pool, 'pool ' || :number)"
_RESUMES = """
INSERT INTO resumes (tenant_id, pool_id, external_id, name, text, content_hash, tokens)
SELECT :tenant, :pool, 'resume-' || i || '.pdf', 'Applicant ' || i, sample, encode(sha256(('' || i)::bytea), 'hex'), 750
FROM generate_series(1, :resumes) i
JOIN sample_texts s ON s.n = (i + :number) % (SELECT count(*) FROM sample_texts)
ORDER BY i
"""
_UPLOAD = """
WITH upload AS (
    INSERT INTO uploads (tenant_id, id, pool_id, media_type, state, total, accepted, ended_at)
    VALUES (:tenant, :upload, :pool, 'application/zip', 'ended', :resumes, :resumes, now())
)
INSERT INTO upload_rows (tenant_id, upload_id, number, kind, source, external_id, outcome, target_id)
SELECT :tenant, :upload, row_number() OVER (ORDER BY id), 'resume', external_id, external_id, 'accepted', id
FROM resumes WHERE tenant_id = :tenant AND pool_id = :pool
"""
_SCREENING = """
INSERT INTO screenings (
    tenant_id, id, pool_id, state, options, packs, format, total, scored, errored, started_at, ended_at
)
SELECT :tenant, :screening, :pool, 'ended', '{"threshold": null}', '{"match": "2"}', 'torch-fp32',
    :resumes * :jobs, :resumes * :jobs - errored, errored, now() - interval '2 hours', now() - interval '1 hour'
FROM (SELECT :resumes / 100 * :jobs AS errored)
"""
_SCREENING_JOBS = """
INSERT INTO screening_jobs (tenant_id, screening_id, job_id, position, job)
SELECT tenant_id, :screening, id, row_number() OVER (ORDER BY id) - 1, to_jsonb(jobs) FROM jobs
WHERE tenant_id = :tenant
"""
_CHUNKS = """
INSERT INTO chunks (tenant_id, screening_id, seq, resume_ids, items, tokens, state, attempt, finished_at)
SELECT :tenant, :screening, place, array_agg(id), count(*) * :jobs, 32000, 'done', 1, now()
FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / :a_chunk AS place FROM resumes
    WHERE tenant_id = :tenant AND pool_id = :pool)
GROUP BY place ORDER BY place
"""
# One resume in a hundred could not be read, as an error of all its items.
_SCORES = """
INSERT INTO scores (
    tenant_id, screening_id, job_id, resume_id, state, probability, matched, windows, input_hash, reason, explanation
)
SELECT :tenant, :screening, job_id, r.id, CASE WHEN bad THEN 'errored' ELSE 'scored' END,
    CASE WHEN NOT bad THEN p END, CASE WHEN NOT bad THEN p >= 0.5 END, CASE WHEN NOT bad THEN 3 END,
    CASE WHEN NOT bad THEN md5(r.id::text) || md5(job_id::text) END,
    CASE WHEN bad THEN 'the resume holds no readable text' END, CASE WHEN NOT bad THEN sample END
FROM (SELECT id, row_number() OVER (ORDER BY id) AS i FROM resumes WHERE tenant_id = :tenant AND pool_id = :pool) r
CROSS JOIN (SELECT job_id, position FROM screening_jobs WHERE tenant_id = :tenant AND screening_id = :screening) j
CROSS JOIN LATERAL (SELECT (random() + 0 * (r.i + position))::real AS p, r.i % 100 = 0 AS bad)
JOIN sample_explanations e ON e.n = (r.i * 31 + position * 7) % (SELECT count(*) FROM sample_explanations)
"""
_ASSESSMENTS = """
INSERT INTO assessments (tenant_id, screening_id, resume_id, categories, labels, flags, flagged, input_hash)
SELECT :tenant, :screening, r.id, sample,
    ARRAY(SELECT key FROM jsonb_each_text(sample) WHERE value::float > 0.5), '[]', i % 50 = 1,
    md5('a' || i) || md5('b' || i)
FROM (SELECT id, row_number() OVER (ORDER BY id) AS i FROM resumes WHERE tenant_id = :tenant AND pool_id = :pool) r
JOIN sample_categories c ON c.n = i % (SELECT count(*) FROM sample_categories)
WHERE i % 100 <> 0
"""
