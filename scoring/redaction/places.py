"""Postal addresses, and where somebody lives as far as the head of a resume or a label tells it."""

import re
from collections.abc import Iterator, Sequence

from scoring.fields.dates import RANGE
from scoring.redaction.streets import CITY, REGION, streets
from scoring.spans import Span
from scoring.wordlists.vocabulary import ORGANISATION_WORDS, is_title_word, ordinary_words, word_list

_LABEL = re.compile(
    r"(?<![\w-])(?:(?:home|permanent|present|current|mailing|postal|residential"
    r"|contact)?\s?(?<!ip )(?<!mac )(?<!email )(?<!e-mail )address"
    r"|(?:city|place|country) of residence|residence|adresse|anschrift|wohnort"
    r"|dirección|direccion|domicilio|indirizzo|endereço|adres)\s?:[ \t]*",
    re.IGNORECASE,
)
_LABEL_TRIGGER = (
    "address",
    "residence",
    "adresse",
    "anschrift",
    "wohnort",
    "direcci",
    "domicilio",
    "indirizzo",
    "endereço",
    "adres",
)
_HEAD_LABEL = re.compile(r"(?<![\w-])(?:location|city|lives? in|based in|home ?town)\s?:[ \t]*", re.IGNORECASE)
_LIVES = re.compile(
    rf"\b(?:[Ll]iv(?:es?|ing) in|[Rr]esid(?:es?|ing)(?: currently)? in|I am based in"
    rf"|[Rr]elocat(?:ed|ing) to)\s({CITY}(?:,\s(?:{REGION}))?)"
)
_CITY_REGION = re.compile(rf"({CITY}),[ ]?({REGION})")
_PIECE_END = re.compile(r"[\n|;•\t]|\s{3}|\s+\w[\w -]{1,18}:|$")
_SECTION = re.compile(
    r"(?i:work experience|professional experience|employment history|work history)"
    r"|^\W*(?i:experience|employment|education|skills|summary|profile)\W*$",
    re.MULTILINE,
)
_CITY_FIRST = word_list("city_first_words")
_CITY_LAST = word_list("city_last_words")
_HEAD = 600


def addresses(text: str, reached: Sequence[Span]) -> Iterator[Span]:
    """Streets, postal lines, labelled places, and places at the head of the resume. `reached`: e-mails and phones."""
    yield from streets(text)
    yield from (Span("address", *match.span(1)) for match in _LIVES.finditer(text))
    yield from _labelled(text)
    yield from _at_the_head(text)
    yield from _lines_by_contacts(
        text, [span for span in reached if span.kind in ("email", "phone") and span.start < _HEAD]
    )


def _lines_by_contacts(text: str, reached: Sequence[Span]) -> Iterator[Span]:
    """Lines with a number and strange words next to the phone or e-mail at the head: addresses of every country."""
    lines = [match.span() for match in re.finditer(r"[^\n]+", text[: _HEAD * 2]) if match.group().strip()][:10]
    with_contacts = {
        index
        for index, (start, end) in enumerate(lines)
        if sum(span.end - span.start for span in reached if start <= span.start < end) * 3 > end - start
    }
    for index in {index + step for index in with_contacts for step in (-2, -1, 1)} - with_contacts:
        if 0 <= index < len(lines) and _like_an_address(text[slice(*lines[index])]):
            yield Span("address", *lines[index])


def _like_an_address(line: str) -> bool:
    words = re.findall(r"[^\W\d_]{3,}", line)
    strange = [word for word in words if word.lower() not in ordinary_words() and word[0].isupper()]
    if not strange or len(strange) * 3 < len(words) or len(line) > 120 or any(map(is_title_word, words)):
        return False
    return any(character.isdigit() for character in line) and not RANGE.search(line) and not line.rstrip().endswith(".")


def _labelled(text: str) -> Iterator[Span]:
    lowered = text.lower()
    labels = _LABEL.finditer(text) if any(word in lowered for word in _LABEL_TRIGGER) else ()
    for label in (*labels, *_HEAD_LABEL.finditer(text, 0, _HEAD)):
        end = _PIECE_END.search(text, label.end())
        stop = min(end.start() if end else len(text), label.end() + 90)
        value = text[label.end() : stop].rstrip(" ,.")
        if len(value) > 1 and (value[0].isupper() or any(character.isdigit() for character in value)):
            yield Span("address", label.end(), label.end() + len(value))


def _at_the_head(text: str) -> Iterator[Span]:
    section = _SECTION.search(text, 1, _HEAD)
    for match in _CITY_REGION.finditer(text, 0, section.start() if section else _HEAD // 2):
        if not is_title_word(match.group(1).split()[-1]):
            yield Span("address", _city_start(text, match.start(1), match.end(1)), match.end())


def _city_start(text: str, start: int, end: int) -> int:
    """Where the city's name begins in a run of capitalised words, as in `Lead Developer GT Church East Petersburg`."""
    words = list(re.finditer(r"[^\s]+", text[start:end]))
    first = len(words) - 1
    while first > 0:
        before, word = words[first - 1].group(), words[first].group()
        if is_title_word(before) or before.rstrip(".,").lower() in ORGANISATION_WORDS:
            break
        if before not in _CITY_FIRST and not (first == len(words) - 1 and word in _CITY_LAST) and text[:start].strip():
            break
        if "\n" in text[start + words[first - 1].end() : start + words[first].start()]:
            break
        first -= 1
    return start + words[first].start()
