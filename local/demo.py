"""`python -m local.demo` (`make demo`): the sample applicants screened end to end on a system that then goes away."""

from __future__ import annotations

import queue
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from client.answers import Options, Result, Screening, UploadRow
from client.bulk import Hear, put_jobs, put_resumes, screen
from client.client import Winnow
from client.commands.progress import Bars
from client.commands.ranking import show_ranking, show_rejected, top_of
from client.commands.talk import cell
from client.errors import WinnowError
from client.sources import read_source
from local.deployment import REPOSITORY, DeploymentError
from local.postgres import ServerError
from local.receiver import Receiver
from local.servers import Servers
from local.system import NotReady, running
from local.up import deploy, end_on_signals, first_key

SAMPLES = REPOSITORY / "samples"
RESUMES = {"documents": "resumes", "CSV": "resumes.csv", "NDJSON": "resumes.ndjson"}
RESULTS = REPOSITORY / ".winnow" / "demo"
WEBHOOK_SECONDS = 60.0
TOP = 5
PASSAGE = 120  # characters shown of one

console = Console()


@dataclass(frozen=True, slots=True)
class Screened:
    """What the demo shows at its end."""

    screening: Screening
    rejected: tuple[UploadRow, ...]
    ranking: dict[str, list[Result]]
    flagged: tuple[Result, ...]


def demo(results: Path) -> None:
    """Run all of it and print what a user would want to see; the full results are written to the folder `results`."""
    begun = time.monotonic()
    with _system(results / "logs") as client, Receiver() as receiver:
        receiver.secret = client.endpoints.create(receiver.url, ["screening.ended"]).secret or ""
        screened = _screen(client)
        _hear(receiver, screened.screening)
        _show(screened)
        _keep(client, screened.screening, results)
        console.print("\nStopping ...")
    console.print(f"Stopped; nothing is left running. All of it took {time.monotonic() - begun:.0f} s.")


@contextmanager
def _system(logs: Path) -> Iterator[Winnow]:
    """Postgres, Redis, API, relay and workers on data that are deleted afterwards, and a client of it all."""
    console.print("Starting Postgres and Redis ...")
    with Servers.temporary() as servers:
        console.print("Making the database ...")
        deployment = deploy(servers)
        key = first_key(deployment)
        console.print("Starting the API, the relay and the workers ...")
        with running(deployment, logs) as system, Winnow(system.url, key) as client:
            console.print(f"Ready at {system.url}\n")
            yield client


def _screen(client: Winnow) -> Screened:
    """Upload the samples in every form they come in, screen all applicants against all jobs, and wait."""
    pool = client.pools.create("samples")
    with Bars(console) as bars:
        jobs = put_jobs(client, read_source(SAMPLES / "jobs.csv"), _heard_as("jobs", bars))
        intakes = [
            put_resumes(client, pool.id, read_source(SAMPLES / name), _heard_as(kind, bars))
            for kind, name in RESUMES.items()
        ]
        screening = screen(client, pool.id, jobs.job_ids, Options(), bars, began=lambda screening_id: None)
    rejected = [row for intake in (jobs, *intakes) for row in intake.rejected]
    flagged = {result.resume_id: result for result in client.screenings.results(screening.id, flagged=True)}
    ranking = top_of(client, screening.id, screening.job_ids, TOP)
    return Screened(screening, tuple(rejected), ranking, tuple(flagged.values()))


def _heard_as(kind: str, bars: Bars) -> Hear:
    """A bar of its own for each step of each kind of upload."""
    return lambda step, done, total: bars(f"{step} {kind}", done, total)


def _hear(receiver: Receiver, screening: Screening) -> None:
    try:
        event = receiver.wait_for("screening.ended", WEBHOOK_SECONDS)
    except queue.Empty:
        detail = f"{receiver.refused} requests came with a wrong signature; see the log of worker-deliver."
        raise WinnowError("no_webhook", f"No webhook within {WEBHOOK_SECONDS:.0f} s", detail) from None
    console.print(f"\nWebhook received and its signature verified: {event.type} at {event.timestamp:%H:%M:%S} UTC")
    told = event.data.get("screening_id")
    if told != screening.id:
        raise WinnowError("wrong_webhook", f"The webhook tells of screening {told}", f"Expected {screening.id}.")


def _show(screened: Screened) -> None:
    counts = screened.screening.counts
    for results in filter(None, screened.ranking.values()):
        show_ranking(console, results)
    console.print()
    console.print(_flagged(screened.flagged))
    console.print("\n[bold]Not taken in[/bold]")
    show_rejected(console, screened.rejected)
    console.print(f"\n{counts.scored:,} of {screened.screening.total:,} pairs scored, {counts.errored:,} errored.")
    console.print(f"\n{screened.screening.notice}", style="yellow", markup=False)


def _flagged(results: Sequence[Result]) -> Table:
    """What moderation found, for a person to look at: the plainest passage of each kind in each applicant's text."""
    table = Table(title="Flagged by moderation", title_style="bold", title_justify="left", box=None, pad_edge=False)
    for heading, width in (("applicant", 20), ("kind", 8), ("score", 5), ("found", 5), ("the plainest passage", None)):
        table.add_column(heading, overflow="fold", width=width)
    for result in results:
        for kind in sorted({flag.kind for flag in result.flags}):
            flags = sorted((flag for flag in result.flags if flag.kind == kind), key=lambda flag: -flag.score)
            shown = (result.applicant, kind, flags[0].score, len(flags), " ".join(flags[0].passage.split())[:PASSAGE])
            table.add_row(*map(cell, shown))
    return table


def _keep(client: Winnow, screening: Screening, folder: Path) -> None:
    console.print("\nThe full results, one line an applicant and job:")
    for name in ("results.csv", "results.ndjson"):
        client.screenings.export(screening.id, folder / name)
        console.print(f"  {folder / name}", soft_wrap=True, highlight=False)


def main() -> int:
    """Run the demo; 1 when a part of it did not work."""
    end_on_signals()
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    try:
        demo(RESULTS)
    except KeyboardInterrupt:
        console.print("\nStopped early; nothing is left running.")
        return 130
    except (ServerError, DeploymentError, NotReady, WinnowError) as error:
        console.print(f"\n{error}", style="red", markup=False)
        console.print(f"The logs lie in {RESULTS / 'logs'}.", soft_wrap=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
