"""The command of `python -m db.admin` that deletes what is older than the deployment keeps it."""

import argparse
from collections import Counter

from db import retention
from db.settings import kept_for


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    command = commands.add_parser(
        "retention", help="delete now what WINNOW_KEEP_..._DAYS does not keep (the relay does so every hour)"
    )
    command.set_defaults(run=_retention)


def _retention(_: argparse.Namespace) -> None:
    deleted: Counter[str] = Counter()
    for one in retention.sweep(kept_for()):
        deleted[one.what] += one.count
    for what, count in deleted.items():
        print(f"deleted {what}: {count}" if count > 1 else f"deleted {what}")
    if not deleted:
        print("nothing to delete")
