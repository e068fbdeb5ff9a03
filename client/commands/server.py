"""Of the server itself: `winnow status`, and `winnow models`, the versions of what scores there."""

from __future__ import annotations

from typing import Annotated

import typer

from client.answers import Pack, Version
from client.commands.talk import Columns, Talk, command

_VERSIONS: Columns[tuple[Pack, Version]] = {
    "model": lambda row: row[0].name,
    "version": lambda row: row[1].version,
    "current": lambda row: row[1].current,
    "what it does": lambda row: row[1].summary,
    "from": lambda row: row[1].fetched_from or "the program",
}


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    command(app, "status")(status)
    command(app, "models")(models)


def status(
    talk: Talk, alive: Annotated[bool, typer.Option("--alive", help="Only whether it answers.")] = False
) -> None:
    """Say whether the server can work, and what it does without for now."""
    answer = talk.client.alive() if alive else talk.client.ready()
    told = {"status": answer.status, "degraded": answer.degraded}
    talk.one({"url": talk.client.url, **told}, server=talk.client.url, **told)


def models(talk: Talk) -> None:
    """List the server's models and their versions; new screenings begin with the current ones."""
    packs = list(talk.client.packs())
    if talk.as_json:
        talk.json(packs)
        return
    talk.many([(pack, version) for pack in packs for version in pack.versions], _VERSIONS)
