"""`winnow jobs`: job postings."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from client.answers import Job, MustHaves, Weights
from client.bulk import put_jobs
from client.commands.progress import silent_or_bars
from client.commands.ranking import show_rejected
from client.commands.talk import Columns, Talk, command
from client.sources import read_source

app = typer.Typer(help="Job postings.", no_args_is_help=True)

_JOBS: Columns[Job] = {
    "id": lambda job: job.id,
    "external id": lambda job: job.external_id,
    "title": lambda job: job.title,
}


@command(app, "list")
def jobs(talk: Talk) -> None:
    """List all postings."""
    talk.many(talk.client.jobs.list(), _JOBS)


@command(app, "show")
def show(talk: Talk, job_id: Annotated[str, typer.Argument(metavar="JOB_ID")]) -> None:
    """Show one posting."""
    job = talk.client.jobs.get(job_id)
    asked = {"education": job.education, "experience": job.experience, "skills": job.skills}
    wishes = {"weights": _set(job.weights), "must_haves": _set(job.must_haves)}
    named = {"id": job.id, "external_id": job.external_id, "title": job.title, "description": job.description}
    talk.one(job, **named, **asked, **wishes)


@command(app, "upload")
def upload(talk: Talk, path: Annotated[Path, typer.Argument(help="A posting, or a table or folder of them.")]) -> None:
    """Add postings, or replace those of the same external id."""
    with silent_or_bars(talk) as hear:
        intake = put_jobs(talk.client, read_source(path), hear)
    show_rejected(talk.aside, [] if talk.as_json else intake.rejected)
    talk.one(intake, jobs=len(intake.job_ids), rejected=len(intake.rejected), ids=intake.job_ids)


def _set(wishes: Weights | MustHaves) -> list[str]:
    """Those wishes that the job has."""
    return [
        f"{name}: {', '.join(value) if isinstance(value, tuple) else value}"
        for name, value in asdict(wishes).items()
        if value
    ]
