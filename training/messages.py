"""Labelled messages and clean documents for moderation, with near-duplicates kept together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from scoring.packs import sha256_of
from scoring.text import normalise
from training.redacted import redacted_messages, redacted_resumes
from training.splits import folds, near_duplicate_keys

SPLIT_SEED = 31
"""Of the sides of messages and documents; another than that of the first packs, whose held-out part had been looked at
while they were tuned."""
FORMATS = {
    ("text", "label"): lambda label: label == "spam",
    ("text", "toxic"): lambda toxic: toxic.astype(int) == 1,
    ("comment_text", "toxic"): lambda toxic: toxic.astype(int) == 1,
    ("tweet", "class"): lambda label: label.astype(int) != 2,
}
"""(text column, label column) of the public sets, and what is positive: of tweets, hate speech and offence."""
DOCUMENTS = {
    "resume_corpus.parquet": ("text", redacted_resumes),
    "job_postings.parquet": ("description", redacted_messages),
}
"""The files of clean documents, resumes first: their text's column, and how the service would redact them."""
RUN = 8
"""Messages that share a run of so many words are near-duplicates."""
DOCUMENT_SIDES = ("test", "valid", "train", "train", "train")
"""The side of each fifth of the documents; false positives are rare, so many are needed to choose and to measure by."""
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Messages:
    """Redacted texts with their labels, bool[messages], and the sha256 of the file they came from.

    `raw`: the texts as they came, for grouping alone: a split must not hang on what the redactor finds.
    """

    texts: list[str]
    labels: np.ndarray
    raw: list[str]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Documents:
    """Clean documents, redacted and as they came, each with its side (train, valid, test) and whether it is a resume.

    The others are job postings. `counts`: documents a file.
    """

    texts: list[str]
    raw: list[str]
    sides: np.ndarray
    is_resume: np.ndarray
    fingerprints: dict[str, str]
    counts: dict[str, int]

    def of(self, side: str, is_resume: bool) -> list[str]:
        """The redacted texts of one side's resumes or postings."""
        return [self.texts[row] for row in self._rows(side, is_resume)]

    def raw_of(self, side: str, is_resume: bool) -> list[str]:
        """The same documents as they came."""
        return [self.raw[row] for row in self._rows(side, is_resume)]

    def _rows(self, side: str, is_resume: bool) -> list[int]:
        return np.flatnonzero((self.sides == side) & (self.is_resume == is_resume)).tolist()


def read_messages(path: Path) -> Messages:
    """Read a file in any of FORMATS, told by its columns; texts are redacted. Raises ValueError for any other."""
    frame, fingerprint = pd.read_csv(path, keep_default_na=False), sha256_of(path)
    for (text, label), positive in FORMATS.items():
        if {text, label} <= set(frame.columns):
            raw = [str(one) for one in frame[text]]
            labels = positive(frame[label]).to_numpy(bool)
            return Messages(redacted_messages(raw, fingerprint), labels, raw, fingerprint)
    raise ValueError(f"{path} has none of the known pairs of columns: {', '.join('/'.join(pair) for pair in FORMATS)}")


def read_documents(data_dir: Path) -> Documents:
    """Resumes and postings, redacted; near-duplicates stand on one side."""
    texts: list[str] = []
    raw: list[str] = []
    counts, fingerprints = {}, {}
    for name, (column, redacted) in DOCUMENTS.items():
        own = pd.read_parquet(data_dir / name, columns=[column])[column].dropna().tolist()
        fingerprints[name], counts[name] = sha256_of(data_dir / name), len(own)
        texts += redacted(own, fingerprints[name])
        raw += own
    keys = near_duplicate_keys(map(normalise, raw))
    sides = np.array(DOCUMENT_SIDES)[folds(keys, len(DOCUMENT_SIDES), SPLIT_SEED)]
    resumes, _ = counts.values()
    return Documents(texts, raw, sides, np.arange(len(texts)) < resumes, fingerprints, counts)


def group_keys(texts: Sequence[str]) -> list[str]:
    """A key for each text, the same for all that are linked by a shared run of RUN words (case, digits, signs aside).

    A text shorter than RUN words is linked to those with exactly its words.
    """
    rows: list[int] = []
    columns: list[int] = []
    place: dict[tuple[str, ...], int] = {}
    for row, text in enumerate(texts):
        words = _LETTERS.findall(text.lower())
        for start in range(max(len(words) - RUN, 0) + 1):
            rows.append(row)
            columns.append(place.setdefault(tuple(words[start : start + RUN]), len(place)))
    total = len(texts) + len(place)
    links = coo_matrix((np.ones(len(rows)), (rows, np.add(columns, len(texts)))), shape=(total, total))
    groups = connected_components(links, directed=False)[1][: len(texts)]
    first = {group: texts[row] for row, group in reversed(list(enumerate(groups)))}
    return [first[group] for group in groups]
