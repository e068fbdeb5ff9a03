"""`winnow explain`: one result, and why it came out so."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from rich.text import Text

from client.answers import Passages, Result
from client.client import Winnow
from client.commands.explanation import show_explained, show_passages
from client.commands.talk import Talk, cell, command
from client.errors import WinnowError

ScreeningId = Annotated[str, typer.Argument(metavar="SCREENING_ID")]
JobName = Annotated[str, typer.Argument(metavar="JOB", help="A job of the screening: its id, external id or title.")]
ResumeName = Annotated[
    str, typer.Argument(metavar="RESUME", help="An applicant: id, external id or name (of several, the best ranked).")
]
Search = Annotated[
    bool, typer.Option("--passages/--no-passages", help="Search for passages that moved the score (some seconds).")
]

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    command(app, "explain")(explain)


def explain(talk: Talk, screening_id: ScreeningId, job: JobName, resume: ResumeName, passages: Search = True) -> None:
    """Show one result: what the job asks for, what of it the resume shows, and what moved the score."""
    found = find_result(talk.client, screening_id, job, resume)
    scored = found.state == "scored"
    moved = (
        talk.client.screenings.passages(screening_id, found.job_id, found.resume_id) if passages and scored else None
    )
    notice = talk.client.screenings.get(screening_id).notice
    if talk.as_json:
        talk.json({"result": found, "passages": moved, "notice": notice})
        return
    _show(talk, found, moved)
    talk.aside.print(f"\n{notice}", style="yellow", markup=False)


def find_result(client: Winnow, screening_id: str, job: str, resume: str) -> Result:
    """The result that a person names. Raises WinnowError when there is none."""
    job_id = _job_id(client, screening_id, job)
    return client.screenings.result(screening_id, job_id, _resume_id(client, screening_id, job_id, resume))


def _job_id(client: Winnow, screening_id: str, name: str) -> str:
    jobs = [client.jobs.get(job_id) for job_id in client.screenings.get(screening_id).job_ids]
    for job in jobs:
        if name in (job.id, job.external_id, job.title):
            return job.id
    detail = f"It has {', '.join(job.title or job.external_id for job in jobs[:10])}."
    raise WinnowError("not_found", f"{name} is no job of this screening", detail)


def _resume_id(client: Winnow, screening_id: str, job_id: str, name: str) -> str:
    if _ID.fullmatch(name):
        return name
    for result in client.screenings.results(screening_id, job_id=job_id, page_size=1000):
        if name in (result.resume_external_id, result.resume_name):
            return result.resume_id
    detail = f"`winnow results {screening_id} --job-id {job_id}` lists those that have ended."
    raise WinnowError("not_found", f"There is no result of {name}", detail)


def _show(talk: Talk, result: Result, passages: Passages | None) -> None:
    talk.out.print(Text.assemble((cell(result.applicant).plain, "bold"), " for ", cell(result.job_title)))
    if result.state != "scored":
        talk.out.print(cell(f"{result.state}: {result.reason or '-'}"))
        return
    decision = "Match" if result.matched else "No match"
    shown = f"of what the job asks for, shown {result.shown or 0:.0%}, unknown {result.unknown or 0:.0%}"
    talk.out.print(cell(f"probability {result.probability:.3f}, {decision}; {shown}\n"))
    show_explained(talk.out, result)
    if passages is not None:
        show_passages(talk.out, passages)
