"""The commands of `python -m db.admin` that share the workers out among customers."""

import argparse

from db import tenants
from db.tenants import Share


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the commands known; each puts what it does into `run`."""
    share = commands.add_parser("share", help="say what a customer may have of the workers")
    share.add_argument("--tenant", required=True, help="name of the customer")
    share.add_argument("--weight", type=_weight, default=1, help="its part while others wait, 1 to 1000; else 1")
    share.add_argument("--running-limit", type=_at_least_one, help="most claims at once; no limit when not given")
    share.set_defaults(run=_share)
    show = commands.add_parser("list-tenants", help="list customers: name, weight, and most claims at once")
    show.set_defaults(run=_list)


def _share(arguments: argparse.Namespace) -> None:
    tenants.change(Share(arguments.tenant, arguments.weight, arguments.running_limit))


def _list(_: argparse.Namespace) -> None:
    for share in tenants.shares():
        most = share.running_limit or "any number of"
        print(share.tenant, f"weight {share.weight}", f"{most} claims at once", sep="\t")


def _at_least_one(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def _weight(text: str) -> int:
    if not 1 <= int(text) <= 1000:
        raise ValueError(text)
    return int(text)
