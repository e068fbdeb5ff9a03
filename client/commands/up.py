"""`winnow up`: the whole system on this machine, as a child process."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
from types import FrameType

import typer

from client.errors import WinnowError

_PASSED_ON = (signal.SIGTERM, signal.SIGHUP)


def register(app: typer.Typer) -> None:
    """Add the command to the app. Its options are those of the local system, which explains them under --help."""
    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command("up", context_settings=settings)(run)


def run(context: typer.Context) -> None:
    """Run the whole system on this machine until Ctrl-C; its data stay."""
    if importlib.util.find_spec("local") is None:
        detail = "Install it with `pip install 'winnow[local]'` (Linux x86-64, Python 3.11), or name a server by --url."
        raise WinnowError("no_local_system", "The local system is not installed here", detail)
    with subprocess.Popen([sys.executable, "-m", "local.up", *context.args]) as child:
        # Ctrl-C reaches the child by itself, since both stand in the terminal's foreground group.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

        def pass_on(number: int, frame: FrameType | None) -> None:
            child.send_signal(number)

        for number in _PASSED_ON:
            signal.signal(number, pass_on)
        code = child.wait()
    raise typer.Exit(code)
