"""Clean text: what every format's output passes through before it leaves the sandbox."""

import re

from parsing.errors import ParseError

# Every Unicode space, and every line end, becomes the plain one.
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
# Controls but line feed, and characters that show nothing (zero width, soft hyphen, direction marks, byte order mark).
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BLANK_LINES = re.compile(r"\n{3,}")
# PDF fonts hand out ligatures as one character, which no tokenizer's vocabulary holds.
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)


def clean(text: str) -> str:
    """Text that Postgres and a tokenizer can take: no NUL or other control, no lone surrogate, lines kept.

    Runs of spaces become one, runs of blank lines one blank line. Cleaning clean text changes nothing.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    lined = _LINE_ENDS.sub("\n", whole)
    visible = _INVISIBLE.sub("", _SPACES.sub(" ", lined)).translate(_LIGATURES)
    stripped = "\n".join(_SPACES.sub(" ", line).strip() for line in visible.split("\n"))
    return _BLANK_LINES.sub("\n\n", stripped).strip()


def check_length(characters: int, limit: int) -> None:
    """Raise ParseError `too_long` beyond the limit."""
    if characters > limit:
        raise ParseError("too_long", f"The text is longer than {limit:,} characters. Send that document alone.")
