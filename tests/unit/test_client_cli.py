"""What every command of `winnow` has in common."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer.main
from documented_server import documented_server
from rich.console import Console
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from api.app import app as openapi
from client.answers import Flag, Result
from client.cli import app
from client.commands.ranking import show_ranking
from client.commands.talk import cell

Names = tuple[str, ...]


def _commands(group: Any, names: Names = ()) -> dict[Names, Any]:
    if not hasattr(group, "commands"):
        return {names: group}
    return {
        path: one for name, below in group.commands.items() for path, one in _commands(below, (*names, name)).items()
    }


OF_THE_SERVER = ("packs", "doctor")  # brought by other packages, which test them
COMMANDS = {
    names: one for names, one in _commands(typer.main.get_command(app)).items() if names[0] not in OF_THE_SERVER
}
ANSWERED = [names for names in COMMANDS if names[0] not in ("up", "screen")]  # which call a whole system


def winnow(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from client.cli import main; main()", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("names", [*ANSWERED, ("screen",)], ids=" ".join)
def test_every_command_helps_and_speaks_json(names: Names) -> None:
    assert {"--json", "--url", "--api-key"} <= {option for one in COMMANDS[names].params for option in one.opts}
    shown = CliRunner().invoke(app, [*names, "--help"])
    assert shown.exit_code == 0
    assert COMMANDS[names].help.splitlines()[0][:30] in shown.output


def arguments_of(command: Any, folder: Path) -> Iterator[str]:
    """What the command must be given, by the type that it says."""
    path, since = str(folder / "rows.ndjson"), "2026-01-01"
    by_type = {Path: path, list[Path]: path, datetime: since}
    for parameter in command.params:
        if parameter.required:
            yield from (option for option in parameter.opts if option.startswith("--"))
            yield by_type.get(parameter.type_descriptor.annotation, "text")


@dataclass(frozen=True, slots=True)
class Runs:
    """What every command printed, for people and for programs, and the calls that they made."""

    printed: dict[Names, tuple[Outcome, Outcome]]
    calls: set[tuple[str, str]]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Every command, run once each way; `status` both for what is alive and for what is ready."""
    folder = tmp_path_factory.mktemp("files")
    printed = {}
    with documented_server(openapi.openapi()) as server:
        asked = ["--url", server.url, "--api-key", "wnw_x"]
        for names in ANSWERED:
            (folder / "rows.ndjson").write_text('{"text": "Ada"}\n')
            called = [*names, *arguments_of(COMMANDS[names], folder), *asked]
            printed[names] = CliRunner().invoke(app, called), CliRunner().invoke(app, [*called, "--json"])
        CliRunner().invoke(app, ["status", "--alive", *asked])
    return Runs(printed, {(call.method, call.path) for call in server.calls})


@pytest.mark.parametrize("names", ANSWERED, ids=" ".join)
def test_every_command_answers_people_and_programs(names: Names, runs: Runs) -> None:
    for_people, for_programs = runs.printed[names]
    assert (for_people.exit_code, for_programs.exit_code) == (0, 0), for_people.exception or for_programs.exception
    assert for_people.stdout.strip()
    json.loads(for_programs.stdout)


def test_every_call_has_a_command(runs: Runs) -> None:
    document = openapi.openapi()["paths"]
    assert {(method.upper(), path) for path, methods in document.items() for method in methods} - runs.calls == set()


def test_the_shell_completes_commands(tmp_path: Path) -> None:
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).output
    words = {"_WINNOW_COMPLETE": "complete_bash", "COMP_WORDS": "winnow screenings re", "COMP_CWORD": "2"}
    command = [str(Path(sys.executable).with_name("winnow"))]
    done = subprocess.run(command, cwd=tmp_path, env=words, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["retry", "results"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["pools", "show", "x", "--url", "http://127.0.0.1:1"], "Give --api-key or set WINNOW_API_KEY"),
        (["pools", "list", "--url", "127.0.0.1:1", "--api-key", "wnw_x"], "127.0.0.1:1"),
        (["screen", "missing", "--url", "http://127.0.0.1:1", "--api-key", "wnw_x"], "missing does not exist"),
        (["screen", "resumes.zip", "--url", "http://127.0.0.1:1", "--api-key", "wnw_x"], "--job JOB.txt"),
        (["screen", "pool.csv", "--out", "a.xlsx", "--url", "http://127.0.0.1:1", "--api-key", "wnw_x"], ".ndjson"),
        (["screen", "pool.csv", "--out", "no/a.csv", "--url", "http://127.0.0.1:1", "--api-key", "wnw_x"], "folder no"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do(tmp_path: Path, arguments: list[str], told: str) -> None:
    for name in ("resumes.zip", "pool.csv"):
        (tmp_path / name).touch()
    done = winnow(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("winnow: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("width", [60, 77, 80, 120])
def test_no_terminal_cuts_a_flag(width: int) -> None:
    result = Result(
        skills_found=(),
        skills_missing=(),
        shown=None,
        unknown=None,
        breakdown={},
        must_haves=(),
        resume_id="",
        resume_external_id="a-very-long-name-of-a-file-that-someone-sent.pdf",
        resume_name=None,
        job_id="",
        job_external_id="",
        job_title="Developer",
        state="scored",
        probability=0.6,
        matched=True,
        threshold=None,
        stale=False,
        categories={},
        labels=("Systems_Administrator", "Network_Administrator"),
        flagged=True,
        flags=tuple(Flag(kind, 0.9, 0.5, "", 0, 0) for kind in ("spam", "toxicity")),
        reason=None,
        reused_from=None,
        windows=1,
        input_hash=None,
        resume_hash=None,
        passages=None,
    )
    console = Console(width=width, record=True, file=StringIO())
    show_ranking(console, [result])
    assert {"spam", "toxicity"} <= set(console.export_text().split())


def test_names_from_files_cannot_steer_the_terminal() -> None:
    assert cell("[red]\x1b[2J\x07name").plain == "[red]\ufffd[2J\ufffdname"
