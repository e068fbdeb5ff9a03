"""Names of persons in a resume: by label, by place, by the person's own addresses, and by given names.

No model: what decides is which words resumes in general are written with (`vocabulary.ordinary_words`), and where a run
of capitalised words stands. The names of companies and schools stay, also those named for a person ("Robert Half").
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scoring.redaction.name_head import in_head
from scoring.redaction.name_words import (
    BEFORE_PLACES,
    FIRMS,
    FULL_NAME,
    NAME_WORD,
    PARTICLE,
    PARTICLES,
    RUN,
    TOKEN,
    Found,
    full_name,
    is_strange,
    occurrences,
)
from scoring.spans import Span, overlaps
from scoring.wordlists.nations import COUNTRY
from scoring.wordlists.vocabulary import GIVEN_NAMES, ORGANISATION_WORDS, is_title_word

_CLOSED = re.compile(r"\s*(?:[,|\n(•;]|$| - )")
_LABEL = re.compile(
    rf"(?i:(?:^|(?<=[\s|;,•]))(?:(?:full |first |last |given |family |candidate "
    rf"|applicant |father'?s? |mother'?s? |spouse'?s? |middle )?name|(?:vor|nach"
    rf"|familien)?name"
    rf"|nombre|nom|nome|prénom|apellidos?|surname|supervisor|manager|reference|referee"
    rf"|contact(?: person)?|reports? to|reporting to)\s?:\s*)({FULL_NAME})"
)
_LABEL_TRIGGER = (
    "name:",
    "name :",
    "visor:",
    "visor :",
    "manager:",
    "manager :",
    "reference:",
    "referee:",
    "contact:",
    "person:",
    "nom:",
    "nombre:",
    "nome:",
    "to:",
    "apellidos:",
)
_SAYS = re.compile(rf"\b(?:[Mm]y name is|I am called|[Ss]upervised by|[Rr]eferred by)\s({TOKEN}(?: {TOKEN}){{0,2}})")
_ADDRESSED = re.compile(
    rf"\b(?:M(?:r|rs|s|iss)|Dr|Prof|Herr|Frau|Shri|Smt)\b\.?\s({TOKEN}(?:\s(?:[A-Z]\.|{TOKEN})){{0,2}})"
)
_REGION_AFTER = re.compile(rf",\s?(?:[A-Z]{{2}}|{COUNTRY})\b")
_BESIDE = re.compile(
    rf"(?<!\bat )(?<![\w-])({TOKEN}\.?(?:[ \xa0]{{1,2}}(?:{PARTICLE} ){{0,2}}{TOKEN}\.?){{1,3}})"
    r"[\s,|•*:·()+–—-]{1,6}$"
)


@dataclass(frozen=True, slots=True)
class Names:
    """Where names of persons stand, and which of them are the applicant's own."""

    spans: tuple[Span, ...]
    own: frozenset[str]


def names(text: str, reached: Sequence[Span], kept: Sequence[Span]) -> Names:
    """Names of persons. `reached`: e-mail addresses, phones and links in the text; `kept`: employers, which stay."""
    addressed = list(_as_addressed(text, reached))
    found = [*_labelled(text), *in_head(text, reached), *_given(text), *_beside(text, reached), *addressed]
    spans = [Span("name", name.start, name.end) for name in addressed]
    spans += [span for span in (Span("name", name.start, name.end) for name in found) if not overlaps(span, kept)]
    own = frozenset(text[name.start : name.end] for name in found if name.own)
    return Names((*spans, *again(text, own, kept)), own)


def again(text: str, own: Iterable[str], kept: Sequence[Span] = ()) -> Iterator[Span]:
    """Where names that are known to be the applicant's stand, whole or in part, but not as a company's."""
    for match in occurrences(text, own):
        span = Span("name", *match.span())
        if not overlaps(span, kept) and not _in_organisation(text, span):
            yield span


def labelled_names(text: str) -> Iterator[Span]:
    """Names that a label or a form of address stands before ("Supervisor: ...", "Mr. ...")."""
    yield from (Span("name", name.start, name.end) for name in _labelled(text))


def _labelled(text: str) -> Iterator[Found]:
    lowered = text.lower()
    labelled = any(word in lowered for word in _LABEL_TRIGGER)
    for pattern in (_LABEL, _SAYS, _ADDRESSED) if labelled else (_SAYS, _ADDRESSED):
        for match in pattern.finditer(text):
            end = _name_end(text, match.start(1), match.end(1))
            if end > match.start(1):
                label = text[match.start() : match.start(1)].lower()
                yield Found(match.start(1), end, "name" in label or "nom" in label)


