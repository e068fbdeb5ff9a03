"""The leak check: what of somebody's personal data still stands in a text after redaction."""

import re
from collections.abc import Iterator

from scoring.redact import Redacted
from scoring.redaction.name_words import name_parts
from scoring.spans import Span
from scoring.wordlists.vocabulary import ordinary_words

_TELLING = 4
"""A piece of a name or an address must have this many letters to count as a leak inside another word."""


def leaks(original: str, redacted: Redacted) -> list[Span]:
    """Where something that was redacted stands elsewhere still, as what it was redacted; offsets are the original's."""
    found: list[Span] = []
    for kind, value in sorted({(span.kind, original[span.start : span.end]) for span in redacted.spans}):
        for start, end in standing(kind, value, redacted.text):
            found.append(Span(kind, *redacted.edited.span(start, end)))
    return sorted(set(found), key=lambda span: (span.start, span.end))


def standing(kind: str, value: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a personal value stands in a text, in whole or in a part that tells who it is.

    Searched without regard to case, and inside words too: a name's parts in a file name, the user of an e-mail address,
    the digits of a phone however they are set, the last part of a link; addresses and dates as they were written.
    """
    for pattern in _patterns(kind, value.lower()):
        yield from (match.span() for match in re.finditer(pattern, text.lower()))


def _patterns(kind: str, value: str) -> Iterator[str]:
    if kind == "name":
        yield from map(_word, sorted(name_parts(value)))
    elif kind == "email":
        user = value.partition("@")[0].strip()
        if len(user) > _TELLING and user not in ordinary_words():
            yield _word(user)
    elif kind == "phone":
        yield r"\D{0,3}".join(re.findall(r"\d", value)[-7:])
    elif kind == "link":
        last = _last_part(value)
        if len(last) > _TELLING + 3 and last not in ordinary_words():
            yield _word(last)
    elif kind in ("address", "birth_date") and len(value) > 2 * _TELLING:
        yield r"\W+".join(map(re.escape, re.findall(r"\w+", value)))


def _last_part(link: str) -> str:
    path = (link.partition("://")[2] or link).partition("/")[2]
    return re.split(r"[/=]", path.rstrip("/"))[-1]


def _word(part: str) -> str:
    escaped = re.escape(part)
    return escaped if len(part) >= _TELLING + 2 else rf"(?<![^\W\d_]){escaped}(?![^\W\d_])"
