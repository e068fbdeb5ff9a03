"""Further commands of `winnow`, which the server's packages bring: each is an entry point of the group winnow.commands.

An entry point names a function of the app, `register(app)`; what it imports should be little, as every start of
`winnow` calls it.
"""

from __future__ import annotations

from importlib.metadata import entry_points

import typer

from client.errors import WinnowError

GROUP = "winnow.commands"
KNOWN = {
    "doctor": "Say what is wrong with the deployment, and what to do.",
    "packs": "Model packs: list, show, verify, build, fetch, promote, roll back.",
}
"""Commands of the server's own, told of where they are not installed."""


def register(app: typer.Typer) -> None:
    """Add every command that is installed, and of those known but not installed, one that says what to install."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    for name in sorted(KNOWN.keys() | found.keys()):
        try:
            found[name].load()(app)
        except (KeyError, ModuleNotFoundError) as error:
            _tell(app, name, error)


def _tell(app: typer.Typer, name: str, error: Exception) -> None:
    lacks = f" ({error.name} is missing)" if isinstance(error, ModuleNotFoundError) else ""
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}

    def missing() -> None:
        detail = f"It runs where the server is installed: pip install 'winnow[worker]'{lacks}"
        raise WinnowError("not_installed", f"`winnow {name}` is not installed here", detail)

    app.command(name, context_settings=settings, help=f"{KNOWN.get(name, '')} (Not installed here.)")(missing)
