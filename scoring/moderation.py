"""Finds spam and abuse in documents, passage by passage, and says which terms drove a score.

Both detectors are linear in hashed TF-IDF features (naive Bayes for spam, logistic regression for toxicity), so a
passage's log-odds are a sum over its terms. Hashed features (Weinberger et al. 2009) need no vocabulary: a pack stays
small and loads at once, and the terms are read off the passage itself.
"""

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.feature_extraction import FeatureHasher
from skops import io as skops

from scoring.inputs import Flag
from scoring.packs import Pack, PackError
from scoring.passages import Passage, cut

PIPELINE_FILE = "pipeline.skops"
TRUSTED_TYPES: tuple[str, ...] = ()
"""Types that a pack's skops file may hold beyond those that skops itself trusts (scikit-learn's, numpy's): none."""
MOST_FLAGS = 5
"""Passages named at most in one document for each kind: the worst ones."""
DRIVING_TERMS = 5
SLICE = 8192
"""Passages scored at once: bounds the memory, changes no score."""

_TAG = re.compile(r"<[^<>]{1,200}>")
_LINK = re.compile(r"https?://\S+|www\.\S+|\b(?!(?:asp|ado|vb)\.net)[\w-]+\.(?:com|co\.uk|net|org)\b\S*")
_HANDLE = re.compile(r"@\w+")
_SPAM_SHAPES = (
    (re.compile(r"\S*\b(?:linkedin|github)\.com\S*"), " xxprofile "),
    (_LINK, " xxlink "),
    (re.compile(r"[£$€₹]\s?\d[\d,.]*"), " xxmoney "),
    (re.compile(r"\+?\d(?:[ ()./-]{0,2}\d){8,}"), " xxphone "),
    (re.compile(r"\b(?:19|20)\d\d\b"), " xxyear "),
    (re.compile(r"\b\d{4,6}\b"), " xxcode "),
    (re.compile(r"\d+"), "xxnumber"),
    (re.compile(r"!+"), " xxbang "),
)
"""What a number or a sign is in a message tells spam from ham; which number it is does not."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or word pair of a passage, and what it added to the passage's log-odds."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The worst passage of a text for one kind: a probability in [0, 1], and the terms that raised it most."""

    kind: str
    score: float
    threshold: float
    flagged: bool
    passage: str
    start: int
    end: int
    terms: tuple[Term, ...]


def canonical(text: str, kind: str) -> str:
    """A passage as the detector of this kind reads it: lower case, no markup, and telling shapes as words."""
    text = _TAG.sub(" ", html.unescape(text)).lower()
    if kind == "spam":
        for shape, word in _SPAM_SHAPES:
            text = shape.sub(word, text)
        return text
    return _HANDLE.sub(" ", _LINK.sub(" ", text))


@dataclass(frozen=True, slots=True)
class Block:
    """One family of features: how they are counted, how counts are weighed, and each feature's part in the log-odds."""

    counts: Any
    tfidf: Any
    weights: NDArray[np.float64]

    @property
    def within_words(self) -> bool:
        """Whether the features are pieces of words, else words and word pairs."""
        return bool(self.counts.analyzer == "char_wb")

    def count(self, texts: Sequence[str]) -> csr_matrix:
        """Hashed counts, float[texts, features]; pieces of words are taken once from each distinct word."""
        if not self.within_words:
            return csr_matrix(self.counts.transform(texts))
        place: dict[str, int] = {}
        columns = [[place.setdefault(word, len(place)) for word in text.split()] for text in texts]
        if not place:
            return csr_matrix((len(texts), self.counts.n_features))
        ends = np.cumsum([0, *map(len, columns)])
        flat = np.fromiter(chain.from_iterable(columns), dtype=np.int32, count=int(ends[-1]))
        occurrences = csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(texts), len(place)))
        return csr_matrix(occurrences @ self.counts.transform(list(place)))

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """What these features add to each text's log-odds, float[texts]."""
        return np.asarray(self.tfidf.transform(self.count(texts)) @ self.weights, dtype=np.float64)

    def terms(self, text: str) -> Iterator[tuple[str, float]]:
        """Every word or word pair in the text with what it adds; the parts sum to `log_odds`."""
        count = self.count([text])
        count.sum_duplicates()
        added = csr_matrix(self.tfidf.transform(count))
        added.data *= self.weights[added.indices] / count.data
        terms = text.split() if self.within_words else self.counts.build_analyzer()(text)
        if terms:
            pieces = self.counts.transform(terms) if self.within_words else self._hash(terms)
            yield from zip(terms, (pieces @ added.T).toarray().ravel().tolist(), strict=True)

    def _hash(self, terms: Sequence[str]) -> csr_matrix:
        hasher = FeatureHasher(self.counts.n_features, input_type="string", alternate_sign=False)
        return csr_matrix(hasher.transform([[term] for term in terms]))


