"""Cuts a document into passages: the pieces that moderation judges and names."""

import re
from dataclasses import dataclass

MAX_WORDS = 50
ENOUGH_WORDS = 8
"""A line or sentence of at least so many words stands alone, so that one abusive line is not diluted by its neighbours;
shorter ones are read together with what follows, so that a heading or a one-word line is not judged without context."""

_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*$|[;|•]$")


@dataclass(frozen=True, slots=True)
class Passage:
    """`text` is the document's own characters from `start` up to `end`."""

    text: str
    start: int
    end: int


def cut(text: str, enough: int = ENOUGH_WORDS) -> list[Passage]:
    """Cut at ends of lines and sentences into passages of at most MAX_WORDS words; no word is lost or read twice."""
    words = list(_WORD.finditer(text))
    passages: list[Passage] = []
    first = previous = 0
    for place, word in enumerate(words):
        count = place - first + 1
        last = place + 1 == len(words)
        if last and passages and count < enough and place - previous < MAX_WORDS:
            first = previous  # a short rest goes with the passage before it
            passages.pop()
        if last or count == MAX_WORDS or (count >= enough and _ends(text, word, words[place + 1].start())):
            start, end = words[first].start(), word.end()
            passages.append(Passage(text[start:end], start, end))
            first, previous = place + 1, first
    return passages


def _ends(text: str, word: re.Match[str], following: int) -> bool:
    """Whether a line, a sentence or a list entry ends after `word`."""
    return "\n" in text[word.end() : following] or text[following] in "•·" or bool(_SENTENCE_END.search(word.group()))
