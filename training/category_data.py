"""The resume corpus as the categories model reads it: word pieces, labels and fixed sides, kept in one file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from tqdm import tqdm

from scoring.packs import base_directory
from scoring.tokens import Tokenizer
from training.data import read_corpus
from training.redacted import CACHE
from training.splits import SEED, near_duplicate_keys, sides
from training.titles import LabelNames, Titles

SHORT = 510
"""Word pieces that a BERT reads of a resume, [CLS] and [SEP] apart."""
TAGGED_CHARACTERS = 4_000
"""Of a text with its tags left in, only the beginning is ever read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Which side a resume stands on, and what a model is given of it.

    `split`: `grouped` (near-duplicates on one side) or `random` (rows). `titles`, `names` (of the ten labels): left in
    or taken out. `cut`: how many word pieces, 0 for all.
    `tags`: the text as it came, neither redacted nor stripped of its search-hit tags; always cut.
    """

    split: str = "grouped"
    titles: bool = True
    names: bool = True
    tags: bool = False
    cut: int = 0

    @property
    def name(self) -> str:
        """The name in tables."""
        marks = ("" if self.titles else "titles masked", "" if self.names else "label names masked",
                 f"first {self.cut + 2}" if self.cut else "", "tags left in" if self.tags else "")  # fmt: skip
        return ", ".join([self.split, *filter(None, marks)])

    @property
    def folder(self) -> str:
        """The name as one word."""
        return self.name.replace(", ", "-").replace(" ", "-")


MASKED = (Reading(names=False), Reading(titles=False))
"""On these the shipped pack is measured as well, which learned with titles."""
WHOLE = (Reading(), *MASKED, Reading("random"), Reading("random", titles=False))
"""Both splits, titles left in and masked; every model is measured on these."""
CUT = Reading(cut=SHORT)
BEGINNINGS = (CUT, Reading("random", cut=SHORT), Reading("random", cut=SHORT, tags=True))
"""What the first 512 tokens tell, and what the search-hit tags tell beyond them."""


@dataclass(frozen=True, slots=True)
class Resumes:
    """Word pieces of every resume, uint16[tokens] each; `titleless` the same without titles; labels float[rows, 10]."""

    ids: list[np.ndarray]
    titleless: list[np.ndarray]
    labels: np.ndarray
    side: np.ndarray
    whole: np.ndarray
    fingerprint: str

    def rows(self, side: str) -> np.ndarray:
        """The rows that stand on a side (train, valid, test)."""
        return np.flatnonzero(self.side == side)

    @property
    def long(self) -> np.ndarray:
        """Which resumes hold more than a BERT reads, uncut: bool[rows]."""
        return self.whole > SHORT


def read_resumes(path: Path, reading: Reading, cache: Path = CACHE) -> Resumes:
    """Read a file like resume_corpus.parquet; the first time takes minutes, as texts are redacted and tokenised."""
    kept, tagged = cache / "categories.npz", cache / "categories-tagged.npz"
    if not kept.exists():
        _write(path, kept)
    if reading.tags and not tagged.exists():
        _write_tagged(path, tagged)
    stored = np.load(kept)
    ids = _texts(np.load(tagged) if reading.tags else stored)
    tokenizer = Tokenizer.load(base_directory())
    if not reading.names:
        names = LabelNames(tokenizer)
        ids = [one[names.outside(one)] for one in ids]
    titles = Titles(tokenizer)
    titleless = [one[titles.outside(one)] for one in ids]
    if not reading.titles:
        ids = titleless
    if reading.cut:
        ids, titleless = ([one[: reading.cut] for one in many] for many in (ids, titleless))
    whole = np.diff(stored["ends"], prepend=0)
    return Resumes(ids, titleless, stored["labels"], stored[reading.split], whole, str(stored["fingerprint"]))


def random_sides(count: int) -> np.ndarray:
    """The reference's split: rows, 90 to 10 (training.recipes.categories_001); a twentieth is kept for validation."""
    side = np.full(count, "train")
    train, test = train_test_split(np.arange(count), test_size=0.1, random_state=SEED)
    side[test], side[train_test_split(train, test_size=0.05, random_state=SEED)[1]] = "test", "valid"
    return side


def _write(path: Path, kept: Path) -> None:
    corpus = read_corpus(path)
    _keep(
        kept, corpus.texts, labels=corpus.labels, random=random_sides(len(corpus.texts)),
        grouped=sides(near_duplicate_keys(corpus.plain), "categories"), fingerprint=corpus.fingerprint,
    )  # fmt: skip


def _write_tagged(path: Path, kept: Path) -> None:
    texts = pd.read_parquet(path, columns=["text"])["text"]
    _keep(kept, [" ".join(str(text)[:TAGGED_CHARACTERS].split()) for text in texts])


def _keep(kept: Path, texts: list[str], **others: Any) -> None:
    """Tokenise texts, as uint16: a quarter of what 64-bit ids would take."""
    tokenizer, starts = Tokenizer.load(base_directory()), tqdm(range(0, len(texts), 500), desc="tokenising")
    ids = [one.astype(np.uint16) for start in starts for one in tokenizer.encode(texts[start : start + 500])]
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, flat=np.concatenate(ids), ends=np.cumsum([len(one) for one in ids]), **others)


def _texts(stored: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    return np.split(stored["flat"], stored["ends"][:-1])
