"""Fetches packs from a model hub: checked against their manifest, resumed where they broke off, there whole or not.

What is fetched is data (safetensors, skops, text) and is trusted by sha256: the manifest's is given by whoever asks, or
its revision is a commit; the files' stand in the manifest.
"""

import fcntl
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scoring.packs import load_pack, sha256_of
from workers.hub_address import MANIFEST, HubAddress, HubError, read_address
from workers.hub_download import Downloads, Times

SOURCE = "source.json"
"""Beside the manifest of a pack that was fetched: from where."""
PARTS = ".fetching"
"""A folder beside the packs; the names of packs begin with a letter, so it is none of them."""
NAME, VERSION = re.compile(r"[a-z][a-z0-9_-]{0,63}"), re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}")
FILE_NAME, SHA256 = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._-]{0,127}"), re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most bytes of a manifest, and of all other files of a pack."""

    manifest: int = 1 << 20
    files: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it came, and what was checked of it: no name in it leads out of a folder."""

    content: bytes
    name: str
    version: str
    files: dict[str, str]

    @property
    def sha256(self) -> str:
        """The digest that whoever asks can pin."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Hub:
    """Fetches into one folder of packs. `trusted` hosts may be redirected to, and be asked over plain http."""

    root: Path
    trusted: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    times: Times = field(default_factory=Times)

    def fetch(self, url: str, manifest_sha256: str | None = None) -> Path:
        """The folder ROOT/NAME/VERSION of the pack at `url`; fetched unless it is there. Raises PackError."""
        address = read_address(url, self.trusted)
        if manifest_sha256 is None and not address.fixed:
            told = f"{address.revision} is no commit and can move"
            raise HubError(f"{told}: write the commit's 40 hex digits in its place, or give the manifest's sha256")
        with Downloads(self.trusted, self.times) as downloads:
            manifest = self._manifest(downloads, address, manifest_sha256)
            target = self.root / manifest.name / manifest.version
            parts = self.root / PARTS / manifest.name / f"{manifest.version}-{manifest.sha256[:16]}"
            with _alone(parts):
                if not target.exists():
                    self._files(downloads, address, manifest, parts)
                    _move(parts, target, address, manifest)
        if (target / MANIFEST).read_bytes() != manifest.content:
            raise HubError(f"{target} is there with another manifest: a version never changes")
        return load_pack(target).directory

    def _manifest(self, downloads: Downloads, address: HubAddress, sha256: str | None) -> Manifest:
        path = self.root / PARTS / f"{hashlib.sha256(address.url.encode()).hexdigest()[:16]}.json"
        with _alone(path):
            path.unlink(missing_ok=True)
            downloads.save(address.file(MANIFEST), path, self.limits.manifest)
            content = path.read_bytes()
            path.unlink()
        manifest = read_manifest(content)
        if sha256 is not None and manifest.sha256 != sha256:
            raise HubError(f"{address.file(MANIFEST)} has the sha256 {manifest.sha256}, not the one asked for")
        return manifest

    def _files(self, downloads: Downloads, address: HubAddress, manifest: Manifest, parts: Path) -> None:
        parts.mkdir(parents=True, exist_ok=True)
        left = self.limits.files
        for name, expected in manifest.files.items():
            path, began = parts / name, (parts / name).exists()
            if not began or sha256_of(path) != expected:
                downloads.save(address.file(name), path, left)
            if sha256_of(path) != expected:
                path.unlink()
                if not began:
                    raise HubError(f"{address.file(name)} is not what its manifest says: the sha256 is another")
                downloads.save(address.file(name), path, left)  # what was there before was of something else
            left -= path.stat().st_size


def read_manifest(content: bytes) -> Manifest:
    """Read a manifest that a stranger wrote. Raises HubError."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise HubError("the manifest is no JSON") from error
    if not isinstance(told, dict) or not isinstance(told.get("files"), dict):
        raise HubError("the manifest names no files")
    name, version, files = str(told.get("name")), str(told.get("version")), told["files"]
    if not NAME.fullmatch(name) or not VERSION.fullmatch(version):
        raise HubError(f"the manifest's name and version are no pack's: {name[:64]!r} {version[:64]!r}")
    for file, digest in files.items():
        if not FILE_NAME.fullmatch(file) or file in (MANIFEST, SOURCE) or not SHA256.fullmatch(str(digest)):
            raise HubError(f"the manifest names a file that no pack has: {file[:128]!r}")
    return Manifest(content, name, version, files)


def _move(parts: Path, target: Path, address: HubAddress, manifest: Manifest) -> None:
    """Put a folder that is complete where packs are looked for, at once."""
    (parts / MANIFEST).write_bytes(manifest.content)
    (parts / SOURCE).write_text(json.dumps({"address": address.url}) + "\n", encoding="utf-8")
    load_pack(parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        parts.rename(target)
    except OSError:
        if not target.exists():  # another machine that shares the folder was faster: its copy is as good
            raise


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes on this machine from fetching the same at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
