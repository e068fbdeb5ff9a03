"""`winnow doctor`: what is wrong with a deployment, in words, and what to do about it.

Exit code 0: all is well; 1: something is wrong; 2: nothing wrong was found, but something could not be looked at.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table

from admin import deployment
from admin.told import told
from client.commands.talk import cell

if TYPE_CHECKING:
    from admin.checks.case import Case, Check, Finding

AT_ONCE = 4


class State(StrEnum):
    """How a check ended; UNKNOWN when it could not look."""

    WELL = "well"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check found; `reason` says why it could not look."""

    check: str
    state: State
    findings: "tuple[Finding, ...]" = ()
    reason: str | None = None


def register(winnow: typer.Typer) -> None:
    """Add the command to `winnow`."""
    winnow.command("doctor")(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False) -> None:
    """Say what is wrong with the deployment, and what to do.

    Exit code 0: well; 1: something is wrong; 2: not all could be looked at. It finds the deployment as `winnow packs`
    does: by DATABASE_URL and the other settings of the environment, else the one that `winnow up` runs here.
    """
    data = deployment.find()
    if not os.environ.get("DATABASE_URL"):
        typer.secho(
            "winnow: no deployment to look at: set DATABASE_URL and the other settings of its processes", err=True
        )
        raise typer.Exit(2)
    with told("api"):
        checked = examine(data)
    if as_json:
        typer.echo(to_json(checked, indent=2))
    else:
        _show(checked)
    raise typer.Exit(exit_code(checked))


def examine(data: Path | None) -> list[Checked]:
    """Run every check on the deployment that the environment names; `data` as in Case."""
    from admin.checks.case import here

    return run(checks(), here(data))


def checks() -> "Mapping[str, Check]":
    """Every check by what it looks at; imported here, as they need the server's packages."""
    from admin.checks import database, machine, models, outcomes, redis, workers

    return {
        "database": database.server,
        "migrations": database.migrations,
        "roles": database.roles,
        "partitions": database.months,
        "redis": redis.queue,
        "relay": workers.relay,
        "screening workers": workers.screening,
        "parse workers": workers.parsing,
        "delivery workers": workers.delivering,
        "interactive workers": workers.interactive,
        "clocks": workers.clocks,
        "packs": models.current,
        "packs in use": models.in_use,
        "disk": machine.disk,
        "secret key": outcomes.secret_key,
        "webhooks": outcomes.receivers,
        "items": outcomes.items,
    }


def run(checks: "Mapping[str, Check]", case: "Case") -> list[Checked]:
    """Run these, some at once as they wait for others; one that breaks says so and hides no other."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda named: _run(named[0], named[1], case), checks.items()))


def _run(name: str, check: "Check", case: "Case") -> Checked:
    try:
        findings = tuple(check(case))
    except Exception as error:  # whatever it is, the other checks are still worth having
        # Only the first line: those after it quote the statement.
        return Checked(name, State.UNKNOWN, reason=f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
    return Checked(name, State.WRONG if findings else State.WELL, findings)


def exit_code(checked: list[Checked]) -> int:
    """0, 1 or 2, as the head of this file says."""
    states = {one.state for one in checked}
    return 1 if State.WRONG in states else 2 if State.UNKNOWN in states else 0


def _show(checked: list[Checked]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in checked:
        lines = [f"{finding.wrong}\n→ {finding.do}" for finding in one.findings] or [one.reason or ""]
        style = {State.WELL: "green", State.WRONG: "bold red", State.UNKNOWN: "yellow"}[one.state]
        table.add_row(one.check, f"[{style}]{one.state}[/{style}]", cell("\n".join(lines)))
    Console().print(table)
