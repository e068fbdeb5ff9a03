"""`winnow up`: the whole system on this machine."""

from __future__ import annotations

import importlib.util
import os
import sys

import typer

from client.errors import WinnowError


def register(app: typer.Typer) -> None:
    """Add the command to the app. Its options are those of the local system, which explains them under --help."""
    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command("up", context_settings=settings)(run)


def run(context: typer.Context) -> None:
    """Run the whole system on this machine until Ctrl-C; its data stay."""
    if importlib.util.find_spec("local") is None:
        detail = "Install it with `pip install 'winnow[local]'` (Linux x86-64, Python 3.11), or name a server by --url."
        raise WinnowError("no_local_system", "The local system is not installed here", detail)
    # In our place, not as a child: Ctrl-C, a kill and the exit code then need no passing on. -P: a folder named `local`
    # or `db` where the reader stands is not ours.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "local.up", *context.args])
