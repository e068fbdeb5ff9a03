"""Joins the names of several sources to one vocabulary of skills, and tells which names are doubtful."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from scoring.skills.contexts import Sense
from scoring.skills.tokens import encode, key, split
from training.skill_sources import WORDS, Entry

_POSITION = re.compile(
    r"(?i)\b(?:admin|administrator|analyst|assistant|associate|cashier|consultant|coordinator|dba|designer|developer|director|editor"
    r"|engineer|intern|lead|leader|manager|officer|operator|programmer|receptionist|representative|scientist|specialist|supervisor"
    r"|technician|tester|trainer|writer)s?$"
)
_LETTERS = {"go"}


@dataclass(slots=True)
class Skill:
    """One skill as the vocabulary grows: what it is called, and its names by their key, marked with their sense."""

    name: str
    technology: bool
    names: dict[tuple[str, ...], str] = field(default_factory=dict)


class Vocabulary:
    """Skills in the order they came; of two skills with one name the earlier keeps it."""

    def __init__(self) -> None:
        self.skills: list[Skill] = []
        self._by_name: dict[tuple[str, ...], Skill] = {}
        self._by_letters: dict[str, Skill] = {}

    def add(self, entries: Iterable[Entry], rare: bool = False) -> None:
        """Add the names of each entry to the skill that one of its longer names belongs to, or else as a new skill.

        `rare`: nobody was seen to name these skills, so of one capitalised word is asked what `Sense.NAMED` asks.
        """
        for entry in entries:
            names = {key(name): name for name in entry.names if _usable(name)}
            skill = next(filter(None, map(self._known, names)), None) if names else None
            fresh = {one: name for one, name in names.items() if one not in self._by_name}
            if skill is None and fresh:
                name = entry.name if _usable(entry.name) and key(entry.name) in fresh else next(iter(fresh.values()))
                skill = Skill(name, entry.technology)
                self.skills.append(skill)
            for one, name in fresh.items():
                self._take(skill, one, name, rare)

    def add_words(self, entries: Iterable[Entry]) -> None:
        """Add entries of one name; one spelt like a known name, but for its joints, is a name of that skill."""
        for entry in entries:
            if _usable(entry.name) and not _POSITION.search(entry.name) and key(entry.name) not in self._by_name:
                skill = self._by_letters.get("".join(key(entry.name)))
                if skill is None:
                    skill = Skill(entry.name, entry.technology)
                    self.skills.append(skill)
                self._take(skill, key(entry.name), entry.name)

    def lines(self) -> Iterator[str]:
        """The skills as lines of a vocabulary file (`scoring.skills.matcher`)."""
        for skill in self.skills:
            kind = "technology" if skill.technology else "practice"
            yield "\t".join((skill.name, kind, "|".join(skill.names.values())))

    def _known(self, one: tuple[str, ...]) -> Skill | None:
        """The skill of a name that is long enough not to be an acronym of something else too."""
        return self._by_name.get(one) if len(one) > 1 or len(one[0]) > 5 else None

    def _take(self, skill: Skill | None, one: tuple[str, ...], name: str, rare: bool = False) -> None:
        if skill is not None:
            plain = Sense.NAMED if rare and len(one) == 1 and not name.islower() else Sense.PLAIN
            skill.names[one] = f"{sense(name) or plain}{name}"
            self._by_name[one] = skill
            self._by_letters.setdefault("".join(one), skill)


def sense(name: str) -> Sense:
    """How much a name says by itself, by the word lists and its length."""
    words = key(name)
    if len(words) > 1 or not words[0].isalpha():
        return Sense.PLAIN
    (word,) = words
    if len(word) == 1 or word in _LETTERS:
        return Sense.LETTER
    if word in _words("named"):
        return Sense.NAMED
    return Sense.LISTED if word in _words("listed") else Sense.PLAIN


def doubtful(entries: Iterable[Entry], ordinary: frozenset[str]) -> Iterator[Entry]:
    """The entries without names of one word that is an ordinary one, or an acronym of two or three letters."""
    for entry in entries:
        names = tuple(name for name in entry.names if " " in name or not _ambiguous(name, ordinary))
        if names:
            yield Entry(entry.name if entry.name in names else names[0], names, entry.technology)


def _ambiguous(word: str, ordinary: frozenset[str]) -> bool:
    return word.lower() in ordinary or (len(word) < 4 and word.isalpha())


@cache
def _words(kind: str) -> frozenset[str]:
    lines = (WORDS / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word.lower() for line in lines if not line.startswith("#") for word in line.split())


@cache
def _stops() -> frozenset[tuple[str, ...]]:
    text = (WORDS / "stops.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    single = {key(word) for line in lines if len(line.split()) > 5 for word in line.split()}
    return frozenset(single | {key(line) for line in lines if len(line.split()) <= 5})


def _usable(name: str) -> bool:
    """Whether a name can be one of the vocabulary: no entry of the stop list, short, and one phrase."""
    words = key(name)
    whole = encode(words) == "".join(split(name)[0])
    return bool(words) and whole and len(words) <= 7 and words not in _stops()
