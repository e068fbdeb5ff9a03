"""`winnow screenings`, and the short forms `winnow results`, `export`, `cancel` and `retry`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from client import answers
from client.answers import Options, Result, Screening
from client.commands.explanation import few
from client.commands.progress import silent_or_bars
from client.commands.talk import Columns, Talk, command

app = typer.Typer(help="Runs of a pool against jobs.", no_args_is_help=True)
ScreeningId = Annotated[str, typer.Argument(metavar="SCREENING_ID")]
PoolId = Annotated[str, typer.Argument(metavar="POOL_ID")]
JobIds = Annotated[list[str], typer.Option("--job-id", help="A job's id; may be repeated.")]
Threshold = Annotated[
    float | None, typer.Option(min=0, max=1, help="Probability from which on it is a match; else the model's own.")
]
ExplainTop = Annotated[
    int, typer.Option(min=0, max=20, help="Search for passages that moved the score in so many best of each job.")
]
Rerank = Annotated[
    int | None, typer.Option(min=1, max=1000, help="Rank so many best of each job anew, by a model that reads pairs.")
]
LowPriority = Annotated[bool, typer.Option("--low-priority", help="Wait until nothing else is to be done.")]

_SCREENINGS: Columns[Screening] = {
    "id": lambda screening: screening.id,
    "state": lambda screening: screening.state,
    "items": lambda screening: screening.total,
    "ended": lambda screening: screening.counts.ended,
    "created": lambda screening: screening.created_at,
}
_RESULTS: Columns[Result] = {
    "applicant": lambda result: result.applicant,
    "job": lambda result: result.job_title,
    "probability": lambda result: result.probability,
    "decision": lambda result: _decision(result),
    "skills found": lambda result: few(result.skills_found),
    "missing": lambda result: few(result.skills_missing),
    "categories": lambda result: [label.replace("_", " ") for label in result.labels],
    "flags": lambda result: tuple(sorted({flag.kind for flag in result.flags})),
}


def register(root: typer.Typer) -> None:
    """Add the group, and the short forms, to the app."""
    root.add_typer(app, name="screenings")
    command(root, "results")(results)
    command(root, "export")(export)
    command(root, "cancel")(cancel)
    command(root, "retry")(retry)


@command(app, "list")
def screenings(talk: Talk) -> None:
    """List all screenings."""
    talk.many(talk.client.screenings.list(), _SCREENINGS)


@command(app, "create")
def create(
    talk: Talk,
    pool_id: PoolId,
    job_id: JobIds,
    threshold: Threshold = None,
    explain_top: ExplainTop = 0,
    low_priority: LowPriority = False,
    rerank: Rerank = None,
) -> None:
    """Screen a pool against jobs, without waiting."""
    options = options_of(threshold, explain_top, low_priority, rerank)
    _tell(talk, talk.client.screenings.create(pool_id, job_id, **options.arguments()))


@command(app, "show")
def show(talk: Talk, screening_id: ScreeningId) -> None:
    """Show one screening as it stands."""
    _tell(talk, talk.client.screenings.get(screening_id))


@command(app, "wait")
def wait(talk: Talk, screening_id: ScreeningId) -> None:
    """Wait until every item of it has ended."""
    with silent_or_bars(talk) as hear:

        def tell(screening: Screening) -> None:
            hear("Screening", screening.counts.ended, screening.total)

        screening = talk.client.screenings.wait(screening_id, tell)
    _tell(talk, screening)


@command(app, "cancel")
def cancel(talk: Talk, screening_id: ScreeningId) -> None:
    """End a screening; what is scored already stays."""
    _tell(talk, talk.client.screenings.cancel(screening_id))


@command(app, "delete")
def delete(talk: Talk, screening_id: ScreeningId) -> None:
    """Delete a screening with its results, once it has ended."""
    talk.client.screenings.delete(screening_id)
    talk.one({"deleted": screening_id}, deleted=screening_id)


@command(app, "retry")
def retry(talk: Talk, screening_id: ScreeningId) -> None:
    """Try the items that errored again, as a new screening."""
    _tell(talk, talk.client.screenings.retry(screening_id))


@command(app, "results")
def results(
    talk: Talk,
    screening_id: ScreeningId,
    job_id: Annotated[str | None, typer.Option(help="Only of this job.")] = None,
    min_score: Annotated[float | None, typer.Option(min=0, max=1, help="Only from this probability on.")] = None,
    category: Annotated[str | None, typer.Option(help="Only with this category, such as Java_Developer.")] = None,
    flagged: Annotated[bool | None, typer.Option("--flagged/--not-flagged", help="Only (un)flagged ones.")] = None,
    state: Annotated[str | None, typer.Option(help="Only scored, errored or canceled ones.")] = None,
    ranked_by: Annotated[str | None, typer.Option(help="Only those ranked by pairs, or by the first_stage.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 100,
) -> None:
    """Show results, the highest probability first."""
    found = talk.client.screenings.results(
        screening_id,
        job_id=job_id,
        min_score=min_score,
        category=category,
        flagged=flagged,
        state=state,
        ranked_by=ranked_by,
        page_size=min(limit, 1000),
    )
    talk.many(islice(found, limit), _RESULTS)
    talk.aside.print(talk.client.screenings.get(screening_id).notice, style="yellow", markup=False)


@command(app, "export")
def export(
    talk: Talk, screening_id: ScreeningId, path: Annotated[Path, typer.Argument(help="A .csv or .ndjson file.")]
) -> None:
    """Write every result to a file, errors included."""
    written = talk.client.screenings.export(screening_id, path)
    talk.one({"path": str(path), "bytes": written}, path=path, bytes=written)


def _decision(result: Result) -> str:
    if result.state != "scored":
        return f"{result.state}: {result.reason}" if result.reason else result.state
    return "Match" if result.matched else "No match"


def options_of(threshold: float | None, explain_top: int, low_priority: bool, rerank: int | None) -> Options:
    """A screening's options, as commands are given them."""
    priority = "low" if low_priority else "normal"
    return Options(threshold, explain_top, priority, rerank=answers.Rerank(rerank) if rerank else None)


def _tell(talk: Talk, screening: Screening) -> None:
    counts = screening.counts
    ends = {"scored": counts.scored, "errored": counts.errored, "canceled": counts.canceled}
    times = {"created": screening.created_at, "ended": screening.ended_at, "seconds_left": screening.seconds_left}
    stale = {"replaced_by": {one.screening_id for one in screening.replaced_by}} if screening.stale else {}
    talk.one(screening, id=screening.id, state=screening.state, items=screening.total, **ends, **times, **stale)
