"""`winnow evaluate`: one resume against one job, at once; and `winnow status`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from client.commands.talk import Talk, command
from client.errors import WinnowError


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    command(app, "evaluate")(evaluate)
    command(app, "status")(status)


def evaluate(
    talk: Talk,
    resume: Annotated[Path, typer.Argument(help="A text file.")],
    job: Annotated[Path, typer.Option("--job", help="A text file with the posting.")],
) -> None:
    """Score one resume against one job and wait for the answer."""
    answer = talk.client.evaluate(_read(job), _read(resume))
    talk.one(answer, prediction=answer.prediction, probability=answer.probability, notice=answer.notice)


def status(talk: Talk) -> None:
    """Say whether the server can work."""
    answer = talk.client.ready()
    talk.one(answer | {"url": talk.client.url}, server=talk.client.url, **answer)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise WinnowError("cannot_read", f"{path} cannot be read as text", str(error)) from error
