"""A whole screening of files, as `winnow screen` does it: upload, wait for the parsing, screen, wait for the scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from client.answers import Options, Screening, Upload, UploadRow
from client.bodies import Body
from client.client import Winnow
from client.sources import Source

Hear = Callable[[str, int, int], None]
"""Told of progress: the step, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of some uploads, all parsed: counts of resumes and jobs, rejected rows, and the ids of the jobs."""

    resumes: int
    duplicates: int
    job_ids: tuple[str, ...]
    rejected: tuple[UploadRow, ...]


def put_resumes(client: Winnow, pool_id: str, source: Source, hear: Hear) -> Intake:
    """Upload resumes, and the jobs that a table may carry, and wait until all are parsed. Raises WinnowError."""

    def send(body: Body, on_sent: Callable[[int], None]) -> Upload:
        return client.pools.upload(pool_id, body, on_sent=on_sent)

    return _put(client, source, send, hear)


def put_jobs(client: Winnow, source: Source, hear: Hear) -> Intake:
    """Upload jobs and wait until all are parsed. Raises WinnowError."""

    def send(body: Body, on_sent: Callable[[int], None]) -> Upload:
        return client.jobs.upload(body, on_sent=on_sent)

    return _put(client, source, send, hear)


def screen(
    client: Winnow,
    pool_id: str,
    job_ids: Sequence[str],
    options: Options,
    hear: Hear,
    began: Callable[[str], None],
) -> Screening:
    """Screen the pool and wait until it ended; `began` hears its id at once. Raises WinnowError."""
    screening = client.screenings.create(pool_id, job_ids, **options.arguments())
    began(screening.id)

    def tell(now: Screening) -> None:
        hear("Screening", now.counts.ended, now.total)

    return client.screenings.wait(screening.id, tell)


def failures(client: Winnow, screening: Screening) -> dict[str, str]:
    """Why applicants could not be scored, by applicant: one reason each, whatever the number of jobs."""
    if not screening.counts.errored:
        return {}
    errored = client.screenings.results(screening.id, state="errored", page_size=1000)
    return {result.applicant: result.reason or "" for result in errored}


def _put(client: Winnow, source: Source, send: Callable[[Body, Callable[[int], None]], Upload], hear: Hear) -> Intake:
    sent = 0
    uploads: list[Upload] = []

    def on_sent(count: int) -> None:
        nonlocal sent
        sent = min(sent + count, source.size)  # a request sent again is not counted beyond the whole
        hear("Uploading", sent, source.size)

    for body in source.bodies:
        uploads.append(send(body, on_sent))
    _wait(client, uploads, hear)
    return _taken_in(row for upload in uploads for row in client.uploads.rows(upload.id))


def _wait(client: Winnow, uploads: list[Upload], hear: Hear) -> None:
    known = {upload.id: upload.counts for upload in uploads}

    def tell(upload: Upload) -> None:
        known[upload.id] = upload.counts
        total = sum(counts.total for counts in known.values())
        hear("Reading", total - sum(counts.pending for counts in known.values()), total)

    for upload in uploads:
        client.uploads.wait(upload.id, tell)


def _taken_in(rows: Iterable[UploadRow]) -> Intake:
    rows = list(rows)
    taken = [row for row in rows if row.outcome in ("accepted", "duplicate")]
    job_ids = dict.fromkeys(row.id for row in taken if row.kind == "job" and row.id)
    resumes = [row for row in taken if row.kind == "resume"]
    return Intake(
        resumes=len(dict.fromkeys(row.id for row in resumes)),
        duplicates=sum(row.outcome == "duplicate" for row in resumes),
        job_ids=tuple(job_ids),
        rejected=tuple(row for row in rows if row.outcome == "rejected"),
    )
