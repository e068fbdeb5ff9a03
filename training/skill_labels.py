"""The sixty documents of labels/skills.jsonl: the excerpts that were read, and the skills found by reading."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from parsing.sandbox import extract

SEARCH_HIT = re.compile(r"</?span(?:\s+class=\"hl\")?\s*>")
"""Tags that the corpus's search engine left in its texts."""
LABELS = Path(__file__).with_name("labels") / "skills.jsonl"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What was read of one document, and the names of skills by each reading and as agreed."""

    document: str
    text: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    agreed: tuple[str, ...]


def read_excerpts(data_dir: Path) -> Iterator[Excerpt]:
    """The labelled excerpts whose text is still the one that was labelled; the others are left out."""
    tables = {
        name: pd.read_parquet(data_dir / name, columns=["id", column]).set_index("id")[column]
        for name, column in (("resume_corpus.parquet", "text"), ("job_postings.parquet", "description"))
    }
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        name, _, row = entry["document"].partition("#")
        whole = SEARCH_HIT.sub("", tables[name][row]) if row else extract((data_dir / name).read_bytes(), name).text
        text = "\n".join(whole[start:end] for start, end in entry["spans"])
        if hashlib.sha256(text.encode("utf-8")).hexdigest() == entry["sha256"]:
            readings = (tuple(entry[reading]) for reading in ("first", "second", "agreed"))
            yield Excerpt(entry["document"], text, *readings)
