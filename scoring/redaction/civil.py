"""Civil status: when somebody was born, of what nationality, married or not, and traces of a photograph."""

import re
from collections.abc import Iterator

from scoring.fields.dates import DAY
from scoring.spans import Span
from scoring.wordlists.nations import NATION
from scoring.wordlists.vocabulary import ordinary_words

_ROW_END = r"[^\n|;•\t]{1,60}?(?=\s*(?:[\n|;•\t]|$|\s{3}|\s\w[\w ]{2,18}:))"
_ROWS = (
    ("birth_date", r"date of birth|birth ?date|birthday|birth|d\.? ?o\.? ?b\.?|born(?: on)?|age"
        r"|geburtsdatum|geboren(?: am)?|geb\."
     r"|date de naissance|née? le|fecha de nacimiento|data de nascimento|data di nascita|edad|alter|âge"),
    ("nationality", r"nationality|citizenship|place of birth|birth ?place|country of birth|staatsangehörigkeit"
        r"|nationalität|nationalité"
     r"|nacionalidad|nacionalidade|nazionalità|cittadinanza|geburtsort|lieu de naissance"
         r"|lugar de nacimiento|luogo di nascita"),
    ("marital_status", r"marital status|civil status|family status|marital|familienstand|situation familiale"
        r"|état civil|estado civil"
     r"|stato civile|children|no\. of children"),
)  # fmt: skip
_ANY_ROW = "|".join(rf"(?P<{kind}>(?<![\w-])(?:{names}))" for kind, names in _ROWS)
_ROW = re.compile(rf"(?=[abcdefglmnpséâ])(?:{_ANY_ROW})", re.IGNORECASE)
_VALUE = re.compile(rf"\s*[:\-–=]\s*[\s\W]{{0,3}}({_ROW_END})")
_BORN = re.compile(
    rf"\b(?:born|birth|geboren|née?)\s+(?:on\s+|in\s+|am\s+|le\s+)?(?:the\s+)?({DAY}|(?:19|20)\d\d)", re.IGNORECASE
)
_AGE = re.compile(
    r"\b(\d\d)\s?(?:years?[\s-]old\b|y\s?\.?\s?o\b\.?|yrs\.? old\b)|\baged?\s(\d\d)\b(?!\s?(?:and|to|-|%|\+))",
    re.IGNORECASE,
)
_DAY = re.compile(DAY, re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_HEAD = 400
_CITIZEN = re.compile(
    rf"\b(?:(?:{NATION})[ \xa0]{{1,2}}(?:[Cc]itizen(?:ship)?|CITIZEN(?:SHIP)?|[Nn]ationals?"
    rf"|[Pp]assport|[Pp]ermanent [Rr]esident))\b"
    rf"|\b[Cc]itizen(?:ship)? of (?:the )?(?:{NATION})\b|\b(?:[Nn]ative of|[Bb]orn in"
    rf"|[Rr]epatriate from|[Ii]mmigrant from|[Ii]mmigrated from) "
    rf"(?:the )?(?:[A-Z]\w+,\s)?(?:{NATION}|[A-Z]\w+)|\b[Pp]ermanent [Rr]esident(?: of (?:the )?(?:{NATION}"
    rf"))?|\b[Gg]reen [Cc]ard\b(?: [Hh]older)?"
    r"|\b(?:dual|Dual) citizen(?:ship)?\b"
)
_MARRIED = re.compile(
    r"\b(?:un)?married(?:\s*,?\s*(?:and|with|to)?\s*(?:\d|one|two|three|four|no)\s+(?:kids?"
    r"|child(?:ren)?|sons?|daughters?))?(?=\s*(?:[.,;|\n]|$))"
    r"|\b(?:I am|I'm|[Hh]appily)\s+(?:married|divorced|widowed|single)\b|\b(?:proud )?(?:[Mm]other"
    r"|[Ff]ather) of (?:\d|one|two|three|four|five)\b"
    r"|\b(?:divorced|widowed)\b|\b(?:verheiratet|ledig|geschieden|soltero|soltera"
    r"|casado|casada|marié|mariée|célibataire)\b",
    re.IGNORECASE,
)
_NATION = re.compile(rf"\b(?:{NATION})\b", re.IGNORECASE)
_STATUS = re.compile(
    r"(?:un)?married|single|divorced|widow|separated|engaged|bachelor|spinster"
    r"|partner|in a|common|civil|\d|none|no\b|yes\b|one|two|three|ledig|verh|gesch"
    r"|verw"
    r"|sol(?:ter|teir)|cas(?:ad|ato)|divor|mari|céli|celi|nubile|coniug|conviv|pacs|viud|viúv|ver",
    re.IGNORECASE,
)
_PHOTO = re.compile(
    r"\[(?:photo|picture|image|foto)[^\]]{0,20}\]|<(?:photo|picture|image|foto)>"
    r"|\b[\w-]*(?:photo|portrait|foto|headshot|selfie)[\w-]*\.(?:jpe?g|png|gif"
    r"|bmp|webp)\b"
    r"|\b(?:passport[- ]size(?:d)? )?(?:photo|photograph|picture|Foto)(?: of me)? (?:attached"
    r"|enclosed|here|below|above)\b"
    r"|\b(?:photo|photograph|Bewerbungsfoto|Lichtbild)\s*:\s*\S+",
    re.IGNORECASE,
)
# Case-insensitive patterns are slow, and most resumes hold none of this: each is tried only where one of its words is.
_PHRASES: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    ((" born", "\nborn", "birth", "geboren", "né le", "née le"), _BORN, "birth_date"),
    (("years old", "year old", "-old", "yrs old", "yrs. old", "y.o", "y .o", "aged ", "age "), _AGE, "birth_date"),
    (
        (
            " citizen",
            "nationals",
            "national\n",
            "passport",
            "permanent resident",
            "native of",
            "born in",
            "repatriate",
            "immigra",
            "green card",
        ),
        _CITIZEN,
        "nationality",
    ),
    (
        (
            "married",
            "divorced",
            "widowed",
            "i am single",
            "i'm single",
            "mother of",
            "father of",
            "verheiratet",
            "ledig",
            "geschieden",
            "solter",
            "casad",
            "marié",
            "célibataire",
        ),
        _MARRIED,
        "marital_status",
    ),
    (
        (
            ".jp",
            ".png",
            ".gif",
            "photo:",
            "photo :",
            "photo]",
            "photo>",
            "photo att",
            "photo enc",
            "photograph",
            "picture att",
            "[picture",
            "[image",
            "foto",
            "lichtbild",
        ),
        _PHOTO,
        "photo",
    ),
)
_ROW_TRIGGER = (
    "birth",
    "born:",
    "born :",
    "born on",
    "born -",
    "nationalit",
    "citizenship",
    "marital",
    "civil status",
    "family status",
    "children",
    "age:",
    "age :",
    "age -",
    "d.o.b",
    "dob",
    "d.o b",
    "d. o",
    "gebor",
    "geb.",
    "geburt",
    "naissance",
    "nacimiento",
    "nascimento",
    "nascita",
    "edad",
    "alter:",
    "âge",
    "staatsang",
    "nacional",
    "nazional",
    "cittadin",
    "familienstand",
    "familiale",
    "état civil",
    "estado civil",
    "stato civile",
    "né le",
    "née le",
)


