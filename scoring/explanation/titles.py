"""Job titles compared word by word: what a posting's title says, and which of it a position held says too."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scoring.wordlists.vocabulary import TITLE_NOUNS

_REST = re.compile(r"\s*[,(\[|/–—:].*|\s+-\s.*|\s+-(?=\w).*", re.DOTALL)
"""What follows the title proper: a place, a department, a second title."""
_WORD = re.compile(r"[^\W\d_][\w+#.]*[\w+#]|[^\W\d_]")
_JOINED = re.compile(r"\b(back|front|full)[\s-]+(end|stack)\b")
_SAYS_NOTHING = frozenset(
    (
        "senior", "sr", "junior", "jr", "lead", "principal", "chief", "head", "assistant", "asst", "associate",
        "trainee", "intern", "internship", "and", "of", "the", "for", "in", "to", "a", "an", "at", "with",
    )
)  # fmt: skip
_SAME = {"programmer": "developer", "sysadmin": "administrator", "admin": "administrator", "mgr": "manager"}
_NOUN_WEIGHT = 0.5
"""Manager or developer by itself says less than what somebody manages or develops."""


@dataclass(frozen=True, slots=True)
class TitleWords:
    """The words that tell a trade, and the nouns (manager, developer) that end many titles."""

    telling: frozenset[str]
    nouns: frozenset[str]

    @property
    def weight(self) -> float:
        """How much there is to be found."""
        return len(self.telling) + _NOUN_WEIGHT * len(self.nouns)


def proper(title: str) -> str:
    """The title without its additions: "Senior Accountant (m/f), Berlin" is a "Senior Accountant"."""
    return _REST.sub("", title.strip()) or title.strip()


def words(title: str) -> TitleWords:
    """The words of a title that can be compared; seniority is none of them, as every house names it otherwise."""
    found = (word.rstrip(".") for word in _WORD.findall(_JOINED.sub(r"\1\2", title.lower())))
    kept = {_SAME.get(word, word) for word in found if word not in _SAYS_NOTHING}
    nouns = frozenset(word for word in kept if word in TITLE_NOUNS)
    return TitleWords(frozenset(kept - nouns), nouns)


def shared(asked: TitleWords, held: TitleWords) -> float:
    """The share in [0, 1] of the asked title that the other has; 0 where they share no more than a noun."""
    telling = len(asked.telling & held.telling)
    if asked.weight == 0 or (asked.telling and not telling):
        return 0.0
    return (telling + _NOUN_WEIGHT * len(asked.nouns & held.nouns)) / asked.weight


def best(asked: TitleWords, held: Iterable[TitleWords]) -> tuple[int, float]:
    """The place of the title that shares most, the first of equals, and its share; (-1, 0.0) where none shares."""
    place, most = -1, 0.0
    for index, other in enumerate(held):
        share = shared(asked, other)
        if share > most:
            place, most = index, share
    return place, most