@dataclass(frozen=True, slots=True)
class Detector:
    """A linear detector of one kind; a text is flagged where its probability reaches the threshold."""

    kind: str
    threshold: float
    intercept: float
    blocks: tuple[Block, ...]

    @classmethod
    def load(cls, pack: Pack) -> "Detector":
        """Read a verified pack. Raises PackError when its pipeline holds a type that is not trusted."""
        path = pack.path(PIPELINE_FILE)
        if unknown := set(skops.get_untrusted_types(file=path)) - set(TRUSTED_TYPES):
            raise PackError(f"{path} holds types that are not trusted: {', '.join(sorted(unknown))}")
        return cls.of(skops.load(path, trusted=list(TRUSTED_TYPES)), pack.manifest["kind"], pack.manifest["threshold"])

    @classmethod
    def of(cls, pipeline: Any, kind: str, threshold: float) -> "Detector":
        """A detector from a fitted scikit-learn pipeline: a union of (counts, tfidf) blocks, then a linear model."""
        model = pipeline["model"]
        if hasattr(model, "coef_"):
            weights, intercept = model.coef_[0], float(model.intercept_[0])
        else:  # naive Bayes: the log-odds of the classes, of every feature and of the prior
            weights = model.feature_log_prob_[1] - model.feature_log_prob_[0]
            intercept = float(model.class_log_prior_[1] - model.class_log_prior_[0])
        union = [block for _, block in pipeline["features"].transformer_list]
        ends = np.cumsum([block["counts"].n_features for block in union])[:-1]
        parts = np.split(np.asarray(weights, dtype=np.float64), ends)
        blocks = (Block(block["counts"], block["tfidf"], part) for block, part in zip(union, parts, strict=True))
        return cls(kind, threshold, intercept, tuple(blocks))

    def scores(self, passages: Sequence[str]) -> NDArray[np.float64]:
        """The probability of every passage, float[passages]; a passage's score does not depend on the others."""
        scores = [self._scores(passages[at : at + SLICE]) for at in range(0, len(passages), SLICE)]
        return np.concatenate(scores) if scores else np.zeros(0)

    def terms(self, passage: str) -> tuple[Term, ...]:
        """The terms that raised a passage's log-odds most, the strongest first."""
        added: dict[str, float] = defaultdict(float)
        for block in self.blocks:
            for term, weight in block.terms(canonical(passage, self.kind)):
                added[term] += weight
        driving = sorted((Term(*entry) for entry in added.items()), key=lambda term: -term.weight)
        return tuple(term for term in driving[:DRIVING_TERMS] if term.weight > 0)

    def _scores(self, passages: Sequence[str]) -> NDArray[np.float64]:
        texts = [canonical(passage, self.kind) for passage in passages]
        log_odds = self.intercept + sum((block.log_odds(texts) for block in self.blocks), np.zeros(len(texts)))
        return np.asarray(expit(log_odds), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Moderator:
    """The detectors of spam and of toxicity, read over whole documents."""

    detectors: tuple[Detector, ...]

    @classmethod
    def load(cls, spam: Pack, toxicity: Pack) -> "Moderator":
        """Raises PackError when a pack is of another kind or holds anything that is not trusted."""
        for pack, kind in ((spam, "spam"), (toxicity, "toxicity")):
            if pack.manifest["kind"] != kind:
                raise PackError(f"pack {pack.name} {pack.version} is of kind {pack.manifest['kind']}, not {kind}")
        return cls((Detector.load(spam), Detector.load(toxicity)))

    def flags(self, text: str) -> tuple[Flag, ...]:
        """The flagged passages of a document in reading order, at most MOST_FLAGS of each kind."""
        return self.flags_many([text])[0]

    def flags_many(self, texts: Sequence[str]) -> list[tuple[Flag, ...]]:
        """`flags` of many documents, vectorised over all their passages; the answer is that of each document alone."""
        if not texts:
            return []
        documents = [cut(text) for text in texts]
        passages = [passage.text for document in documents for passage in document]
        ends = np.cumsum([len(document) for document in documents])[:-1]
        scored = [np.split(detector.scores(passages), ends) for detector in self.detectors]
        return [
            tuple(sorted(chain.from_iterable(map(_flags, self.detectors, repeat(document), scores)), key=_place))
            for document, *scores in zip(documents, *scored, strict=True)
        ]

    def explain(self, text: str) -> tuple[Judgement, ...]:
        """The worst passage of a text for each kind, flagged or not, and what drove it. No words: nothing to judge."""
        passages = cut(text)
        return tuple(_judge(detector, passages) for detector in self.detectors) if passages else ()


def _flags(detector: Detector, document: Sequence[Passage], scores: NDArray[np.float64]) -> list[Flag]:
    worst = np.argsort(-scores, kind="stable")[:MOST_FLAGS].tolist()
    return [
        Flag(detector.kind, score, detector.threshold, passage.text, passage.start, passage.end)
        for passage, score in ((document[place], float(scores[place])) for place in worst)
        if score >= detector.threshold
    ]


def _place(flag: Flag) -> tuple[int, str]:
    return flag.start, flag.kind


def _judge(detector: Detector, passages: Sequence[Passage]) -> Judgement:
    scores = detector.scores([passage.text for passage in passages])
    worst = passages[int(scores.argmax())]
    score, threshold = float(scores.max()), detector.threshold
    terms = detector.terms(worst.text)
    return Judgement(detector.kind, score, threshold, score >= threshold, worst.text, worst.start, worst.end, terms)
