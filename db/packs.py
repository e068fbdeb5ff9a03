"""Which pack versions this deployment knows, and which of them new screenings begin with."""

import json
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.tables import Pack


class PackChanged(Exception):
    """A version that is already registered came back with other contents; versions are immutable."""


def active_versions(session: Session) -> dict[str, str]:
    """Name to version of every active pack."""
    return {name: version for name, version in session.execute(select(Pack.name, Pack.version).where(Pack.active))}


def register(session: Session, root: Path) -> list[tuple[str, str]]:
    """Register every `NAME/VERSION/manifest.json` under `root`; the newest version of a new name becomes active.

    Needs the owner's role. Raises PackChanged. Returns the (name, version) pairs that were not known before.
    """
    added = []
    for path in sorted(root.glob("*/*/manifest.json"), key=_age):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        name, version = manifest["name"], manifest["version"]
        known = session.scalar(select(Pack.manifest).where(Pack.name == name, Pack.version == version))
        if known is not None:
            if known["files"] != manifest["files"]:
                raise PackChanged(
                    f"Pack {name} {version} is registered with other files; give the new one a new version."
                )
            continue
        session.execute(insert(Pack).values(name=name, version=version, manifest=manifest, active=False))
        added.append((name, version))
    for name, version in dict(added).items():
        if session.scalar(select(Pack.name).where(Pack.name == name, Pack.active)) is None:
            session.execute(
                Pack.__table__.update().where(Pack.name == name, Pack.version == version).values(active=True)
            )
    return added


def _age(manifest: Path) -> tuple[str, tuple[int, ...]]:
    """Order of versions: their numbers, oldest first."""
    return manifest.parent.parent.name, tuple(int(part) for part in manifest.parent.name.split("."))
