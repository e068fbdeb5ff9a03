"""The passages of a text that are deleted to see what they did: lines and parts of lines, a dozen words at most."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_WORDS = 12
"""Of a longer passage nobody could say what in it raised a score. Shorter ones cost more scores, and say less."""
LEAST_WORDS = 3
"""A shorter line goes with the next one, and a shorter rest with what stands before it."""
_WORD = re.compile(r"\S+")
_ENDS = re.compile(r"[,;:.|•·)]$")


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[start:end]` of the text that was cut."""

    start: int
    end: int


def pieces(text: str) -> list[Piece]:
    """Every word in one piece, in order. Pieces end with their line, or at a comma or the like where a line is long."""
    words = list(_WORD.finditer(text))
    found: list[Piece] = []
    first = 0
    while first < len(words):
        last = _last(text, words, first)
        found.append(Piece(words[first].start(), words[last - 1].end()))
        first = last
    return found


def _last(text: str, words: Sequence[re.Match[str]], first: int) -> int:
    """The place of the word behind the piece that begins at `first`."""
    full = first + MOST_WORDS
    for place in range(first + LEAST_WORDS, min(full + LEAST_WORDS, len(words))):
        if "\n" in text[words[place - 1].end() : words[place].start()]:
            return place
    if len(words) < full + LEAST_WORDS:
        return len(words)
    halfway = first + MOST_WORDS // 2
    return next((place for place in range(full, halfway, -1) if _ENDS.search(words[place - 1].group())), full)
