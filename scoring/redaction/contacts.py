"""E-mail addresses, telephone numbers, links and handles in a text."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from scoring.spans import Span

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64}\s?(?:@|\(at\)|\[at\])\s?(?:[\w-]{1,63}(?:\."
    r"|\s?\(dot\)\s?|\s?\[dot\]\s?)){1,5}[^\W\d_]{2,24}",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://\s?|ftp://|www\.)[^\s<>\"|,;•]{2,}", re.IGNORECASE)
_HOST_END = re.compile(
    r"\.(?:com|org|net|io|me|dev|co|info|edu|in|uk|de|fr|ru|es|it|app|site|tech|blog)\b(?:/[^\s<>\"|,;•]*)?",
    re.IGNORECASE,
)
_HOST_START = re.compile(r"(?<![\w@./-])(?:[\w-]{1,40}\.){0,4}[\w-]{1,40}$")
_PERSONAL_HOST = re.compile(
    r"[\w-]+\.(?:github|gitlab|herokuapp|wixsite|wordpress|blogspot|myportfolio|netlify|vercel|webflow)\.",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"(?=[lgstifpwhb])\b(?:linked\s?in|git\s?hub|git\s?lab|skype(?: id)?|twitter|telegram|instagram"
    r"|facebook|portfolio|web\s?site|homepage|home page|blog"
    r"|personal site)\s*[:\-–]\s*(@?[\w.:-]*[\w/.-]*(?:[./\d@_-][\w.-]*)+|@\w+)",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}'\"»”’"

_NUMBER = re.compile(
    r"(?<![\w.,/$€£#%+-])(?:\+\s?)?\(?\+?\d(?:[ \t\xa0()./–-]{0,3}\d){6,16}(?:\s?(?:x"
    r"|ext\.?|extension)\s?\d{1,5})?(?![\w%])"
)
_PHONE_LABEL = re.compile(
    r"(?:phone|tel|telephone|telefon|téléphone|teléfono|telefono|mobile?|mobil"
    r"|móvil|cell|cellular|handy|whatsapp|fax|contact(?: ?(?:no|number|#))?"
    r"|call|ph|(?<!\w)[tmpc])(?: ?(?:no|number|#))?\.?\s*[:.\-–]?\s*\(?$",
    re.IGNORECASE,
)
_SEVEN_DIGITS = re.compile(r"\d\d\d[\s.-]{1,2}\d{4}(?!\d)(?:\s?(?:x|ext\.?|extension)\s?\d{1,5})?")
_AREA_CODE = re.compile(r"(?<!\d)(?:(?:\+|00)?1[\s.-]{0,2})?(?:\(\d{3}\)|\d{3}\)?)[\s.*-]{0,3}$")
_CLOSE = 45
_YEARS = re.compile(r"(?:(?:\d{1,2}[./-])?(?:19|20)\d\d[\s./–-]*){1,3}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})$|\d{4}[./-]\d{1,2}[./-]\d{1,2}$")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}$")


def contacts(text: str) -> Iterator[Span]:
    """Everything somebody could be reached by."""
    lowered = text.lower()
    emails: list[Span] = []
    if "@" in text or "(at)" in lowered or "[at]" in lowered:
        emails = [Span("email", *match.span()) for match in _EMAIL.finditer(text)]
    yield from emails
    yield from links(text)
    yield from phones(text, emails)


def links(text: str) -> Iterator[Span]:
    """Addresses of pages and of profiles; a bare host only where it is somebody's own (`jane.github.io`)."""
    for match in _LINK.finditer(text):
        yield Span("link", match.start(), match.start() + len(match.group().rstrip(_TRAILING)))
    for match in _HOST_END.finditer(text):
        host = _HOST_START.search(text, max(0, match.start() - 90), match.start())
        if host and (
            (match.group().count("/") and len(match.group().partition("/")[2]) > 1)
            or _PERSONAL_HOST.match(text, host.start())
        ):
            yield Span("link", host.start(), match.start() + len(match.group().rstrip(_TRAILING)))
    for match in _HANDLE.finditer(text):
        if len(match.group(1)) > 2:
            yield Span("link", match.start(1), match.start(1) + len(match.group(1).rstrip(_TRAILING)))


def phones(text: str, emails: Sequence[Span] = ()) -> Iterator[Span]:
    """Telephone numbers; their form, their label or an e-mail close by tells them from dates, years and amounts.

    `emails` in the order of the text.
    """
    begins, ends = [email.start for email in emails], [email.end for email in emails]
    for match in _SEVEN_DIGITS.finditer(text):  # North America's form, told by its last seven digits
        if area := _AREA_CODE.search(text, max(0, match.start() - 14), match.start()):
            yield Span("phone", area.start(), match.end())
    for match in _NUMBER.finditer(text):
        number = match.group().rstrip(" .-–/(")
        labelled = _PHONE_LABEL.search(text, max(0, match.start() - 30), match.start()) is not None
        if _is_number(number) and (
            labelled
            or _looks_like_a_phone(number)
            or (len(number) > 7 and (_close(match.start(), ends) or _close(match.end(), begins)))
        ):
            yield Span("phone", match.start(), match.start() + len(number))


def _close(offset: int, others: Sequence[int]) -> bool:
    """Whether one of the others, which rise, lies close by."""
    return bisect_right(others, offset - _CLOSE) < bisect_left(others, offset + _CLOSE)


def _is_number(number: str) -> bool:
    """Could it be dialled? Days, years and addresses of machines could not."""
    digits = sum(character.isdigit() for character in number)
    return (
        7 <= digits <= 17
        and "\n" not in number
        and not (_DAY.match(number) or _IP.match(number) or _YEARS.fullmatch(number))
    )


def _looks_like_a_phone(number: str) -> bool:
    if number.startswith(("+", "(+", "00")) or re.match(r"\(\d{2,4}\)", number):
        return True
    groups = re.findall(r"\d+", number)
    digits = sum(map(len, groups))
    if _YEAR.search(number) or not 9 <= digits <= 13:
        return False
    return number[0] == "0" or (len(groups) <= 2 and digits == 10 and number[0] in "6789")
