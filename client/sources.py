"""What lies at a path that a person names: documents, a table, or an archive, packed into requests of sensible size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from client.bodies import Body, FileBody, FormBody
from client.errors import WinnowError

DOCUMENTS = frozenset({".pdf", ".docx", ".txt"})
TABLES = frozenset({".csv", ".ndjson", ".jsonl", ".json"})
ARCHIVES = frozenset({".zip"})

# A request is one transaction and is sent again whole when it fails, so it is kept to a few seconds' work.
_BATCH_FILES = 100
_BATCH_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """Requests to send. `files` is how many files they hold; `skipped` counts a folder's others by their ending."""

    bodies: tuple[Body, ...]
    files: int
    may_carry_jobs: bool = False
    skipped: tuple[tuple[str, int], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of content."""
        return sum(body.size for body in self.bodies)


def read_source(path: Path) -> Source:
    """Look at what `path` is, without reading its content. Raises WinnowError when there is nothing to send."""
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise WinnowError("no_such_file", f"{path} does not exist", "Name a file or a folder.")
    suffix = path.suffix.lower()
    if suffix in DOCUMENTS:
        return documents([path])
    if suffix in TABLES | ARCHIVES:
        return Source((FileBody(path),), 1, may_carry_jobs=suffix in TABLES)
    detail = f"Accepted are {_names(DOCUMENTS | TABLES | ARCHIVES)}, and folders of {_names(DOCUMENTS)}."
    raise WinnowError("unknown_type", f"{path.name} is of no accepted type", detail)


def documents(paths: Iterable[Path]) -> Source:
    """Single documents, each under its own name."""
    named = [(path.name, path) for path in paths]
    return Source(tuple(_batches(named)), len(named))


def _folder(folder: Path) -> Source:
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not _hidden(path.relative_to(folder)))
    kept = [path for path in found if path.suffix.lower() in DOCUMENTS]
    if not kept:
        raise WinnowError("nothing_found", f"{folder} holds no {_names(DOCUMENTS)}", "Name another folder or a file.")
    skipped = Counter(path.suffix.lower() or "no ending" for path in found if path.suffix.lower() not in DOCUMENTS)
    named = [(path.relative_to(folder).as_posix(), path) for path in kept]
    return Source(tuple(_batches(named)), len(kept), skipped=tuple(sorted(skipped.items())))


def _batches(named: Iterable[tuple[str, Path]]) -> Iterator[FormBody]:
    batch: list[tuple[str, Path]] = []
    size = 0
    for name, path in named:
        length = path.stat().st_size
        if batch and (len(batch) == _BATCH_FILES or size + length > _BATCH_BYTES):
            yield FormBody(tuple(batch))
            batch, size = [], 0
        batch.append((name, path))
        size += length
    if batch:
        yield FormBody(tuple(batch))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _names(suffixes: Iterable[str]) -> str:
    return ", ".join(sorted(suffix.lstrip(".").upper() for suffix in suffixes))
