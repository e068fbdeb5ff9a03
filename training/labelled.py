"""The labelled resumes of training/labels: where they lie, and what was found in them by reading."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from parsing.sandbox import extract
from scoring.spans import Span

LABELS = Path(__file__).with_name("labels") / "resumes.jsonl"
_SEARCH_HIT = re.compile(r"</?span(?:\s+class=\"hl\")?\s*>")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One resume's text with its labels (`ignore` among their kinds), offsets into the text."""

    document: str
    text: str
    labels: tuple[Span, ...]


def labelled_documents() -> list[str]:
    """The names of the labelled resumes: these are for measuring, never for making anything better."""
    return [json.loads(line)["document"] for line in LABELS.read_text(encoding="utf-8").splitlines()]


def corpus_texts(data_dir: Path, count: int) -> list[str]:
    """The first resumes of the corpus, without its search-hit tags and without the labelled ones."""
    corpus = pd.read_parquet(data_dir / "resume_corpus.parquet", columns=["id", "text"])
    rows = {document.partition("#")[2] for document in labelled_documents()}
    return [_SEARCH_HIT.sub("", text) for text in corpus[~corpus["id"].isin(rows)]["text"].head(count)]


def read_labelled(data_dir: Path) -> Iterator[Labelled]:
    """The labelled resumes whose text is still the one that was labelled; the others are left out."""
    corpus = pd.read_parquet(data_dir / "resume_corpus.parquet", columns=["id", "text"]).set_index("id")["text"]
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        name, _, row = entry["document"].partition("#")
        text = _SEARCH_HIT.sub("", corpus[row]) if row else extract((data_dir / name).read_bytes(), name).text
        if hashlib.sha256(text.encode("utf-8")).hexdigest() == entry["sha256"]:
            yield Labelled(entry["document"], text, tuple(Span(*label) for label in entry["labels"]))
