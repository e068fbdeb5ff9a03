"""Words of a text as skill names are compared: lower-cased, with the signs that tell C++ from C, and breaks.

What joins words (white space, hyphens, slashes, dots inside a name) says nothing, so "React.js", "React-JS" and
"react js" are the same two words; what parts phrases (commas, brackets, the end of a sentence, an address) is a
break, which no name contains.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

_PIECE = re.compile(
    r"""( (?:https?://|www\.)\S+ | (?<![\w.+-])[\w.+-]+@\S+                       # addresses part
        | \.net(?!\w) | [^\W_]+ (?:\+\+|\#)? | &                                   # words
        | [^\w\s\-/.'’] | \.(?=\s|$) | \n\s*\n | (?<=\s)[-–—](?=\s) )              # signs and empty lines part
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WORD = re.compile(r"\.net|[^\W_]+(?:\+\+|#)?|&", re.IGNORECASE)
_OPEN, _CLOSE, _BREAK = "\1", "\2", "\0"


def split(text: str) -> tuple[list[str], list[int]]:
    """The words and breaks of a text, each encoded, and where they lie.

    Piece i is `text[bounds[2 * i] : bounds[2 * i + 1]]`.
    """
    parts = _PIECE.split(text)
    return list(map(_encoded, parts[1::2])), list(accumulate(map(len, parts)))


def key(name: str) -> tuple[str, ...]:
    """A skill's name as its words; names with the same key are the same name."""
    return tuple("and" if word == "&" else word.lower() for word in _PIECE.findall(name) if _WORD.fullmatch(word))


def encode(name: tuple[str, ...]) -> str:
    """Words with both their ends marked, so that a search in a row of them never begins or ends inside one."""
    return "".join(f"{_OPEN}{word}{_CLOSE}" for word in name)


def variants(name: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The name with its last word in the plural and, when there are several words, in the singular."""
    *rest, last = name
    if not last.isalpha() or len(last) < 3:
        return
    if not last.endswith("s"):
        yield (*rest, last[:-1] + "ies" if last.endswith("y") and last[-2] not in "aeiou" else last + "s")
    elif rest and not last.endswith(("ss", "us", "is")):
        yield (*rest, last[:-3] + "y" if last.endswith("ies") else last[:-1])


@lru_cache(maxsize=65536)
def _encoded(piece: str) -> str:
    return encode(key(piece)) if _WORD.fullmatch(piece) else _BREAK
