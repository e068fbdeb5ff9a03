"""A linear detector of spam or abuse: scores any passages of a document, and says which words drove a score.

Features are hashed TF-IDF of words, word pairs and pieces of words, so a passage's log-odds are a sum over its terms.
Hashed features (Weinberger et al. 2009) need no vocabulary: a pack stays small and loads at once, and the terms are
read off the passage itself. A pack may hold a second look at the passages that these suspect (scoring/second_look.py);
the words that drove a score are then still those of this first one.
"""

import string
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.feature_extraction import FeatureHasher
from skops import io as skops

from scoring.canonical import canonical
from scoring.occurrences import Counts, Numbers, Occurrences
from scoring.packs import Pack, PackError
from scoring.passages import Document
from scoring.remembered import Remembered
from scoring.second_look import SECOND_LOOK, SecondLook

PIPELINE_FILE = "pipeline.skops"
TRUSTED_TYPES: tuple[str, ...] = ()
"""Types that a pack's skops file may hold beyond those that skops itself trusts (scikit-learn's, numpy's): none."""
DRIVING_TERMS = 5
SLICE = 64
"""Documents scored at once: bounds the memory, changes no score."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or words of a passage, and what they added to the passage's log-odds."""

    text: str
    weight: float


def _canonical(kind: str, words: list[str]) -> list[str]:
    return [canonical(word, kind) for word in words]


