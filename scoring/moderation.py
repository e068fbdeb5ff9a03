"""Finds spam and abuse in documents, passage by passage, and says which terms drove a score."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from scoring.detector import Detector, Term
from scoring.inputs import Flag
from scoring.packs import Pack, PackError
from scoring.passages import Document, Run, read

MOST_FLAGS = 5
"""Passages named at most in one document for each kind: the worst ones."""


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
        documents = [read(text) for text in texts]
        scored = [detector.scores(documents) for detector in self.detectors]
        return [
            tuple(sorted(chain.from_iterable(map(_flags, self.detectors, repeat(document), scores)), key=_place))
            for document, *scores in zip(documents, *scored, strict=True)
        ]

    def explain(self, text: str) -> tuple[Judgement, ...]:
        """The worst passage of a text for each kind, flagged or not, and what drove it. No words: nothing to judge."""
        document = read(text)
        return tuple(_judge(detector, document) for detector in self.detectors) if document.passages else ()


def _flags(detector: Detector, document: Document, scores: NDArray[np.float64]) -> list[Flag]:
    """The worst passages; of those that share words, the worst one alone."""
    named: list[tuple[Run, float]] = []
    for place in np.argsort(-scores, kind="stable").tolist():
        passage, score = document.passages[place], float(scores[place])
        if score < detector.threshold or len(named) == MOST_FLAGS:
            break
        if not any(_overlap(passage, other) for other, _ in named):
            named.append((passage, score))
    return [_flag(detector, document, passage, score) for passage, score in named]


def _overlap(one: Run, other: Run) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _flag(detector: Detector, document: Document, passage: Run, score: float) -> Flag:
    start, end = document.span(passage)
    return Flag(detector.kind, score, detector.threshold, document.text[start:end], start, end)


def _place(flag: Flag) -> tuple[int, str]:
    return flag.start, flag.kind


def _judge(detector: Detector, document: Document) -> Judgement:
    scores = detector.scores([document])[0]
    worst = _flag(detector, document, document.passages[int(scores.argmax())], float(scores.max()))
    terms = detector.terms(read(worst.passage))
    flagged = worst.score >= worst.threshold
    return Judgement(
        worst.kind, worst.score, worst.threshold, flagged, worst.passage, worst.start, worst.end, terms
    )  # fmt: skip
