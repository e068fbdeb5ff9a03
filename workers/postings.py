"""Imports postings to recommend from: `python -m workers.postings FILE --source NAME` (needs DATABASE_OWNER_URL).

FILE is CSV with a header, or NDJSON (.ndjson, .jsonl): `title` and `description`, and where there are any `external_id`
(or `id`), `company`, `location` and `url`. They belong to the deployment, so every tenant is recommended them. A file
replaces all that came from the same source before; an empty one removes it.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db import catalogue
from db.settings import SettingsError
from scoring.packs import PackError, find_pack
from workers import catalogues
from workers.device import choose
from workers.settings import worker_settings

if TYPE_CHECKING:
    from workers.sources import Reader

NAMES: Mapping[str, tuple[str, ...]] = {
    "external_id": ("external_id", "id"),
    "title": ("title", "positionName", "job_title"),
    "description": ("description",),
    "company": ("company",),
    "location": ("location",),
    "url": ("url", "redirect_url"),
}
"""What a column is called here, and what it may be called in the file; the first that holds something counts."""
BATCH = 64
NEEDED = ("occupations", "skills")


class PostingsError(Exception):
    """The file cannot be imported; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One posting of the file; absent parts are empty."""

    external_id: str
    title: str
    description: str
    company: str
    location: str
    url: str

    @property
    def text(self) -> str:
        """What it is compared by."""
        return f"{self.title}\n{self.description}"


def read(path: Path) -> Iterator[Posting]:
    """The file's postings; those that come twice by id count once, the last. Raises PostingsError."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = file.readlines() if path.suffix in (".ndjson", ".jsonl") else None
        rows: Iterable[Mapping[str, Any]] = map(_row, lines) if lines is not None else csv.DictReader(file)
        found = {}
        for number, row in enumerate(rows, 1):
            posting = _posting(row, number)
            found[posting.external_id] = posting
    yield from found.values()


def _row(line: str) -> Mapping[str, Any]:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("a line is no object")
    return row


def _posting(row: Mapping[str, Any], number: int) -> Posting:
    values = {name: _value(row, others) for name, others in NAMES.items()}
    if not values["title"] or not values["description"]:
        raise PostingsError(f"Posting {number} has no title or no description. Known columns: {', '.join(NAMES)}.")
    values["external_id"] = (
        values["external_id"] or hashlib.sha256("\0".join(values.values()).encode()).hexdigest()[:16]
    )
    return Posting(**values)


def _value(row: Mapping[str, Any], names: Sequence[str]) -> str:
    given = (row.get(name) for name in names)
    return next((str(value).replace("\0", " ").strip() for value in given if value not in (None, "")), "")


def reader() -> "Reader":
    """What the interactive worker reads jobs with. Raises PackError."""
    from scoring.skills.matcher import SkillMatcher
    from workers.sources import Reader

    versions = catalogue.pack_versions(NEEDED)
    if missing := [name for name in NEEDED if name not in versions]:
        raise PackError(f"no active pack {', '.join(missing)}: run `python -m db.admin register-packs`")
    occupations, skills = (versions[name] for name in NEEDED)
    matcher = SkillMatcher.load(find_pack(worker_settings().packs, "skills", skills))
    embedder = catalogues.embedder(occupations, choose(worker_settings().device))
    return Reader(embedder, matcher, catalogues.made_by(occupations, skills))


def rows(reader: "Reader", postings: Sequence[Posting]) -> Iterator[catalogue.PostingRow]:
    """The postings with their skills and embeddings."""
    for start in range(0, len(postings), BATCH):
        batch = postings[start : start + BATCH]
        vectors = reader.jobs([posting.text for posting in batch])
        for one, vector in zip(batch, vectors, strict=True):
            yield catalogue.PostingRow(
                one.external_id,
                one.title,
                one.company,
                one.location,
                one.url,
                reader.skills(one.text),
                vector.tobytes(),
            )
        print(f"{start + len(batch)} of {len(postings)} read", file=sys.stderr)


def main() -> int:
    """Import one file; 0 when it worked."""
    parser = argparse.ArgumentParser(prog="python -m workers.postings", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--source", required=True, help="where the postings come from; part of their ids")
    arguments = parser.parse_args()
    try:
        postings = list(read(arguments.file))
        reading = reader()
        gone = catalogue.replace_postings(arguments.source, reading.made_by, list(rows(reading, postings)))
    except (PostingsError, PackError, SettingsError, OSError, ValueError, csv.Error) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"imported {len(postings)} postings from {arguments.source}, in place of {gone}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