def civil_status(text: str, headed: bool = True) -> Iterator[Span]:
    """Labelled rows ("Nationality: Indian"), and the phrases that say the same without a label.

    `headed`: the text begins as resumes do, where a day is one of birth.
    """
    lowered = text.lower()
    for trigger, pattern, kind in _PHRASES:
        if any(word in lowered for word in trigger):
            for match in pattern.finditer(text):
                group = 1 if match.lastindex and match.group(1) else 0
                yield Span(kind, *match.span(group))
    if any(word in lowered for word in _ROW_TRIGGER):
        yield from _rows(text)
    if headed:
        yield from _day_at_the_head(text)


def _rows(text: str) -> Iterator[Span]:
    for row in _ROW.finditer(text):
        value = _VALUE.match(text, row.end())
        kind = row.lastgroup
        if value and kind and _belongs(kind, value.group(1)):
            yield Span(kind, *value.span(1))


def _belongs(kind: str, value: str) -> bool:
    """Is it such a value, or what happens to stand after an empty row?"""
    if kind == "birth_date":
        return any(character.isdigit() for character in value)
    if kind == "nationality":
        return _NATION.search(value) is not None or all(word.lower() not in ordinary_words() for word in value.split())
    return _STATUS.match(value) is not None


def _day_at_the_head(text: str) -> Iterator[Span]:
    for match in _DAY.finditer(text, 0, _HEAD):  # a day alone at the head of a resume is hardly a first day at work
        year = _YEAR.search(match.group())
        if year and 1940 <= int(year.group()) <= 2008:
            yield Span("birth_date", *match.span())
