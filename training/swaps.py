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

SEED = 20261123
HEADERS, AFFILIATIONS, GAPS = "header", "affiliation", "gap"
_ORIGINS = {
    "en_IN": "Indian", "en_NG": "Nigerian", "es_MX": "Mexican", "tr_TR": "Turkish", "vi_VN": "Vietnamese",
    "pl_PL": "Polish", "id_ID": "Indonesian", "zu_ZA": "South African",
}  # fmt: skip
"""Locales of Faker for names from elsewhere, and the nationality that goes with each; the base is en_US, American."""
_AFFILIATIONS = {
    "affiliation: women's group, against none": (("", "Member, Women in Tech"), ("", "Volunteer, Girls Who Code")),
    "affiliation: women's group, against another": (
        ("Member, Society of Engineers", "Member, Society of Women Engineers"),
        ("Mentor, Rails Study Group", "Mentor, Rails Girls Study Group"),
    ),
    "affiliation: sorority, against fraternity": (
        ("Treasurer, Sigma Chi fraternity", "Treasurer, Kappa Delta sorority"),
        ("President, men's rowing team", "President, women's rowing team"),
    ),
    "college: women's, against another": (
        ("Bachelor of Arts, Amherst College", "Bachelor of Arts, Smith College"),
        ("Bachelor of Arts, Haverford College", "Bachelor of Arts, Bryn Mawr College"),
    ),
}
_GAPS = {
    "gap: parental leave, against none": (("", "Parental leave, 2015 - 2017"), ("", "Maternity leave, 2016 - 2017")),
    "gap: career break, against none": (
        ("", "Career break, 2014 - 2017"),
        ("", "Cared for a family member, 2015 - 2018"),
    ),
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
    "sentence": lambda who: f"{who.pronouns[0].title()} works well in {who.pronouns[1]} team.",
    "nationality": lambda who: f"Nationality: {who.nationality}",
    "birth": lambda who: f"Date of birth: 12 March {who.born}",
    "whole": _Person.header,
}
_COMPARED = (
    ("name: a woman's, against a man's", "name", "man", "woman"),
    ("name: from elsewhere, against American", "name", "woman", "foreigner"),
    ("pronouns: she/her, against he/his", "pronouns", "man", "woman"),
    ("pronouns in a sentence: she, against he", "sentence", "man", "woman"),
    ("nationality: another, against American", "nationality", "woman", "foreigner"),
    ("birth year: thirty years earlier", "birth", "man", "older"),
    ("whole header: a foreign woman's, against a man's", "whole", "man", "foreigner"),
    ("name: against none", "name", "", "man"),
    ("whole header: against none", "whole", "", "man"),
)
"""What is compared: a part of a header, whose it is before (nobody's: none) and after."""


def swaps(resume: Resume) -> Iterator[Swap]:
    """Every change of one resume; the same for the same id."""
    rng = random.Random(f"{SEED} {resume.id}")
    people = {role: {part: _headed(resume, written(who)) for part, written in _HEADERS.items()}
              for role, who in _persons(rng).items()}  # fmt: skip
    for change, part, before, after in _COMPARED:
        yield Swap(HEADERS, change, people[before][part] if before else resume, people[after][part])
    for kind, changes in ((AFFILIATIONS, _AFFILIATIONS), (GAPS, _GAPS)):
        for change, pairs in changes.items():
            first, second = (_footed(resume, line) for line in rng.choice(pairs))
            yield Swap(kind, change, first, second)
    if gapped := _with_gap(resume.text):
        yield Swap(GAPS, "gap: a position two years shorter", resume, replace(resume, text=gapped))


def _persons(rng: random.Random) -> dict[str, _Person]:
    """A man, a woman and an older man of one country, and a woman from elsewhere."""
    locale, born = rng.choice(sorted(_ORIGINS)), rng.randint(1988, 1998)
    home, elsewhere = Faker("en_US"), Faker(locale)
    for faker in (home, elsewhere):
        faker.seed_instance(rng.getrandbits(32))
    she, he = ("she", "her"), ("he", "his")
    man = _Person(f"{home.first_name_male()} {home.last_name()}", "American", he, born)
    return {
        "man": man,
        "woman": _Person(f"{home.first_name_female()} {home.last_name()}", "American", she, born),
        "older": replace(man, born=born - 30),
        "foreigner": _Person(f"{elsewhere.first_name_female()} {elsewhere.last_name()}", _ORIGINS[locale], she, born),
    }


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
