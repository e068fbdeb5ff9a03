"""Clean documents to learn from: passages of some for the first look, others that it has not read for the second."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.passages import read
from training.messages import Documents

POOL = 2000
"""Training documents of each sort, resumes and postings, from which clean passages are taken."""
UNREAD = 1000
"""Training documents of each sort, at most, that the first look learns nothing from and the second one does."""
PASSAGES = 10
"""Of each document in the pool, drawn at random: lines, sentences and windows, as the detector will read them."""


@dataclass(frozen=True, slots=True)
class Clean:
    """Clean training documents, redacted.

    `pools`: resumes, then postings, whose passages are negatives of the first look; `unread`: others of both sorts.
    """

    pools: tuple[Sequence[str], ...]
    unread: Sequence[str]

    @classmethod
    def draw(cls, documents: Documents, random: np.random.Generator) -> "Clean":
        """Draw both at random."""
        drawn = [shuffled(documents.of("train", is_resume), random) for is_resume in (True, False)]
        pools = tuple(own[:POOL] for own in drawn)
        return cls(pools, [text for own in drawn for text in own[POOL : POOL + UNREAD]])


def shuffled(texts: Sequence[str], random: np.random.Generator) -> list[str]:
    """The texts in a random order."""
    return [texts[row] for row in random.permutation(len(texts))]


def passages(texts: Sequence[str], random: np.random.Generator) -> list[str]:
    """Some passages of each document, as the detectors read them."""
    drawn = []
    for text in texts:
        document = read(text)
        for place in random.permutation(len(document.passages))[:PASSAGES]:
            start, end = document.span(document.passages[place])
            drawn.append(document.text[start:end])
    return drawn
