"""`winnow screen`: from files on this machine to a ranking, in one command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from client.answers import Options, Screening
from client.bulk import Hear, Intake, failures, put_jobs, put_resumes, screen
from client.commands.progress import silent_or_bars
from client.commands.ranking import show_failures, show_ranking, show_rejected, top_of
from client.commands.screenings import ExplainTop, LowPriority, Rerank, Threshold, options_of
from client.commands.talk import Talk, command
from client.errors import WinnowError
from client.sources import Source, documents, read_source

Resumes = Annotated[
    Path, typer.Argument(metavar="PATH", help="A folder of PDF, DOCX and TXT; one of them; a CSV, NDJSON or ZIP.")
]
JobFiles = Annotated[list[Path] | None, typer.Option("--job", help="A job posting (TXT, PDF, DOCX); may be repeated.")]
JobTable = Annotated[Path | None, typer.Option("--jobs", help="A table of postings (CSV, NDJSON, JSON).")]
PoolName = Annotated[str | None, typer.Option("--pool", help="Add to the pool of this name; else a new one is made.")]
Top = Annotated[int, typer.Option(min=1, help="How many applicants of each job to show.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write every result to this .csv or .ndjson file.")]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    command(app, "screen")(run)


def run(
    talk: Talk,
    resumes: Resumes,
    job: JobFiles = None,
    jobs: JobTable = None,
    top: Top = 10,
    out: Out = None,
    threshold: Threshold = None,
    explain_top: ExplainTop = 0,
    low_priority: LowPriority = False,
    rerank: Rerank = None,
    pool: PoolName = None,
) -> None:
    """Screen applicants against job postings: upload, score, rank."""
    source, postings = read_source(resumes), _postings(job or [], jobs)
    _refuse_in_vain(source, postings, out)
    pool_id = talk.client.pools.create(
        pool or f"{resumes.resolve().stem} {datetime.now().astimezone():%Y-%m-%d %H:%M:%S.%f}"
    ).id
    with silent_or_bars(talk) as hear:
        intake, job_ids = _take_in(talk, pool_id, source, postings, hear)
        options = options_of(threshold, explain_top, low_priority, rerank)
        screening = _screen(talk, pool_id, job_ids, options, hear)
    if out is not None:
        talk.client.screenings.export(screening.id, out)
    _report(talk, intake, screening, top, out)


def _postings(files: Sequence[Path], table: Path | None) -> list[Source]:
    sources = [read_source(table)] if table else []
    for path in files:
        if not path.is_file():
            raise WinnowError("no_such_file", f"{path} does not exist", "--job names a file that holds a job posting.")
    return [*sources, documents(files)] if files else sources


def _refuse_in_vain(source: Source, postings: Sequence[Source], out: Path | None) -> None:
    """Say what is missing before thousands of files are sent."""
    if not postings and not source.may_carry_jobs:
        raise WinnowError(
            "no_jobs", "No job to screen against", "Name one with --job JOB.txt, or several by --jobs FILE."
        )
    if out is not None and out.suffix.lower() not in (".csv", ".ndjson"):
        raise WinnowError("unknown_format", f"--out {out.name} has no known ending", "Name a .csv or .ndjson file.")
    if out is not None and not out.parent.is_dir():
        raise WinnowError("no_such_folder", f"--out {out}: there is no folder {out.parent}", "Make it first.")


def _take_in(
    talk: Talk, pool_id: str, source: Source, postings: Sequence[Source], hear: Hear
) -> tuple[Intake, list[str]]:
    """Upload both; returns what became of the resumes, and the jobs: those named, else those in the resumes' table."""

    def hear_jobs(step: str, done: int, total: int) -> None:
        hear(f"{step} jobs", done, total)

    named = [put_jobs(talk.client, posting, hear_jobs) for posting in postings]
    for jobs in named:
        show_rejected(talk.aside, jobs.rejected)
    if named and not any(jobs.job_ids for jobs in named):
        raise _no_job()
    intake = put_resumes(talk.client, pool_id, source, hear)
    if not talk.as_json:
        _tell(talk, source, intake)
    job_ids = list(dict.fromkeys(job_id for jobs in named or [intake] for job_id in jobs.job_ids))
    if not job_ids:
        raise _no_job()
    if not intake.resumes:
        raise WinnowError("no_resumes", "No resume could be read", "See the reasons above.")
    return intake, job_ids


def _no_job() -> WinnowError:
    advice = "Name a posting with --job JOB.txt, or several by --jobs FILE."
    return WinnowError("no_jobs", "No job could be read", advice)


def _tell(talk: Talk, source: Source, intake: Intake) -> None:
    show_rejected(talk.aside, intake.rejected)
    skipped = ", ".join(f"{count} {suffix}" for suffix, count in source.skipped)
    notes = [f"{intake.resumes:,} resumes", f"{len(intake.rejected):,} rejected" if intake.rejected else ""]
    notes += [
        f"{intake.duplicates:,} duplicates" if intake.duplicates else "",
        f"left alone: {skipped}" if skipped else "",
    ]
    talk.aside.print("; ".join(filter(None, notes)), markup=False, highlight=False)


def _screen(talk: Talk, pool_id: str, job_ids: Sequence[str], options: Options, hear: Hear) -> Screening:
    screening_id = ""

    def began(id_: str) -> None:
        nonlocal screening_id
        screening_id = id_

    try:
        return screen(talk.client, pool_id, job_ids, options, hear, began)
    except KeyboardInterrupt:
        talk.aside.print(
            f"\nIt goes on at the server: `winnow results {screening_id}` shows it, "
            f"`winnow cancel {screening_id}` ends it.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        raise


def _report(talk: Talk, intake: Intake, screening: Screening, top: int, out: Path | None) -> None:
    ranked = top_of(talk.client, screening.id, screening.job_ids, top)
    unscored = failures(talk.client, screening)
    if talk.as_json:
        told = {"screening": screening, "rejected": intake.rejected, "not_scored": unscored, "ranking": ranked}
        talk.json({**told, "notice": screening.notice})
        return
    show_failures(talk.aside, unscored)
    for results in filter(None, ranked.values()):
        show_ranking(talk.out, results)
    talk.out.print(f"\n{screening.notice}", style="yellow", markup=False)
    kept = (
        f"All {screening.total:,} results are in {out}."
        if out
        else f"All results: winnow export {screening.id} FILE.csv"
    )
    why = f"Why a score: winnow explain {screening.id} JOB APPLICANT"
    talk.out.print(f"{kept}\n{why}", markup=False, highlight=False, soft_wrap=True)
