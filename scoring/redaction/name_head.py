"""The name that a resume begins with."""

import re
from collections.abc import Iterator, Sequence

from scoring.redaction.name_words import FIRMS, FULL_NAME, NAME_WORD, PARTICLE, UPPER, Found, is_strange
from scoring.spans import Span, overlaps
from scoring.wordlists.nations import COUNTRY
from scoring.wordlists.vocabulary import GIVEN_NAMES, ORGANISATION_WORDS, is_title_word, word_list

_SPACED_OUT = re.compile(rf"{UPPER}(?: {UPPER}){{2,}}(?:\s{{2,}}{UPPER}(?: {UPPER})+)*")
_PIECES = re.compile(r"[^|•·,;:\t/()\d*–—]+")
_HEADING = re.compile(r"\b(?:resume|résumé|curriculum vitae|cv|lebenslauf)\b", re.IGNORECASE)
_PLACE_IN_LINE = re.compile(rf"^(?:{COUNTRY})\b|\b(?:city|location|residence|address)\s?:", re.IGNORECASE)
_ALSO_WORDS = word_list("given_names_that_are_words")
_HEAD_LINES = 8
_HEAD = 700
_LONG_LINE = 250


def in_head(text: str, reached: Sequence[Span]) -> Iterator[Found]:
    """The name that a resume begins with: sure in the first two lines, further down it takes a known given name."""
    position = 0
    seen = 0
    headed = False
    by_contacts = any(span.kind in ("email", "phone") and span.start < _HEAD // 2 for span in reached)
    for whole_line in text[:_HEAD].split("\n"):
        line = whole_line if len(whole_line) <= _LONG_LINE else whole_line[:_LONG_LINE].rpartition(" ")[0]
        if line.strip():
            if not _PLACE_IN_LINE.search(line) and not _HEADING.search(line):
                certain = (by_contacts and (not seen or headed)) or (not seen and _stands_alone(line))
                yield from _in_line(text, position, line, 2 if certain else int(seen < 2 or headed), reached)
            headed = _HEADING.search(line) is not None
            seen += 1
            if seen == _HEAD_LINES:
                return
        position += len(whole_line) + 1


def _stands_alone(line: str) -> bool:
    """Is the line two or three capitalised words, as a name above a resume is?"""
    words = line.split()
    return 2 <= len(words) <= 3 and all(word[0].isupper() for word in words)


def _in_line(text: str, position: int, line: str, sure: int, reached: Sequence[Span]) -> Iterator[Found]:
    spaced = _SPACED_OUT.fullmatch(line.strip())
    if spaced and sure and not any(is_title_word(word.replace(" ", "")) for word in re.split(r"\s{2,}", line)):
        yield Found(position + line.index(line.strip()), position + len(line.rstrip()), False)
        return
    for piece in _PIECES.finditer(line):
        start = position + piece.start() + len(piece.group()) - len(piece.group().lstrip())
        name = _leading_name(piece.group().strip(), sure, len(line) < 60)
        if name and not overlaps(Span("", start, start + len(name)), reached):
            yield Found(start, start + len(name), True)


def _leading_name(piece: str, sure: int, short_line: bool) -> str:
    """The name that a piece of a line consists of, or begins with when its first word is a given name; or nothing.

    `sure`: 2 where a name must stand (the first line, alone or with e-mail or phone below it), 1 where it often does,
    else 0.
    """
    match = re.match(rf"(?:{PARTICLE} )?{FULL_NAME}", piece.title() if piece.islower() and sure > 1 else piece)
    words = NAME_WORD.findall(match.group()) if match else []
    known = [word.lower() in GIVEN_NAMES for word in words]
    strange = [is_strange(word) for word in words]
    whole = match is not None and match.end() == len(piece)
    if not match or not 2 <= len(words) <= 5 or (len(words) == 2 and piece.lower() in FIRMS):
        return ""
    if whole and ((any(known) and (all(strange) or known[0])) or (sure and short_line and all(strange))):
        return piece[: match.end()].rstrip(".")
    if (
        whole
        and sure > 1
        and (any(strange) or words[0].lower() in _ALSO_WORDS)
        and len(words) < 5
        and not any(is_title_word(word) or word.lower() in ORGANISATION_WORDS for word in words)
    ):
        return piece[: match.end()].rstrip(".")
    if known[0] and len(words) > 2 and sure:
        length = next((index for index, is_strange in enumerate(strange[1:], 1) if not is_strange), len(words))
        return " ".join(piece.split()[:length]) if length > 1 else ""
    return ""
