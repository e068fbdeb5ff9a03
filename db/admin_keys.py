"""The commands of `python -m db.admin` that make, list, limit and revoke API keys."""

import argparse
from uuid import UUID

from db import keys


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the commands known; each puts what it does into `run`."""
    create = commands.add_parser("create-key", help="make an API key; it is printed once and stored only as a hash")
    create.add_argument("--tenant", required=True, help="name of the customer; made when it does not exist")
    create.add_argument("--name", default="first key", help="what the key is for")
    create.add_argument("--rate-limit", type=_per_minute, help="requests a minute, 0: no limit (the deployment's)")
    create.set_defaults(run=_create)
    show = commands.add_parser("list-keys", help="list API keys: id, customer, name, limit, and whether revoked")
    show.add_argument("--tenant", help="only this customer's")
    show.set_defaults(run=_list)
    limit = commands.add_parser("limit-key", help="give an API key a rate limit of its own")
    limit.add_argument("id", type=UUID, help="the key's id, as list-keys shows it")
    limit.add_argument("rate_limit", type=_limit, help="requests a minute, 0: no limit, default: the deployment's")
    limit.set_defaults(run=_limit_key)
    revoke = commands.add_parser("revoke-key", help="let an API key open nothing from the next request on")
    revoke.add_argument("id", type=UUID, help="the key's id, as list-keys shows it")
    revoke.set_defaults(run=_revoke)


def _create(arguments: argparse.Namespace) -> None:
    print(keys.create_key(arguments.tenant, arguments.name, arguments.rate_limit)[1])


def _list(arguments: argparse.Namespace) -> None:
    for key in keys.list_keys(arguments.tenant):
        limit = "default" if key.rate_limit is None else f"{key.rate_limit}/min"
        state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "active"
        print(key.id, key.tenant, key.name, limit, f"made {key.created_at:%Y-%m-%d}", state, sep="\t")


def _limit_key(arguments: argparse.Namespace) -> None:
    if not keys.limit(arguments.id, arguments.rate_limit):
        raise keys.UnknownKeyError(f"There is no API key {arguments.id}; list-keys shows them all.")


def _revoke(arguments: argparse.Namespace) -> None:
    if not keys.revoke(arguments.id):
        raise keys.UnknownKeyError(f"There is no active API key {arguments.id}; list-keys shows them all.")
    print(f"revoked {arguments.id}")


def _per_minute(text: str) -> int:
    if int(text) < 0:
        raise ValueError(text)
    return int(text)


def _limit(text: str) -> int | None:
    return None if text == "default" else _per_minute(text)
