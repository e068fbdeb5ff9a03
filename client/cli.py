"""The `winnow` command."""

from __future__ import annotations

import sys

import typer

from client.commands import (
    endpoints,
    explain,
    further,
    interactive,
    jobs,
    pools,
    screen,
    screenings,
    server,
    up,
    uploads,
)
from client.errors import WinnowError

app = typer.Typer(
    help="Screen applicant pools in bulk. Begin with `winnow up` in one terminal and `winnow screen` in another.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
up.register(app)
screen.register(app)
screenings.register(app)
explain.register(app)
interactive.register(app)
server.register(app)
app.add_typer(pools.app, name="pools")
app.add_typer(jobs.app, name="jobs")
app.add_typer(uploads.app, name="uploads")
app.add_typer(endpoints.app, name="endpoints")
app.add_typer(endpoints.deliveries_app, name="deliveries")
further.register(app)


def main() -> None:
    """Run a command; an error is one line on stderr and exit code 1."""
    try:
        app()
    except BrokenPipeError:  # the reader of our output had enough, as in `winnow results ... | head`
        sys.stderr.close()
        sys.exit(0)
    except (WinnowError, OSError) as error:  # OSError: a file that cannot be read names itself
        line = " ".join(str(error).split())
        typer.secho(f"winnow: {line}", err=True, fg="red")
        sys.exit(1)
