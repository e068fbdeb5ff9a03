"""What the operator does with packs, as the owner of the tables: make known, promote, roll back, delete."""

import argparse
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from db import pack_releases, packs
from db.engine import system_session
from db.settings import database_url
from db.tables import PackRelease

ROOT = Path(__file__).parent.parent


def packs_folder() -> Path:
    """Where this machine's packs lie: WINNOW_PACKS, else `packs` beside the code."""
    return Path(os.environ.get("WINNOW_PACKS", ROOT / "packs"))


@contextmanager
def owner_session() -> Iterator[Session]:
    """One transaction as the owner of the tables, at DATABASE_OWNER_URL."""
    engine = create_engine(database_url("DATABASE_OWNER_URL"))
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        engine.dispose()


def listing() -> list[packs.PackVersion]:
    """Every registered version."""
    with owner_session() as session:
        return packs.listing(session)


def register(root: Path, *, newer_current: bool = False) -> list[tuple[str, str]]:
    """Make the packs under `root` known; returns those that are new. Raises PackChangedError."""
    with owner_session() as session:
        return packs.register(session, root, getpass.getuser(), promote=newer_current)


def promote(name: str, version: str) -> bool:
    """Let new screenings begin with this version; False when they do already. Raises ReleaseError."""
    with owner_session() as session:
        return pack_releases.promote(session, name, version, getpass.getuser())


def rollback(name: str) -> str:
    """Let new screenings begin with the version before this one, and return it. Raises ReleaseError."""
    with owner_session() as session:
        return pack_releases.rollback(session, name, getpass.getuser())


def history(name: str) -> list[PackRelease]:
    """Every release of a pack, the newest first."""
    with owner_session() as session:
        return pack_releases.history(session, name)


def delete(name: str, version: str) -> None:
    """Forget a version that nobody uses. Raises ReleaseError."""
    with owner_session() as session, system_session() as system:
        pack_releases.delete(session, system, name, version, getpass.getuser())


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make `register-packs` known to `python -m db.admin`; the rest are commands of `winnow packs`."""
    command = commands.add_parser("register-packs", help="make model packs known (needs DATABASE_OWNER_URL)")
    command.add_argument("root", nargs="?", type=Path, default=packs_folder())
    command.add_argument("--promote", action="store_true", help="let new screenings begin with what is new and newer")
    command.set_defaults(run=_register)


def _register(arguments: argparse.Namespace) -> None:
    for name, version in register(arguments.root, newer_current=arguments.promote):
        print(f"registered {name} {version}")
