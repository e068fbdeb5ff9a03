"""Which pack versions this deployment knows, and which of them new screenings begin with."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.engine import app_engine
from db.tables import Pack

SCORING = ("match", "categories", "spam", "toxicity", "skills")
"""The packs that a screening is scored with, and pins. Others may be registered before anything uses them."""


class PackChangedError(Exception):
    """A version that is already registered came back with other contents; versions are immutable."""


def active_versions(session: Session, names: Sequence[str] = SCORING) -> dict[str, str]:
    """Name to version of every active pack among `names`."""
    rows = session.execute(select(Pack.name, Pack.version).where(Pack.active, Pack.name.in_(names)))
    return {row.name: row.version for row in rows}


def deployed() -> dict[str, str]:
    """The active versions, read in a transaction of its own; belongs to no tenant."""
    with Session(app_engine()) as session:
        return active_versions(session)


def register(session: Session, root: Path) -> list[tuple[str, str]]:
    """Register every `NAME/VERSION/manifest.json` under `root`; the newest version of a new name becomes active.

    Needs the owner's role. Raises PackChangedError. Returns the (name, version) pairs that were not known before.
    """
    added = []
    for path in sorted(root.glob("*/*/manifest.json"), key=_age):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if _add(session, manifest):
            added.append((manifest["name"], manifest["version"]))
    active = set(session.scalars(select(Pack.name).where(Pack.active)))
    for name, version in dict(added).items():
        if name not in active:
            session.execute(update(Pack).where(Pack.name == name, Pack.version == version).values(active=True))
    return added


def _age(manifest: Path) -> tuple[str, tuple[int, ...]]:
    """Order of versions: their numbers, oldest first."""
    return manifest.parent.parent.name, tuple(int(part) for part in manifest.parent.name.split("."))


def _add(session: Session, manifest: dict[str, Any]) -> bool:
    known = session.get(Pack, (manifest["name"], manifest["version"]))
    if known is None:
        session.add(Pack(name=manifest["name"], version=manifest["version"], manifest=manifest, active=False))
        session.flush()
        return True
    if known.manifest["files"] != manifest["files"]:
        raise PackChangedError(f"Pack {known.name} {known.version} has other files now: give it a new version.")
    return False
