"""Cuts a document into passages: the runs of words that moderation judges and names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

MAX_WORDS = 50
LINE_WORDS, SENTENCE_WORDS = 8, 15
"""A line of so many words stands alone, and so does a sentence of so many inside a longer line: neighbours would dilute
what it says. Shorter sentences are read with the rest of their line, shorter lines with the short lines beside them,
or else in windows alone: a telephone number among few words would look like an advert."""
WINDOWS = ((50, 25), (16, 8))
"""Lengths and steps of the windows that slide over all words: a bad line may begin and end in the middle of others."""

_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*$|[;|•]$")

Run = tuple[int, int]
"""The number of a run's first word and of the word behind its last."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text as words, `text[starts[i]:ends[i]]` each, and the passages that it is read in, which may overlap."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    passages: tuple[Run, ...]

    @property
    def words(self) -> list[str]:
        """The words as they stand in the text."""
        return [self.text[start:end] for start, end in zip(self.starts, self.ends, strict=True)]

    def span(self, passage: Run) -> tuple[int, int]:
        """Where a passage begins and ends in the text, in characters."""
        first, end = passage
        return self.starts[first], self.ends[end - 1]


def read(text: str) -> Document:
    """The document's words and passages, each of at most MAX_WORDS words; no word is in none."""
    matches = list(_WORD.finditer(text))
    starts, ends = tuple(match.start() for match in matches), tuple(match.end() for match in matches)
    sentences = (run for run in _sentences(text, matches) if run[1] - run[0] >= LINE_WORDS)
    passages = {*sentences, *_windows(len(matches))}
    return Document(text, starts, ends, tuple(sorted(passages)))


def _windows(words: int) -> Iterator[Run]:
    for length, step in WINDOWS:
        last = max(words - length, 0)
        yield from ((first, min(first + length, words)) for first in (*range(0, last, step), last) if words)


def _sentences(text: str, words: Sequence[re.Match[str]]) -> list[Run]:
    """Lines and sentences that are long enough to stand alone, and shorter ones together; every word in one."""
    runs: list[Run] = []
    for line in _lines(text, words):
        for run in _within_line(words, *line):
            if runs and _both_short(runs[-1], run):
                runs[-1] = (runs[-1][0], run[1])
            else:
                runs.append(run)
    return runs


def _lines(text: str, words: Sequence[re.Match[str]]) -> Iterator[Run]:
    breaks = [0, *(n for n in range(1, len(words)) if "\n" in text[words[n - 1].end() : words[n].start()]), len(words)]
    return ((first, end) for first, end in pairwise(breaks) if first < end)


def _within_line(words: Sequence[re.Match[str]], first: int, end: int) -> Iterator[Run]:
    """One line's sentences, the short ones joined; a short rest goes with the one before where there is room."""
    open_run: Run | None = None
    for place in range(first, end):
        count, last = place + 1 - first, place + 1 == end
        if not last and count < MAX_WORDS and not (count >= SENTENCE_WORDS and _ends(words[place], words[place + 1])):
            continue
        if open_run and last and count < SENTENCE_WORDS and place + 1 - open_run[0] <= MAX_WORDS:
            open_run = (open_run[0], place + 1)
        else:
            if open_run:
                yield open_run
            open_run = (first, place + 1)
        first = place + 1
    if open_run:
        yield open_run


def _ends(word: re.Match[str], following: re.Match[str]) -> bool:
    return following.group()[0] in "•·" or bool(_SENTENCE_END.search(word.group()))


def _both_short(before: Run, run: Run) -> bool:
    return before[1] - before[0] < LINE_WORDS and run[1] - run[0] < LINE_WORDS
