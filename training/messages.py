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
    """Texts with their labels, bool[messages], and the sha256 of the file they came from."""

    texts: list[str]
    labels: np.ndarray
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Documents:
    """Clean documents, each with its side (train, valid, test) and whether it is a resume (else a job posting)."""

    texts: list[str]
    sides: np.ndarray
    is_resume: np.ndarray
    fingerprints: dict[str, str]

    def of(self, side: str, is_resume: bool | None = None) -> list[str]:
        """The texts of one side: resumes, postings, or both."""
        chosen = self.sides == side
        if is_resume is not None:
            chosen &= self.is_resume == is_resume
        return [self.texts[row] for row in np.flatnonzero(chosen)]


def read_messages(path: Path) -> Messages:
    """Read a file in any of FORMATS, told by its columns; texts are redacted. Raises ValueError for any other."""
    frame, fingerprint = pd.read_csv(path, keep_default_na=False), sha256_of(path)
    for (text, label), positive in FORMATS.items():
        if {text, label} <= set(frame.columns):
            texts = redacted_messages([str(one) for one in frame[text]], fingerprint)
            return Messages(texts, positive(frame[label]).to_numpy(bool), fingerprint)
    raise ValueError(f"{path} has none of the known pairs of columns: {', '.join('/'.join(pair) for pair in FORMATS)}")


def read_documents(data_dir: Path) -> Documents:
    """Resumes and postings, redacted; near-duplicates stand on one side."""
    texts: list[str] = []
    keys: list[str] = []
    counts, fingerprints = [], {}
    for name, (column, redacted) in DOCUMENTS.items():
        own = pd.read_parquet(data_dir / name, columns=[column])[column].dropna().tolist()
        fingerprints[name] = sha256_of(data_dir / name)
        texts += redacted(own, fingerprints[name])
        keys += near_duplicate_keys(map(normalise, own))
        counts.append(len(own))
    sides = np.array(DOCUMENT_SIDES)[folds(keys, len(DOCUMENT_SIDES))]
    return Documents(texts, sides, np.arange(len(texts)) < counts[0], fingerprints)


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
