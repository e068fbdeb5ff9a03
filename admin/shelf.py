"""The packs in a folder of this machine, and what the deployment's database says of them where it can be asked."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from db.packs import PackVersion, age


@dataclass(frozen=True, slots=True)
class Shelved:
    """A version as `winnow packs list` shows it. `size` in bytes, None when its files are not here; `current` is None
    when no database was asked."""

    name: str
    version: str
    kind: str
    size: int | None
    current: bool | None


def folders(root: Path, name: str | None = None, version: str | None = None) -> list[tuple[str, str]]:
    """(name, version) of every pack under `root`, or those named, the oldest version first."""
    found = [(path.parts[-3], path.parts[-2]) for path in root.glob(f"{name or '*'}/{version or '*'}/manifest.json")]
    return sorted(found, key=lambda pack: (pack[0], age(pack[1])))


def registered() -> list[PackVersion] | None:
    """What the database knows; None when none is named, or it does not answer."""
    if not os.environ.get("DATABASE_OWNER_URL"):
        return None
    from sqlalchemy.exc import OperationalError

    from db.admin_packs import listing

    try:
        return listing()
    except OperationalError:
        return None


def shelf(root: Path, known: list[PackVersion] | None) -> list[Shelved]:
    """Every version that lies under `root` or is registered."""
    current = {(pack.name, pack.version): pack.current for pack in known or ()}
    rows = [
        Shelved(name, version, _kind(root / name / version), _size(root / name / version),
                None if known is None else current.get((name, version), False))
        for name, version in folders(root)
    ]  # fmt: skip
    here = {(row.name, row.version) for row in rows}
    away = [pack for pack in known or () if (pack.name, pack.version) not in here]
    rows += [Shelved(pack.name, pack.version, str(pack.manifest.get("kind")), None, pack.current) for pack in away]
    return sorted(rows, key=lambda row: (row.name, age(row.version)))


def _kind(directory: Path) -> str:
    return str(json.loads((directory / "manifest.json").read_text(encoding="utf-8")).get("kind", "?"))


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.iterdir())
