"""How an evaluation is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """Two inputs that can be sent as they stand: `winnow.ats.evaluate(**sample.text)`."""

    text: dict[str, Any]
    columns: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldGuide:
    """One field of the input, and its two forms."""

    name: str
    required: bool
    meaning: str
    text_form: str
    column_form: str


@dataclass(frozen=True, slots=True)
class Guide:
    """What to send, what each member of the answer means, and what it does not say."""

    fields: tuple[FieldGuide, ...]
    answer: dict[str, str]
    limits: tuple[str, ...]
    notice: str
