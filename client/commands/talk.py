"""How every command speaks: to people as tables, to programs as JSON; and the options that every command has."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table
from rich.text import Text

from client.client import Winnow

T = TypeVar("T")
Act = TypeVar("Act", bound=Callable[..., None])

Columns = Mapping[str, Callable[[T], object]]
"""A table's columns: heading, and what to show of a row."""

Url = Annotated[str | None, typer.Option("--url", envvar="WINNOW_URL", help="The server's address.")]
ApiKey = Annotated[
    str | None,
    typer.Option(
        "--api-key", envvar="WINNOW_API_KEY", show_envvar=True, help="An API key, wnw_... (better in WINNOW_API_KEY)."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@dataclass(frozen=True, slots=True)
class Talk:
    """A client, and where to print: answers to stdout, everything else to stderr."""

    client: Winnow
    as_json: bool
    out: Console = field(default_factory=Console)
    aside: Console = field(default_factory=lambda: Console(stderr=True))

    def json(self, value: object) -> None:
        """Print a value as JSON."""
        typer.echo(to_json(value, indent=2))

    def one(self, value: object, **shown: object) -> None:
        """Print one answer: whole as JSON, or the members `shown` as lines."""
        if self.as_json:
            self.json(value)
            return
        grid = Table.grid(padding=(0, 2))
        for name, member in shown.items():
            grid.add_row(name.replace("_", " "), cell(member))
        self.out.print(grid)

    def many(self, values: Iterable[T], columns: Columns[T]) -> None:
        """Print a listing: a JSON array, or a table."""
        if self.as_json:
            self.json(list(values))
            return
        table = Table(box=None, header_style="bold", pad_edge=False)
        for heading in columns:
            table.add_column(heading, overflow="fold", no_wrap=heading == "id")  # an id is there to be copied
        for value in values:
            table.add_row(*(cell(show(value)) for show in columns.values()))
        self.out.print(table)


def cell(value: object) -> Text:
    """A value as a table shows it. Names come from files that strangers sent: no markup, no control characters."""
    return Text("".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in _text(value)))


def _text(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        case float():
            return f"{value:.3f}"
        case tuple() | list() | set():
            return ", ".join(map(str, value)) or "-"
        case _:
            return str(value)


def command(app: typer.Typer, name: str) -> Callable[[Act], Act]:
    """Register a function of (talk, ...) as a command that also has --url, --api-key and --json; it stays as it is."""

    def register(function: Act) -> Act:
        def shell(url: Url = None, api_key: ApiKey = None, as_json: AsJson = False, **arguments: Any) -> None:
            with Winnow(url, api_key) as client:
                function(Talk(client, as_json), **arguments)

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        shared = list(inspect.signature(shell, eval_str=True).parameters.values())[:-1]
        parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*own, *shared)]
        # Typer reads a function's signature; this one has the parameters of both.
        shell.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        shell.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        shell.__doc__ = function.__doc__
        app.command(name)(shell)
        return function

    return register
