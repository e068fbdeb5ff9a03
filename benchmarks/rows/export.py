"""The export of a large screening against a server-side COPY TO of the same rows, and the memory it costs the API."""

import json
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from benchmarks.performance.memory import Watched
from benchmarks.performance.peers import interleave, medians, ratios
from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.stage import Stage, staged, timed
from benchmarks.performance.texts import multiplied_samples, postings
from benchmarks.scale import samples

PIECE_BYTES = 1024 * 1024
LIMIT = (
    "The peer sorts columns with all cores and writes them as they lie in the table. The export reads in rank order by "
    "an index, a page of the table a row, so that the first line comes at once and memory stays flat; Postgres writes "
    "every member's name in every line, and beside it one Python process unpacks each explanation and sends the lines."
)

# In rank order and with what is known of resume and job, as the export has it; in the text format, to nowhere.
_COPY = """
COPY (
    SELECT s.resume_id, r.external_id, r.name, s.job_id, j.job->>'external_id', j.job->>'title', s.state,
        s.probability, s.matched, s.windows, s.input_hash, s.reason, s.reused_from, s.explanation, a.input_hash,
        a.categories, a.labels, a.flags, a.flagged
    FROM scores s
    JOIN screening_jobs j ON j.tenant_id = s.tenant_id AND j.screening_id = s.screening_id AND j.job_id = s.job_id
    LEFT JOIN assessments a ON a.tenant_id = s.tenant_id AND a.screening_id = s.screening_id
        AND a.resume_id = s.resume_id
    LEFT JOIN resumes r ON r.tenant_id = s.tenant_id AND r.id = s.resume_id
    WHERE s.tenant_id = %(tenant)s AND s.screening_id = %(screening)s
    ORDER BY s.probability DESC NULLS LAST, s.job_id, s.resume_id
) TO '/dev/null'
"""

# What the samples come to, a row a pair: every resume has a category row, every pair an explanation.
_SCREENING = """
INSERT INTO screenings (tenant_id, id, pool_id, state, options, packs, format, total, scored, ended_at)
SELECT %(tenant)s, %(screening)s, %(pool)s, 'ended', '{"threshold": null}', '{"match": "1"}', 'torch-fp32', count(*),
    count(*), now()
FROM resumes CROSS JOIN jobs WHERE resumes.pool_id = %(pool)s AND jobs.tenant_id = %(tenant)s
"""
_JOBS = """
INSERT INTO screening_jobs (tenant_id, screening_id, job_id, position, job)
SELECT tenant_id, %(screening)s, id, row_number() OVER (), to_jsonb(jobs) FROM jobs WHERE tenant_id = %(tenant)s
"""
_SCORES = """
INSERT INTO scores (
    tenant_id, screening_id, job_id, resume_id, state, probability, matched, windows, input_hash, explanation
)
SELECT r.tenant_id, %(screening)s, j.id, r.id, 'scored', p, p > 0.5, 2, md5(r.id::text) || md5(j.id::text),
    (%(explanations)s::jsonb[])[1 + (i * 31) %% cardinality(%(explanations)s::jsonb[])]
FROM (SELECT *, row_number() OVER () AS i FROM resumes WHERE pool_id = %(pool)s) r
CROSS JOIN (SELECT id FROM jobs WHERE tenant_id = %(tenant)s) j
CROSS JOIN LATERAL (SELECT (random() + 0 * i)::real AS p)
"""
_ASSESSMENTS = """
INSERT INTO assessments (tenant_id, screening_id, resume_id, categories, labels, flags, flagged, input_hash)
SELECT tenant_id, %(screening)s, id, %(categories)s, ARRAY['Software_Developer'], '[]', false, content_hash
FROM resumes WHERE pool_id = %(pool)s
"""


def measure(setup: Setup) -> list[Row]:
    """Time and memory of one export."""
    resumes, jobs = setup.of((500, 40), (10_000, 100))
    items = resumes * jobs
    with staged(setup) as stage:
        screening = _load(stage, resumes, jobs)
        work = {
            "export, NDJSON": lambda: timed(lambda: _export(stage, screening)),
            "COPY": lambda: _copy(stage, screening),
        }
        found = interleave(setup.repeats, work)
        with Watched(stage.pid("api")) as watched:
            size = _export(stage, screening)
    rates = medians({name: [items / seconds for seconds in times] for name, times in found.items()}, "rows/s")
    texts = f"explanations of the samples, {size // items:,} bytes a line"
    return [
        Row(
            name=f"export of {items:,} results, NDJSON",
            against="server-side COPY TO of the same rows",
            target=Target(3, at_most=True, unit="x its time"),
            values=ratios(*found.values()),
            rates=rates,
            ceiling="1x: the same rows in the same order; a line also names its members",
            n=items,
            texts=texts,
            limit=LIMIT,
        ),
        Row(
            name=f"memory of the API during an export of {items:,} results",
            against="the idle API",
            target=Target(150, at_most=True, unit=" MB"),
            values=[watched.above_idle / 1e6],
            rates={},
            ceiling="flat: a block of lines at a time",
            n=items,
            texts=texts,
        ),
    ]


def _export(stage: Stage, screening: UUID) -> int:
    """Read an export to its end, at little cost to the machine, as its reader is elsewhere; its bytes."""
    address = urlsplit(stage.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=600)
    headers = {"Authorization": f"Bearer {stage.running.api_key}"}
    with closing(connection):
        connection.request("GET", f"/v1/screenings/{screening}/export", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"answered {answer.status}")
        place = bytearray(PIECE_BYTES)
        return sum(iter(lambda: answer.readinto(place), 0))


def _copy(stage: Stage, screening: UUID) -> float:
    told = {"tenant": str(stage.running.tenant_id), "screening": str(screening)}
    with stage.superuser() as connection, connection.cursor() as cursor:
        return timed(lambda: cursor.execute(_COPY, told))


def _load(stage: Stage, resumes: int, jobs: int) -> UUID:
    """A screening of so many resumes and jobs that has ended."""
    pool, screening = stage.pool("export", multiplied_samples(resumes)), uuid4()
    stage.jobs(postings(jobs))
    told = {
        "tenant": str(stage.running.tenant_id), "pool": pool,
        "explanations": list(map(json.dumps, samples.explanations())),
        "categories": json.dumps(samples.categories()[0]),
    }  # fmt: skip
    with stage.superuser() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT uuidv7()")
        (screening,) = cursor.fetchone() or ()
        for statement in (_SCREENING, _JOBS, _SCORES, _ASSESSMENTS):
            cursor.execute(statement, {**told, "screening": str(screening)})
    with stage.superuser() as connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return UUID(str(screening))
