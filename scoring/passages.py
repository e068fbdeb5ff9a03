"""Cuts a document into passages: the pieces that moderation judges and names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_WORDS = 50
LINE_WORDS, SENTENCE_WORDS = 8, 15
"""A line of so many words stands alone, and so does a sentence of so many inside a longer line: neighbours would dilute
what it says. Shorter sentences are read with the rest of their line, shorter lines with the short lines beside them."""
LEAST_WORDS = 5
"""What is shorter and has no short neighbour goes with the passage before it: a few words tell too little."""

_LINE = re.compile(r"[^\n]+")
_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*$|[;|•]$")


@dataclass(frozen=True, slots=True)
class Passage:
    """`text` is the document's own characters from `start` up to `end`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    words: int

    def joined(self, other: "_Span") -> "_Span":
        return _Span(self.start, other.end, self.words + other.words)


def cut(text: str) -> list[Passage]:
    """Cut at ends of lines and sentences into passages of at most MAX_WORDS words; no word is lost or read twice."""
    spans: list[_Span] = []
    for line in _LINE.finditer(text):
        for span in _sentences(list(_WORD.finditer(text, line.start(), line.end()))):
            if spans and _belongs(spans[-1], span):
                spans[-1] = spans[-1].joined(span)
            else:
                spans.append(span)
    return [Passage(text[span.start : span.end], span.start, span.end) for span in spans]


def _sentences(words: list[re.Match[str]]) -> Iterator[_Span]:
    """One line's sentences, the short ones joined; a short rest goes with the one before where there is room."""
    first, open_span = 0, None
    for place, word in enumerate(words):
        count, last = place - first + 1, place + 1 == len(words)
        if not last and count < MAX_WORDS and not (count >= SENTENCE_WORDS and _ends(word, words[place + 1])):
            continue
        span = _Span(words[first].start(), word.end(), count)
        if open_span and last and count < SENTENCE_WORDS and open_span.words + count <= MAX_WORDS:
            open_span = open_span.joined(span)
        else:
            if open_span:
                yield open_span
            open_span = span
        first = place + 1
    if open_span:
        yield open_span


def _ends(word: re.Match[str], following: re.Match[str]) -> bool:
    return following.group()[0] in "•·" or bool(_SENTENCE_END.search(word.group()))


def _belongs(before: _Span, span: _Span) -> bool:
    both_short = before.words < LINE_WORDS and span.words < LINE_WORDS
    return both_short or (span.words < LEAST_WORDS and before.words + span.words <= MAX_WORDS)
