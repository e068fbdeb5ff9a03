"""Which pack versions this deployment knows, and which of them new screenings begin with."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import pack_releases
from db.engine import app_engine
from db.tables import Pack

SCORING = ("match", "categories", "spam", "toxicity", "skills")
"""The packs that every screening is scored with, and pins. Others may be registered before anything uses them."""
MANIFEST, SOURCE = "manifest.json", "source.json"
"""Files of a pack's folder; the second says where a fetched pack came from."""


class PackChangedError(Exception):
    """A version that is already registered came back with other contents; versions are immutable."""


@dataclass(frozen=True, slots=True)
class PackVersion:
    """A registered version; `current`: new screenings begin with it."""

    name: str
    version: str
    manifest: Mapping[str, Any]
    source: str | None
    registered_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Where a version can be fetched from, and the sha256 that its manifest must have."""

    address: str
    manifest_sha256: str


def active_versions(session: Session, names: Sequence[str] = SCORING) -> dict[str, str]:
    """Name to current version of every pack among `names`."""
    current = pack_releases.current(session)
    return {name: current[name] for name in names if name in current}


def pinned_versions(session: Session, names: Sequence[str] = SCORING) -> dict[str, str]:
    """`active_versions`, none of which can be deleted before this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock_shared(pack_releases.LOCK)))
    return active_versions(session, names)


def deployed() -> dict[str, str]:
    """The active versions, read in a transaction of its own; belongs to no tenant."""
    with Session(app_engine()) as session:
        return active_versions(session)


def deployed_packs() -> list[PackVersion]:
    """The current version of every pack, read as `deployed` is."""
    with Session(app_engine()) as session:
        return [pack for pack in listing(session) if pack.current]


def listing(session: Session) -> list[PackVersion]:
    """Every registered version, by name, the newest version first."""
    current = pack_releases.current(session)
    packs = sorted(session.scalars(select(Pack)), key=lambda pack: age(pack.version), reverse=True)
    return [
        PackVersion(
            pack.name,
            pack.version,
            pack.manifest,
            pack.source,
            pack.registered_at,
            current.get(pack.name) == pack.version,
        )
        for pack in sorted(packs, key=lambda pack: pack.name)
    ]


def source(name: str, version: str) -> Source | None:
    """Where a version can be fetched from, read in a transaction of its own; None when it came with the code."""
    with Session(app_engine()) as session:
        pack = session.get(Pack, (name, version))
    if pack is None or pack.source is None or pack.manifest_sha256 is None:
        return None
    return Source(pack.source, pack.manifest_sha256)


def register(session: Session, root: Path, by: str, *, promote: bool = False) -> list[tuple[str, str]]:
    """Register every `NAME/VERSION/manifest.json` under `root`; the newest version of a new name becomes current.

    With `promote`, so does a version that is new here and newer than the current one. Needs the owner's role. Raises
    PackChangedError. Returns the (name, version) pairs that were not known before.
    """
    paths = sorted(root.glob(f"*/*/{MANIFEST}"), key=lambda path: (path.parts[-3], age(path.parts[-2])))
    added = [pair for path in paths if (pair := _add(session, path)) is not None]
    current = pack_releases.current(session)
    for name, version in dict(added).items():
        if name not in current or (promote and age(version) > age(current[name])):
            pack_releases.promote(session, name, version, by)
    return added


def is_as_registered(known: PackVersion, manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest says what was registered, in all that a score may depend on."""
    return _scored_by(known.manifest) == _scored_by(manifest)


def age(version: str) -> tuple[int, ...]:
    """Order of versions: the numbers in them, oldest first."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _add(session: Session, path: Path) -> tuple[str, str] | None:
    content = path.read_bytes()
    manifest = json.loads(content)
    name, version, digest = manifest["name"], manifest["version"], hashlib.sha256(content).hexdigest()
    known = session.get(Pack, (name, version))
    if known is None:
        source = _source(path.with_name(SOURCE))
        session.add(Pack(name=name, version=version, manifest=manifest, manifest_sha256=digest, source=source))
        session.flush()
        return name, version
    if _scored_by(known.manifest) != _scored_by(manifest):
        raise PackChangedError(f"Pack {name} {version} has other files or settings now: give it a new version.")
    return None


def _scored_by(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """All of a manifest that a score may depend on: thresholds and calibration stand beside the files' checksums."""
    return {name: value for name, value in manifest.items() if name != "card"}


def _source(path: Path) -> str | None:
    return str(json.loads(path.read_text(encoding="utf-8"))["address"]) if path.exists() else None
