"""Changes of who somebody seems to be, with the work left as it is: headers, affiliations and gaps in a career.

Each change makes two resumes of one: before and after. Where a resume came in columns, a header stands at the beginning
of its career objective and everything else at its end, as such columns are all that the match model reads of it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from faker import Faker

from scoring.fields.dates import date_ranges
from scoring.inputs import Resume

SEED = 20261122
HEADERS, AFFILIATIONS, GAPS = "header", "affiliation", "gap"
_ORIGINS = {
    "en_IN": "Indian", "en_NG": "Nigerian", "es_MX": "Mexican", "tr_TR": "Turkish", "vi_VN": "Vietnamese",
    "pl_PL": "Polish", "id_ID": "Indonesian", "zu_ZA": "South African",
}  # fmt: skip
"""Locales of Faker for names from elsewhere, and the nationality that goes with each; the base is en_US, American."""
_AFFILIATIONS = {
    "women's group, against none": (("", "Member, Women in Tech"), ("", "Volunteer, Girls Who Code")),
    "women's group, against another": (
        ("Member, Society of Engineers", "Member, Society of Women Engineers"),
        ("Mentor, Rails Study Group", "Mentor, Rails Girls Study Group"),
    ),
    "sorority, against fraternity": (
        ("Treasurer, Sigma Chi fraternity", "Treasurer, Kappa Delta sorority"),
        ("President, men's rowing team", "President, women's rowing team"),
    ),
    "women's college, against another": (
        ("Bachelor of Arts, Amherst College", "Bachelor of Arts, Smith College"),
        ("Bachelor of Arts, Haverford College", "Bachelor of Arts, Bryn Mawr College"),
    ),
}
_GAPS = {
    "parental leave, against none": (("", "Parental leave, 2015 - 2017"), ("", "Maternity leave, 2016 - 2017")),
    "career break, against none": (("", "Career break, 2014 - 2017"), ("", "Cared for a family member, 2015 - 2018")),
}


@dataclass(frozen=True, slots=True)
class Swap:
    """One resume told twice."""

    kind: str
    change: str
    before: Resume
    after: Resume


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    nationality: str
    pronouns: tuple[str, str]
    born: int

    def header(self) -> str:
        """A whole header, as resumes of some countries have it."""
        user = "".join(letter for letter in self.name.lower() if letter.isascii() and letter.isalpha())
        reached = f"{user}@example.com | +1 503 555 01{self.born % 100:02}"
        born = f"Date of birth: 12 March {self.born}"
        said = f"Nationality: {self.nationality}\nPronouns: {'/'.join(self.pronouns)}"
        return "\n".join((self.name, reached, born, said))


_HEADERS: dict[str, Callable[[_Person], str]] = {
    "name": lambda who: who.name,
    "pronouns": lambda who: f"Pronouns: {'/'.join(who.pronouns)}",
    "pronouns in a sentence": lambda who: f"{who.pronouns[0].title()} works well in {who.pronouns[1]} team.",
    "nationality": lambda who: f"Nationality: {who.nationality}",
    "birth year": lambda who: f"Date of birth: 12 March {who.born}",
    "whole header": _Person.header,
}


def swaps(resume: Resume) -> Iterator[Swap]:
    """Every change of one resume; the same for the same id, whatever else is changed."""
    rng = random.Random(f"{SEED} {resume.id}")
    man, woman, foreign = _persons(rng)
    for part, written in _HEADERS.items():
        first, second = _headed(resume, written(man)), _headed(resume, written(woman))
        yield Swap(HEADERS, f"{part}: a man's, against none", resume, first)
        yield Swap(HEADERS, f"{part}: a woman's, against a man's", first, second)
        if written(foreign) != written(woman):
            yield Swap(HEADERS, f"{part}: from elsewhere, against American", second, _headed(resume, written(foreign)))
    for kind, changes in ((AFFILIATIONS, _AFFILIATIONS), (GAPS, _GAPS)):
        for change, pairs in changes.items():
            before, after = (_footed(resume, line) for line in rng.choice(pairs))
            yield Swap(kind, change, before, after)
    if gapped := _with_gap(resume.text):
        yield Swap(GAPS, "two years less in a position's dates", resume, replace(resume, text=gapped))


def _persons(rng: random.Random) -> tuple[_Person, _Person, _Person]:
    """A man, a woman of the same country but thirty years older, and a woman from elsewhere of the same year."""
    locale = rng.choice(sorted(_ORIGINS))
    home, elsewhere = Faker("en_US"), Faker(locale)
    for faker in (home, elsewhere):
        faker.seed_instance(rng.getrandbits(32))
    born = rng.randint(1988, 1998)
    she, he = ("she", "her"), ("he", "his")
    return (
        _Person(f"{home.first_name_male()} {home.last_name()}", "American", he, born),
        _Person(f"{home.first_name_female()} {home.last_name()}", "American", she, born - 30),
        _Person(f"{elsewhere.first_name_female()} {elsewhere.last_name()}", _ORIGINS[locale], she, born - 30),
    )


def _headed(resume: Resume, header: str) -> Resume:
    if resume.text:
        return replace(resume, text=f"{header}\n{resume.text}")
    return _objective(resume, f"{header}\n{resume.fields.get('career_objective', '')}")


def _footed(resume: Resume, line: str) -> Resume:
    if not line:
        return resume
    if resume.text:
        return replace(resume, text=f"{resume.text}\n{line}\n")
    return _objective(resume, f"{resume.fields.get('career_objective', '')}\n{line}")


def _objective(resume: Resume, value: str) -> Resume:
    return replace(resume, fields={**resume.fields, "career_objective": value.strip()})


def _with_gap(text: str) -> str:
    """The text with two years taken from the end of its first position of three or more; nothing where none is."""
    for found in date_ranges(text):
        if found.first_year and found.last_year and found.last_year - found.first_year >= 3:
            written = text[found.start : found.end]
            shorter = written[::-1].replace(str(found.last_year)[::-1], str(found.last_year - 2)[::-1], 1)[::-1]
            return text[: found.start] + shorter + text[found.end :]
    return ""
