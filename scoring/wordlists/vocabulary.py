"""Word lists: what resumes are written with, as against what people, companies and places are called."""

import re
from functools import cache
from pathlib import Path

_LISTS = Path(__file__).parent


@cache
def word_list(name: str) -> frozenset[str]:
    """The entries of a list in this folder, one a line; what each holds stands in its README."""
    return frozenset((_LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines())


def ordinary_words() -> frozenset[str]:
    """Lower-cased words that resumes in general use; `training/words.py` made the list, and tells how."""
    return word_list("ordinary_words")


GIVEN_NAMES = word_list("given_names")
TITLE_NOUNS = word_list("title_nouns")
ORGANISATION_WORDS = word_list("organisation_words")
_NOT_ALONE = frozenset(
    (
        "staff",
        "lead",
        "head",
        "chief",
        "host",
        "guard",
        "guide",
        "fellow",
        "dean",
        "judge",
        "mason",
        "partner",
        "server",
        "volunteer",
    )
)
_LAST_PART = re.compile(r"[/&-]")


def is_title_word(word: str) -> bool:
    """Does a job title end with such a word ("Associate/Cashier" does)? Plurals do not count."""
    return _LAST_PART.split(word.strip("\"'.,:;()|/-").lower())[-1] in TITLE_NOUNS


def ends_a_title(word: str) -> bool:
    """As `is_title_word`, without nouns that mean other things as often."""
    return is_title_word(word) and word.strip(",.()").lower() not in _NOT_ALONE
