"""Texts whose skills are known because they were put there: names of the vocabulary, re-spelt, in lists and sentences.

Between them stand sentences that hold words of skills and name none. The same seed gives the same texts.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from scoring.skills.contexts import Sense
from scoring.skills.matcher import Name

_LISTS = ("Skills: {}.", "Technical skills\n{}", "Tools and languages: {}; others on request.", "• {}\n", "({})")
_JOINTS = (", ", " / ", "; ", " | ", "\n", " (3 years), ", " • ")
_SENTENCES = (
    "Built reporting services with {} for a hospital.",
    "We are looking for someone who has worked in {}, on a small team.",
    "Five years of hands-on {} at a bank.",
    "Responsible for {} across three countries",
    "Her team relies on {}.",
)
_CODED = (
    "Wrote the control software in {} for ten years.",
    "Experienced in programming with {} and in teaching it.",
    "Moved the code from one language to {}, then measured it.",
)
"""For names of one letter, which say nothing in the other sentences."""
TRAPS = (
    "Led the go to market plan for a new product.",
    "Ready to go from day one; willing to go the extra mile.",
    "Presented to C-level executives every quarter.",
    "Sold Vitamin C and other supplements.",
    "Member of the R&D department in Washington, D.C.",
    "Reported to John C. Miller and Anna R. Smith.",
    "I excel in fast places and have access to a car.",
    "The rest of the year I taught children to swim.",
    "Moved to Paris in the spring of 2015.",
    "Received a word of thanks from the board.",
    "The outlook for the coming year was positive.",
    "No less than forty stores opened on time.",
    "Made an express delivery to the south of the island.",
    "Lived near the oracle's temple in Greece.",
    "Grew up on a farm with a pig and ants.",
    "Write to python@example.org or see https://java.example.com/sql/go.",
    "Polish the silver before each banquet.",
    "Javanese coffee was served on the island.",
    "Graduated with grades A, B and C in the final year.",
    "Hepatitis B vaccination is up to date.",
)


_PARTS = ("list", "technologies", "sentence", "sentence", "sentence", "coded", "trap", "trap")


Mention = tuple[str, int, int]
"""The name of a skill, and where it stands in a text: start and end in characters."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, and the skills named in it."""

    text: str
    skills: tuple[Mention, ...]


def samples(names: list[Name], count: int, seed: int) -> Iterator[Sample]:
    """`count` texts of some 14 names each.

    Names that count wherever they stand are put into any sentence, names of one letter into sentences on programming
    and into lists of technologies, the other doubtful ones into lists alone.
    """
    rng = random.Random(seed)
    choices = {
        "list": names,
        "sentence": [name for name in names if name.sense is Sense.PLAIN],
        "coded": [name for name in names if name.sense is Sense.LETTER],
        "technologies": [name for name in names if name.technology],
    }
    for _ in range(count):
        text = ""
        skills: list[Mention] = []
        for part in rng.sample(_PARTS, len(_PARTS)):
            chosen, frames = _part(rng, part, choices)
            text, added = _put(rng, text, rng.sample(chosen, len(chosen)), rng.choice(frames), rng.choice(_JOINTS))
            skills += added
        yield Sample(text, tuple(skills))


def _part(rng: random.Random, part: str, choices: dict[str, list[Name]]) -> tuple[list[Name], tuple[str, ...]]:
    """The names for one part of a text, and the frames that it may have."""
    match part:
        case "list":
            return rng.sample(choices["list"], 5), _LISTS
        case "technologies":
            return rng.sample(choices["technologies"], 4) + rng.sample(choices["coded"], 1), _LISTS
        case "sentence":
            return [rng.choice(choices["sentence"])], _SENTENCES
        case "coded":
            return [rng.choice(choices["coded"])], _CODED
    return [], (rng.choice(TRAPS) + "{}",)


def _put(rng: random.Random, text: str, chosen: list[Name], frame: str, joint: str) -> tuple[str, list[Mention]]:
    """The text with a list or sentence of the chosen names at its end, and where each of them stands."""
    before, after = frame.split("{}")
    text += before
    added: list[Mention] = []
    for number, name in enumerate(chosen):
        spelt = _respelt(rng, name)
        text += joint if number else ""
        added.append((name.skill, len(text), len(text) + len(spelt)))
        text += spelt
    return f"{text}{after}\n\n", added


def _respelt(rng: random.Random, name: Name) -> str:
    """The name as somebody else writes it: in other cases, with hyphens. Doubtful names stay as they are."""
    form = name.form
    if name.sense is not Sense.PLAIN:
        return form
    return rng.choice((form, form, form.lower(), form.upper(), form.title(), form.replace(" ", "-")))
