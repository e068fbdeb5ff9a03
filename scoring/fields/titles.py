"""Job titles: which words are one, and where it begins and ends in a run of words."""

import re
from collections.abc import Sequence
from itertools import pairwise

from scoring.wordlists.vocabulary import ends_a_title, is_title_word

_SENIORITY = frozenset({"senior", "sr.", "sr", "junior", "jr.", "jr"})
_AFTER_TITLE = frozenset({"of", "-", "–", "&", "/", "for", "in"})
_JOINS = frozenset({"/", "&", "and", "-", "–"})
_NOT_TITLE = re.compile(
    r"\b(?:summary|profile|experience|skills?|knowledge|I|my|education|references?|objective)\b", re.IGNORECASE
)


def is_title(piece: str) -> bool:
    """Is the piece of a line a job title, and nothing else?"""
    words = piece.split()
    if not 0 < len(words) <= 9 or _NOT_TITLE.search(piece) or not (piece[0].isupper() or len(words) <= 4):
        return False
    followed = any(ends_a_title(word) and after in _AFTER_TITLE for word, after in pairwise(words))
    return ends_a_title(words[-1]) or followed or any(word.endswith(",") and ends_a_title(word) for word in words[:-1])


def title_start(words: Sequence[re.Match[str]], last: int) -> int:
    """The index of a title's first word: one of seniority, or the one after a comma, where another sentence ends."""
    first = max(0, last - 6)
    for index in range(first, last):
        token = words[index].group()
        if token.lower() in _SENIORITY and (index == 0 or words[index - 1].group()[-1] not in "/&,-"):
            return index
        if (
            token.endswith(",")
            and index + 1 < last
            and not any(is_title_word(word.group()) for word in words[: index + 1])
        ):
            first = index + 1
    return first


def title_end(words: Sequence[re.Match[str]]) -> int:
    """The index of a title's last word: the first title noun, or a later one joined to it; -1 if there is none."""
    last = next((index for index, word in enumerate(words) if is_title_word(word.group())), -1)
    while 0 <= last < len(words) - 1:
        following = words[last + 1].group()
        joined = following in _JOINS or words[last].group().endswith((",", "/")) or following.startswith("/")
        if is_title_word(following):
            last += 1
        elif (
            joined
            and (
                further := next(
                    (i for i in range(last + 2, min(last + 7, len(words))) if is_title_word(words[i].group())), -1
                )
            )
            > 0
        ):
            last = further
        elif following == "of" and last + 2 < len(words):
            last += 2
        else:
            break
    return last
