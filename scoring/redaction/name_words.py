"""The words of persons' names: which words can be a name's, and how many of a run are."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scoring.wordlists.vocabulary import GIVEN_NAMES, ORGANISATION_WORDS, is_title_word, ordinary_words, word_list

PARTICLES = frozenset(
    [
        "de",
        "da",
        "do",
        "dos",
        "del",
        "della",
        "di",
        "van",
        "von",
        "der",
        "den",
        "ten",
        "bin",
        "bint",
        "ibn",
        "al",
        "el",
        "la",
        "le",
        "y",
        "e",
        "und",
        "zu",
    ]
)
UPPER = r"[^\W\d_a-zß-öø-ÿ]"
TOKEN = rf"{UPPER}[^\W\d_]{{0,30}}(?:['’-][^\W\d_]{{1,30}}){{0,3}}"
PARTICLE = rf"(?:{'|'.join(sorted(PARTICLES))})"
RUN = re.compile(rf"{TOKEN}\.?(?:[ \t]{{1,2}}(?:{PARTICLE}[ \t]){{0,2}}{TOKEN}\.?)+")
NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*")
_LONGEST = 8
FULL_NAME = rf"{TOKEN}\.?(?:[ ](?:{PARTICLE}[ ]){{0,2}}{TOKEN}\.?){{0,3}}"
FIRMS = word_list("firms_named_for_people")
BEFORE_PLACES = frozenset(
    {
        "san",
        "santa",
        "st",
        "saint",
        "fort",
        "port",
        "new",
        "los",
        "university",
        "college",
        "school",
        "mount",
        "lake",
        "north",
        "south",
        "sao",
    }
)
_TRADE = frozenset(
    {
        "db",
        "server",
        "studio",
        "reports",
        "card",
        "day",
        "award",
        "prize",
        "certified",
        "street",
        "road",
        "avenue",
        "software",
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """A name at `[start, end)`."""

    start: int
    end: int
    own: bool
    """The applicant's own name, whose parts are looked for everywhere."""


def is_strange(word: str) -> bool:
    """Is it no word that resumes are written with?"""
    lowered = word.lower()
    return (
        (lowered in GIVEN_NAMES or lowered not in ordinary_words())
        and not is_title_word(word)
        and lowered not in ORGANISATION_WORDS
    )


def name_parts(name: str) -> frozenset[str]:
    """The words of a name that can stand for the person alone: no initials, no particles, no ordinary words."""
    words = (word.lower() for word in NAME_WORD.findall(name))
    return frozenset(
        word for word in words if len(word) > 2 and word not in ordinary_words() and not is_title_word(word)
    )


def occurrences(text: str, own: Iterable[str]) -> Iterator[re.Match[str]]:
    """Where a name stands again, whole or by a part, with a capital letter; `_` and digits end a word."""
    alternatives = {re.escape(part) for name in own for part in name_parts(name)}
    alternatives |= {r"[\s_.-]+".join(map(re.escape, NAME_WORD.findall(name))) for name in own if name_parts(name)}
    if alternatives:
        pattern = "|".join(sorted(alternatives, key=len, reverse=True))
        for match in re.finditer(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", text, re.IGNORECASE):
            if match.group()[0].isupper():
                yield match


def full_name(tokens: Sequence[str], first: int) -> int:
    """How many of the words from a given name on are one person's name; 0 for places and trades, -2 for companies."""
    rest = [token.lower() for token in tokens[first : first + _LONGEST]]
    if first and tokens[first - 1].lower() in BEFORE_PLACES:
        return 0
    if f"{rest[0]} {rest[1]}" in FIRMS:
        return -2
    length = 1
    while length < min(len(rest), 4) and (is_strange(tokens[first + length]) or len(rest[length]) == 1):
        length += 1
    if any(word in ORGANISATION_WORDS for word in rest[length : length + 3]):
        return 0
    if (
        length == 1
        and len(rest) == 2
        and tokens[first].istitle()
        and not is_title_word(rest[1])
        and rest[1] not in _TRADE
    ):
        return 2
    return length if length > 1 else 0
