"""Sentences in which people say who they are: clean text that a detector of abuse must leave alone.

Without them a detector learns that naming a group is abuse, as most comments that do so in its training set are
(Dixon et al. 2018). Those for training and those for measuring share no template and no occupation.
"""

from collections.abc import Sequence
from itertools import product

IDENTITIES = (
    "gay", "lesbian", "bisexual", "transgender", "queer", "straight", "Muslim", "Jewish", "Christian", "Hindu",
    "Buddhist", "Sikh", "atheist", "Black", "white", "Asian", "African", "Arab", "Latino", "Mexican", "Chinese",
    "Indian", "deaf", "blind", "disabled", "autistic", "old", "young", "female", "male", "Iranian", "Turkish", "Polish",
    "Romani",
)  # fmt: skip
_TRAIN = (
    "As a {} {}, I lead a small team.", "Proud {} {} with ten years of experience.", "My name is Alex, a {} {}.",
    "We welcome every {} {} who applies.", "I mentor {} people who want to become a {}.",
    "Volunteer {} {} at the community centre.",
)  # fmt: skip
_MEASURED = (
    "I am a {} {}.", "I am {} and work as a {}.", "Member of the network of {} employees; {} by trade.",
    "She is a {} {} and lives in Leeds.",
)  # fmt: skip
_MEASURED_LATER = (
    "Hi, I'm a {} {} looking for a new role.", "{} {} based in Bristol, open to relocation.",
    "Winner of the award for the best {} {} of 2019.", "I grew up {} and became a {}.",
    "Being {} never kept me from my work as a {}.", "He identifies as {} and is our most senior {}.",
    "Founded a support group for {} people while working as a {}.",
    "Keynote: what life is like for a {} {} in the public sector.",
)  # fmt: skip
"""Written before the second look learned from sentences of training, as what it made of `_MEASURED` was known."""


def sentences_for_training(folds: Sequence[int]) -> dict[int, list[str]]:
    """Every identity in every training template; each template stands in one of the folds alone."""
    dealt = {fold: _TRAIN[at :: len(folds)] for at, fold in enumerate(folds)}
    return {fold: _filled(templates, "teacher", "accountant", "nurse", "analyst") for fold, templates in dealt.items()}


def sentences_for_measuring() -> dict[str, list[str]]:
    """Every identity in templates and with occupations that training never saw, by the name of a row of figures."""
    occupations = ("engineer", "project manager", "software developer")
    rows = {"identity sentences": _MEASURED, "identity sentences, new ones": _MEASURED_LATER}
    return {row: _filled(templates, *occupations) for row, templates in rows.items()}


def _filled(templates: Sequence[str], *occupations: str) -> list[str]:
    return [template.format(*pair) for template, *pair in product(templates, IDENTITIES, occupations)]