_CANONICAL = {kind: Remembered(partial(_canonical, kind)) for kind in ("spam", "toxicity")}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some documents, one after the other, as one kind of detector reads them; each distinct one once.

    `place[i]` is the place of word i in `distinct`.
    """

    distinct: tuple[str, ...]
    place: Numbers

    @classmethod
    def of(cls, documents: Sequence[Document], kind: str) -> "Words":
        """The words of these documents in their canonical form."""
        places: dict[str, int] = {}
        place = [places.setdefault(word, len(places)) for document in documents for word in document.words]
        return cls(tuple(_CANONICAL[kind].of(list(places))), np.array(place, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Block:
    """One family of features: how they are counted (scikit-learn's HashingVectorizer), and what each weighs.

    `idf` and `weights`: float[features]; a passage's part of the log-odds is (TF-IDF of unit length) @ weights.
    """

    counts: Any
    idf: NDArray[np.float64]
    weights: NDArray[np.float64]
    seen: NDArray[np.bool_]
    """Which features occurred in training: bool[features]."""
    pieces: Remembered[Numbers]
    """The features of the pieces of a word."""
    grams: Remembered[int]
    """The feature of some words as one."""

    @classmethod
    def of(cls, vectorizer: Any, idf: NDArray[np.float64], weights: NDArray[np.float64]) -> "Block":
        """A block that remembers what it hashed."""
        return cls(
            vectorizer, idf, weights, idf > 0, Remembered(partial(_hashed_pieces, vectorizer)),
            Remembered(partial(_hashed_grams, vectorizer)),
        )  # fmt: skip

    def occurrences(self, words: Words) -> list[Occurrences]:
        """Where the features occur in these words."""
        return [_pieces(self, words)] if self.counts.analyzer == "char_wb" else list(_ngrams(self, words))

    def log_odds(self, words: Words, passages: Numbers) -> NDArray[np.float64]:
        """What these features add to the log-odds of passages (int[passages, 2], of `words`), float[passages]."""
        layers = [layer.of(self.seen) for layer in self.occurrences(words)]
        counts = Counts.of(layers, passages, self.counts.n_features)
        values = (1 + np.log(counts.times)) * self.idf[counts.features]
        lengths = np.sqrt(np.bincount(counts.passages, values**2, len(passages)))
        added = np.bincount(counts.passages, values * self.weights[counts.features], len(passages))
        return np.asarray(added / np.where(lengths > 0, lengths, 1), dtype=np.float64)

    def terms(self, words: Words) -> Iterator[tuple[int, int, float]]:
        """What each run of words (its first and its last) adds to the log-odds of all words as one passage."""
        layers = self.occurrences(words)
        counts = np.bincount(np.concatenate([layer.features for layer in layers]), minlength=len(self.idf))
        seen = np.maximum(counts, 1)
        values = np.where(counts > 0, 1 + np.log(seen), 0) * self.idf
        share = values * self.weights / (seen * max(float(np.linalg.norm(values)), 1e-12))
        for layer in layers:
            yield from zip(layer.first.tolist(), layer.last.tolist(), share[layer.features].tolist(), strict=True)


@dataclass(frozen=True, slots=True)
class Detector:
    """A linear detector of one kind; a text is flagged where its probability reaches the threshold."""

    kind: str
    threshold: float
    intercept: float
    blocks: tuple[Block, ...]
    second: SecondLook | None = None

    @classmethod
    def load(cls, pack: Pack) -> "Detector":
        """Read a verified pack. Raises PackError when its pipeline holds a type that is not trusted."""
        path = pack.path(PIPELINE_FILE)
        if unknown := set(skops.get_untrusted_types(file=path)) - set(TRUSTED_TYPES):
            raise PackError(f"{path} holds types that are not trusted: {', '.join(sorted(unknown))}")
        pipeline = skops.load(path, trusted=list(TRUSTED_TYPES))
        second = SecondLook.load(pack) if SECOND_LOOK in pack.manifest["files"] else None
        return cls.of(pipeline, pack.manifest["kind"], pack.manifest["threshold"], second)

    @classmethod
    def of(cls, pipeline: Any, kind: str, threshold: float, second: SecondLook | None = None) -> "Detector":
        """A detector from a fitted scikit-learn pipeline: a union of (counts, tfidf) blocks, then a linear model."""
        model, union = pipeline["model"], [block for _, block in pipeline["features"].transformer_list]
        ends = np.cumsum([block["counts"].n_features for block in union])[:-1]
        parts = np.split(np.asarray(model.coef_[0], dtype=np.float64), ends)
        blocks = (
            Block.of(block["counts"], np.asarray(block["tfidf"].idf_, dtype=np.float64), part)
            for block, part in zip(union, parts, strict=True)
        )
        return cls(kind, threshold, float(model.intercept_[0]), tuple(blocks), second)

    def scores(self, documents: Sequence[Document]) -> list[NDArray[np.float64]]:
        """For each document the probability of each of its passages; no score depends on what else is scored."""
        first = self.log_odds(documents)
        if self.second is None:
            return [np.asarray(expit(own), dtype=np.float64) for own in first]
        pairs = zip(documents, first, strict=True)
        return [self.second.probabilities(document, self.kind, own) for document, own in pairs]

    def log_odds(self, documents: Sequence[Document]) -> list[NDArray[np.float64]]:
        """The same as log-odds, as the words alone tell them: the first look."""
        slices = (documents[at : at + SLICE] for at in range(0, len(documents), SLICE))
        return [own for part in slices for own in self._log_odds(part)]

    def terms(self, document: Document) -> tuple[Term, ...]:
        """The terms that raised the log-odds of the document as one passage most, the strongest first."""
        added: dict[str, float] = defaultdict(float)
        own, words = document.words, Words.of([document], self.kind)
        for block in self.blocks:
            for first, last, weight in block.terms(words):
                added[" ".join(own[first : last + 1]).lower().strip(string.punctuation)] += weight
        driving = sorted((Term(*entry) for entry in added.items()), key=lambda term: -term.weight)
        return tuple(term for term in driving[:DRIVING_TERMS] if term.weight > 0)

    def _log_odds(self, documents: Sequence[Document]) -> list[NDArray[np.float64]]:
        words, passages = Words.of(documents, self.kind), all_passages(documents)
        log_odds = self.intercept + sum(block.log_odds(words, passages) for block in self.blocks)
        ends = np.cumsum([len(document.passages) for document in documents])[:-1]
        return np.split(np.asarray(log_odds, dtype=np.float64), ends)


def all_passages(documents: Sequence[Document]) -> Numbers:
    """The passages of all documents as runs of their words put one after the other, int[passages, 2]."""
    begin = np.concatenate(([0], np.cumsum([len(document.starts) for document in documents])[:-1])).astype(np.int64)
    runs = [np.array(document.passages, dtype=np.int64).reshape(-1, 2) for document in documents]
    return np.concatenate([run + first for run, first in zip(runs, begin, strict=True)])


def _ngrams(block: Block, words: Words) -> Iterator[Occurrences]:
    """Words, word pairs and so on: a layer for each number of words."""
    split = block.counts.build_tokenizer()
    tokens = [split(word) for word in words.distinct]
    lengths = np.array([len(own) for own in tokens], dtype=np.int64)[words.place]
    sequence = [token for place in words.place.tolist() for token in tokens[place]]
    stands_in = np.repeat(np.arange(len(words.place)), lengths)
    least, most = block.counts.ngram_range
    for size in range(least, most + 1):
        grams = [" ".join(gram) for gram in zip(*(sequence[at:] for at in range(size)), strict=False)]
        features = np.array(block.grams.of(grams), dtype=np.int64)
        yield Occurrences(features, stands_in[: len(grams)], stands_in[size - 1 :][: len(grams)])


def _hashed_grams(vectorizer: Any, grams: list[str]) -> list[int]:
    hasher = FeatureHasher(vectorizer.n_features, input_type="string", alternate_sign=False)
    features: list[int] = hasher.transform([[gram] for gram in grams]).indices.tolist()
    return features


def _pieces(block: Block, words: Words) -> Occurrences:
    """Pieces of words, taken once from each distinct word, and each once from a word; all in one layer."""
    pieces = block.pieces.of(words.distinct)
    lengths = np.array([len(own) for own in pieces], dtype=np.int64)
    flat, starts = np.concatenate(pieces or [np.zeros(0, np.int64)]), np.cumsum(lengths) - lengths
    own = lengths[words.place]
    ends = np.cumsum(own)
    places = np.repeat(starts[words.place] - (ends - own), own) + np.arange(ends[-1] if len(ends) else 0)
    stands_in = np.repeat(np.arange(len(words.place)), own)
    return Occurrences(flat[places], stands_in, stands_in)


def _hashed_pieces(vectorizer: Any, words: list[str]) -> list[Numbers]:
    hashed = vectorizer.transform(words)
    return np.split(hashed.indices.astype(np.int64), hashed.indptr[1:-1])