def _name_end(text: str, start: int, end: int) -> int:
    """Where the name stops: before a word of no name, unless only a name can stand there ("Ms. Rachel Price,")."""
    words = list(NAME_WORD.finditer(text, start, end))
    tokens = [word.group() for word in words]
    if not tokens or not tokens[0][0].isupper() or (is_title_word(tokens[0]) and not any(map(is_strange, tokens[1:2]))):
        return start
    others = any(is_title_word(token) or token.lower() in ORGANISATION_WORDS for token in tokens[1:])
    closed = len(tokens) > 1 and _CLOSED.match(text, end) and not others
    length = len(tokens) if closed and any(is_strange(token) for token in tokens) else 0
    while not closed and length < len(tokens) and _of_a_name(tokens, length):
        length += 1
    return words[length - 1].end() if any(is_strange(token) for token in tokens[:length]) else start


def _of_a_name(tokens: Sequence[str], index: int) -> bool:
    """Can the word belong to the name? A first name may be an ordinary word ("Grace Kim", "Chuck Diener")."""
    token = tokens[index]
    if token in PARTICLES or (len(token) == 1 and token.isupper()):
        return index + 1 < len(tokens)
    return all(is_strange(part) for part in token.split("-")) or (
        index == 0 and len(tokens) > 1 and is_strange(tokens[1])
    )


def _given(text: str) -> Iterator[Found]:
    """A known given name with the surname after it, anywhere ("Jake Banda | Lead Developer")."""
    for run in RUN.finditer(text):
        words = list(NAME_WORD.finditer(run.group()))
        tokens = [word.group() for word in words]
        first = 0
        while first < len(tokens) - 1:
            length = full_name(tokens, first) if tokens[first].lower() in GIVEN_NAMES else 0
            if length > 1 and not _REGION_AFTER.match(text, run.start() + words[first + length - 1].end()):
                yield Found(run.start() + words[first].start(), run.start() + words[first + length - 1].end(), False)
            first += max(1, abs(length))


def _beside(text: str, reached: Sequence[Span]) -> Iterator[Found]:
    """Who stands right before a phone number or an e-mail address ("SGT Arroyo Giron, (912) ...")."""
    for span in reached:
        if span.kind in ("email", "phone") and (before := _BESIDE.search(text, max(0, span.start - 60), span.start)):
            words = list(NAME_WORD.finditer(before.group(1)))
            name = words[_last_name_start([word.group() for word in words]) :]
            if len(name) > 1 and before.group(1)[name[0].start() :].lower() not in FIRMS:
                yield Found(before.start(1) + name[0].start(), before.start(1) + name[-1].end(), False)


def _last_name_start(tokens: Sequence[str]) -> int:
    """Where the name begins that the words end with; after a given name an ordinary word may be a surname."""
    first = len(tokens)
    if first > 1 and tokens[-2].lower() in GIVEN_NAMES and not is_title_word(tokens[-1]):
        first -= 2 * (tokens[-1].lower() not in ORGANISATION_WORDS)
    while first and (is_strange(tokens[first - 1]) or tokens[first - 1] in PARTICLES):
        first -= 1
    return first


def _as_addressed(text: str, reached: Sequence[Span]) -> Iterator[Found]:
    """Capitalised neighbours that an e-mail address or a profile spells ("ARMEN SARKISIAN", armensarkisian@...)."""
    users = [_letters(text[span.start : span.end]) for span in reached if span.kind == "email"]
    pages = [_letters(text[span.start : span.end]) for span in reached if span.kind == "link"]
    if not users and not pages:
        return
    for run in RUN.finditer(text):
        words = list(NAME_WORD.finditer(run.group()))
        for first, second in pairwise(words):
            if _spells(first.group().lower(), second.group().lower(), users, pages):
                yield Found(run.start() + first.start(), run.start() + second.end(), True)


def _letters(address: str) -> str:
    """What of an address can spell a name: an e-mail address's user, the last part of a link's path, or its host."""
    if "@" in address:
        return re.sub(r"[^a-zß-ÿ]", "", address.partition("@")[0].lower())
    parts = [part for part in re.split(r"[/?#]", re.sub(r"^\w+:\s?/+|^www\.", "", address.lower())) if part]
    return re.sub(r"[^a-zß-ÿ]", "", (parts[-1] if len(parts) > 1 else parts[0].partition(".")[0])) if parts else ""


def _spells(first: str, second: str, users: Sequence[str], pages: Sequence[str]) -> bool:
    """Do the users of e-mail addresses spell the two? Pages, which may be companies', count for strange words only."""
    both = is_strange(first) and is_strange(second)
    if len(first) < 2 or len(second) < 2 or not (both or is_strange(first) or is_strange(second)):
        return False
    spelled = (*users, *pages) if both else users
    whole = (first + second, second + first)
    short = (first[0] + second, second + first[0], first + second[0])
    return any(
        any(name in letters for name in whole if len(name) > 5) or (both and letters in short) for letters in spelled
    )


def _in_organisation(text: str, span: Span) -> bool:
    after = re.match(rf"(?:['’]s)?(?:\s&)?\s({TOKEN})(?:\s({TOKEN}))?", text[span.end : span.end + 50])
    before = re.search(r"(\w+)\.?\s$", text[max(0, span.start - 30) : span.start])
    return bool(after and any(word and word.lower() in ORGANISATION_WORDS for word in after.groups())) or bool(
        before and before.group(1).lower() in BEFORE_PLACES
    )
