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
from training.splits import folds, near_duplicate_keys

FORMATS = {
    ("text", "label"): lambda label: label == "spam",
    ("text", "toxic"): lambda toxic: toxic.astype(int) == 1,
    ("comment_text", "toxic"): lambda toxic: toxic.astype(int) == 1,
    ("tweet", "class"): lambda label: label.astype(int) != 2,
}
"""(text column, label column) of the public sets, and what is positive: of tweets, hate speech and offence."""
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
    """Read a file in any of FORMATS, told by its columns. Raises ValueError for any other."""
    frame = pd.read_csv(path, keep_default_na=False)
    for (text, label), positive in FORMATS.items():
        if {text, label} <= set(frame.columns):
            return Messages([str(one) for one in frame[text]], positive(frame[label]).to_numpy(bool), sha256_of(path))
    raise ValueError(f"{path} has none of the known pairs of columns: {', '.join('/'.join(pair) for pair in FORMATS)}")


def read_documents(data_dir: Path) -> Documents:
    """Resumes and postings; near-duplicates stand on one side."""
    corpus, postings = data_dir / "resume_corpus.parquet", data_dir / "job_postings.parquet"
    resumes = [normalise(text) for text in pd.read_parquet(corpus, columns=["text"])["text"]]
    jobs = pd.read_parquet(postings, columns=["description"])["description"].dropna().tolist()
    texts = resumes + jobs
    return Documents(
        texts, np.array(DOCUMENT_SIDES)[folds(near_duplicate_keys(texts), len(DOCUMENT_SIDES))],
        np.arange(len(texts)) < len(resumes), {corpus.name: sha256_of(corpus), postings.name: sha256_of(postings)},
    )  # fmt: skip


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
