"""Where a name that means more (C, Go, Access, security) names a skill: in a list, in capitals, among others."""

import re
from enum import IntEnum, StrEnum

_SIGNS_BEFORE = frozenset(",;:|/•·●▪*(\t–—")
_SIGNS_AFTER = frozenset(",;|/)](\n\t•·●▪*")
_ATTACHED = frozenset("&-.'’+#@_")
_LEADING = frozenset(
    ("and", "or", "&", "in", "with", "using", "of", "like", "including", "as", "on", "writing", "programming")
)
_FOLLOWING = frozenset(
    ("and", "or", "&", "programming", "language", "languages", "developer", "development", "scripts")
)
_LED = re.compile(r"\b(?:in|with|using|writing|wrote|programming|language) $", re.IGNORECASE)
_CUE = re.compile(
    r"\b(?:skills?|languages?|programming|technolog|software|tools?|frameworks?|databases?|proficien|platforms?|develop|cod(?:e|ing)\b|script"
    r"|written in|fluent|microsoft|ms\b|office)",
    re.IGNORECASE,
)
_CUED = 60
_REACH = 24
"""How far the words beside a name are read."""


class Sense(StrEnum):
    """How much a name says by itself; the sign marks it in a vocabulary file."""

    PLAIN = ""
    """It names the skill wherever it stands."""
    NAMED = "~"
    """A name that is also a word: as a name in capitals, or among other skills."""
    LISTED = "?"
    """A common word: only as an entry of a list."""
    LETTER = "!"
    """One letter, or "Go": as written, with evidence that skills are meant, in a list or after "in" and its like."""


class Side(IntEnum):
    """What stands beside a name."""

    WORD = 0
    CONNECTIVE = 1
    """A word that leads up to a skill or joins it to another."""
    SIGN = 2
    """A sign between the entries of a list, or the end of a sentence."""
    EDGE = 3
    """The beginning of a text, line or sentence."""


def cued(text: str, start: int, end: int) -> bool:
    """Whether words near the passage say that skills are named there."""
    return bool(_CUE.search(text, max(0, start - _CUED), start) or _CUE.search(text, end, end + _CUED // 2))


def stands(sense: Sense, form: str, text: str, start: int, end: int, evidence: bool) -> bool:
    """Whether `text[start:end]`, a name whose usual form is `form`, names a skill there.

    `evidence`: other technologies are named nearby, or `cued`.
    """
    if sense is Sense.PLAIN:
        return text[start] != "." or not text[start - 1 : start].isalnum()
    before, after = _before(text, start), _after(text, end)
    listed = min(before, after) > Side.WORD
    if sense is Sense.LISTED:
        return listed and max(before, after) > Side.CONNECTIVE
    if sense is Sense.LETTER:
        led = _LED.search(text, max(0, start - _REACH), start) and not re.match(r"\s+to\b", text[end : end + _REACH])
        return evidence and text[start:end] == form and not _attached(text, start, end) and bool(listed or led)
    return _named(form, text, start, end, evidence, before, after)


def _named(form: str, text: str, start: int, end: int, evidence: bool, before: Side, after: Side) -> bool:
    """A name that is also a word: by its capitals, unless it begins a sentence; in lower case only inside a list."""
    found = text[start:end]
    listed = min(before, after) > Side.WORD
    if not (found.isupper() if form.isupper() else found[0].isupper() or found == form):
        return listed and evidence and max(before, after) > Side.CONNECTIVE
    goes_on = after is Side.WORD and text[end : end + 2].strip()[:1].islower()
    if goes_on and before > Side.CONNECTIVE and not form.isupper():
        return False
    year = re.match(r"\s+\d{4}\b", text[end : end + 6])
    return not year and (listed or (evidence and max(before, after) > Side.WORD))


def _before(text: str, start: int) -> Side:
    rest = text[max(0, start - _REACH) : start].rstrip(" ")
    if not rest.strip() or rest[-1] in "\n•·●▪*" or (rest[-1] in ".!?" and start > 0 and text[start - 1] == " "):
        return Side.EDGE
    if rest[-1] in _SIGNS_BEFORE or (rest[-1] == "-" and text[start - 1] == " "):
        return Side.SIGN
    return Side.CONNECTIVE if re.split(r"[\s,;./()]", rest)[-1].lower() in _LEADING else Side.WORD


def _after(text: str, end: int) -> Side:
    ahead = text[end : end + _REACH]
    rest = ahead.lstrip(" ")
    if not rest or rest[0] in _SIGNS_AFTER or re.match(r"\.(?:\s|$)", rest):
        return Side.SIGN
    word = re.split(r"[\s,;./()]", rest, maxsplit=1)[0].lower()
    return Side.CONNECTIVE if rest != ahead and word in _FOLLOWING else Side.WORD


def _attached(text: str, start: int, end: int) -> bool:
    """Whether a sign ties the letter to something else: R&D, C-level, D.C."""
    if text[start - 1 : start] in _ATTACHED and start > 0:
        return True
    return text[end : end + 1] in _ATTACHED and re.match(r"\.(?:\s|$)", text[end : end + 2]) is None
