"""Skills named in a text, found in one pass with a vocabulary of thousands (Aho-Corasick, longest name first).

A vocabulary is a text file of a pack of kind `skills`. Lines that begin with # are remarks (sources, licences); each
other line is a skill, with tabs between its name, `technology` or `practice`, and its names, divided by | and each
after the sign of its sense (`scoring.skills.contexts.Sense`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from scoring.packs import Pack, PackError
from scoring.skills.contexts import Sense, cued, stands
from scoring.skills.tokens import encode, key, split, variants

VOCABULARY = "vocabulary.txt"
_NEAR = 80
"""Characters within which another technology is evidence that a doubtful name is meant as one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A skill by its name in the vocabulary, and where it stands: `text[start:end]`, offsets in characters."""

    skill: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """One of the names of a skill: its usual form, and how much it says by itself."""

    skill: str
    form: str
    sense: Sense
    technology: bool


class SkillMatcher:
    """Finds the skills of a vocabulary; nothing of it changes after it was made, so threads may share one."""

    def __init__(self, names: Iterable[Name]) -> None:
        """Of names that are spelt alike the first counts; plurals and singulars come after all given names."""
        given: dict[tuple[str, ...], Name] = {}
        for name in names:
            given.setdefault(key(name.form), name)
        given.pop((), None)
        spelt = dict(given)
        for words_of_name, name in given.items():
            if name.sense in (Sense.PLAIN, Sense.LISTED):
                for variant in variants(words_of_name):
                    spelt.setdefault(variant, name)
        self._spelt = spelt
        self._names = list(spelt.values())
        self._automaton = AhoCorasick(map(encode, spelt), matchkind=MatchKind.LeftmostLongest)

    @classmethod
    def load(cls, pack: Pack) -> "SkillMatcher":
        """The matcher of a pack of kind `skills`. Raises PackError when it is of another kind or cannot be read."""
        if pack.manifest["kind"] != "skills":
            raise PackError(f"pack {pack.name} {pack.version} holds no skills but {pack.manifest['kind']}")
        return cls(_read(pack.path(VOCABULARY)))

    def find(self, text: str) -> tuple[Found, ...]:
        """Every skill named in the text, in order, none overlapping another; the same skill as often as it is named."""
        pieces, bounds = split(text)
        ends = list(accumulate(map(len, pieces)))
        matches = []
        for index, start, end in self._automaton.find_matches_as_indexes("".join(pieces)):
            first, last = bisect_right(ends, start), bisect_left(ends, end)
            matches.append((self._names[index], bounds[2 * first], bounds[2 * last + 1]))
        return tuple(_standing(text, matches))

    @property
    def names(self) -> list[Name]:
        """Every name of the vocabulary, by the order of its lines, without derived plurals and singulars."""
        return list(dict.fromkeys(self._names))

    def skill(self, name: str) -> str | None:
        """The vocabulary's name of the skill that is called `name`, however that is spelt; None when it knows none."""
        known = self._spelt.get(key(name))
        return known.skill if known else None


def _standing(text: str, matches: list[tuple[Name, int, int]]) -> Iterator[Found]:
    """Those matches that name a skill where they stand."""
    plain = [start for name, start, _ in matches if name.sense is Sense.PLAIN and name.technology]
    for name, start, end in matches:
        doubtful = name.sense in (Sense.NAMED, Sense.LETTER)
        evidence = doubtful and (_near(plain, start, end) or cued(text, start, end))
        if stands(name.sense, name.form, text, start, end, evidence):
            yield Found(name.skill, start, end)


def _near(starts: list[int], start: int, end: int) -> bool:
    return bisect_left(starts, start - _NEAR) < bisect_right(starts, end + _NEAR)


def _read(path: Path) -> Iterator[Name]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        try:
            skill, kind, names = line.split("\t")
        except ValueError as error:
            raise PackError(f"{path}, line {number}: not a name, a kind and names") from error
        for name in names.split("|"):
            marked = name[:1] in ("~", "?", "!")
            yield Name(skill, name[marked:], Sense(name[:marked]), kind == "technology")
