"""The passages of a resume that moved its match score with a job most, found by deleting them and scoring the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from scoring.explanation.deletion import Change, Run, search
from scoring.explanation.pieces import Piece, pieces
from scoring.inputs import Job, OnBatch, unwatched
from scoring.readable import Readable, encoder_text

PART_END = "\n\n"
"""Stands between the columns of a resume that came in columns."""
MOST_WINDOWS = 300
"""Windows scored for one pair, about: a CPU of two cores needs seconds for them."""
LEAST_DELETIONS, MOST_DELETIONS = 8, 64


class Scorer(Protocol):
    """What is asked of a pipeline: how probable a match is, of texts as the match model reads resumes."""

    def match_windows(self, text: str) -> int:
        """In how many windows the match model reads a text."""

    def match_probabilities(self, job: Job, texts: Sequence[str], on_batch: OnBatch) -> list[float]:
        """Of each text with the job; `on_batch` is told of every batch."""


@dataclass(frozen=True, slots=True)
class Moving:
    """A passage of the resume, and how much higher the probability is with it than without it.

    `quote` is `text[start:end]` of the resume's own text. Of a resume that came in columns the model reads columns: the
    quote is of these, and the offsets are None where its text does not hold them so.
    """

    quote: str
    start: int | None
    end: int | None
    change: float


@dataclass(frozen=True, slots=True)
class MovingPassages:
    """Passages that raised the probability and those that lowered it, the strongest first, and the cost of knowing.

    `passes` counts the texts scored, the whole among them; each is read in about as many windows as the resume.
    """

    probability: float
    raised: tuple[Moving, ...]
    lowered: tuple[Moving, ...]
    passages: int
    passes: int


@dataclass(frozen=True, slots=True)
class Source:
    """What is cut into passages, how the match model reads it, and where a piece of it stands in the resume itself."""

    text: str
    read: Callable[[str], str]
    own: Callable[[int, int], tuple[str, int | None, int | None]]

    def without(self, start: int, end: int) -> str:
        """What the match model reads when these characters are deleted."""
        return self.read(f"{self.text[:start]} {self.text[end:]}" if end > start else self.text)


def source(readable: Readable) -> Source:
    """Of a resume as the models read it: its redacted text with its lines, or the match columns where it has any."""
    if readable.match_text == readable.text:
        return Source(readable.redacted.text, encoder_text, lambda start, end: _of_text(readable, start, end))
    return Source(readable.match_text, _columns, lambda start, end: _of_columns(readable, start, end))


def moving_passages(
    scorer: Scorer, readable: Readable, job: Job, most: int, on_batch: OnBatch = unwatched
) -> MovingPassages:
    """At most `most` passages of each kind. Needs the device, and costs many times what the score cost."""
    read = source(readable)
    passages = pieces(read.text)
    windows = scorer.match_windows(read.read(read.text))
    deletions = max(LEAST_DELETIONS, min(MOST_DELETIONS, MOST_WINDOWS // windows))

    def score(runs: Sequence[Run]) -> Sequence[float]:
        return scorer.match_probabilities(job, [read.without(*_bounds(passages, run)) for run in runs], on_batch)

    found = search(len(passages), deletions, score)
    ranked = sorted(found.changes, key=lambda change: -change.change)
    return MovingPassages(
        probability=found.score,
        raised=tuple(_moving(read, passages, change) for change in ranked[:most] if change.change > 0),
        lowered=tuple(_moving(read, passages, change) for change in ranked[: -most - 1 : -1] if change.change < 0),
        passages=len(passages),
        passes=found.scored,
    )


def _bounds(passages: Sequence[Piece], run: Run) -> tuple[int, int]:
    return (passages[run.start].start, passages[run.stop - 1].end) if run else (0, 0)


def _moving(read: Source, passages: Sequence[Piece], change: Change) -> Moving:
    return Moving(*read.own(*_bounds(passages, change.run)), change.change)


def _columns(text: str) -> str:
    """Columns without those of which nothing is left, as of a resume that never had them."""
    return PART_END.join(part for part in text.split(PART_END) if part.strip())


def _of_text(readable: Readable, start: int, end: int) -> tuple[str, int | None, int | None]:
    first, last = readable.own_span(start, end)
    return readable.resume.text[first:last], first, last


def _of_columns(readable: Readable, start: int, end: int) -> tuple[str, int | None, int | None]:
    quote = readable.match_text[start:end]
    found = readable.resume.text.find(quote)
    return (quote, found, found + len(quote)) if found >= 0 else (quote, None, None)
