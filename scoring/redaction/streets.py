"""Streets, post boxes and postal lines of several countries, as regular expressions."""

import re
from collections.abc import Iterator

from scoring.spans import Span
from scoring.wordlists.nations import COUNTRY

_STATE = (
    r"(?:A[LKZR]|C[AOT]|D[EC]|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]"
    r"|PA|PR|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY]|ON|QC|BC|AB|NSW|VIC)"
)
_STATE_NAME = (
    r"(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware"
    r"|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas"
    r"|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi"
    r"|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey"
    r"|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania"
    r"|Rhode Island|South Carolina|South Dakota|Tennessee|Texas"
    r"|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming|Ontario"
    r"|Quebec|Karnataka|Maharashtra|Telangana|Tamil Nadu|Gujarat)"
)
REGION = rf"(?:{_STATE}|{_STATE_NAME}|{COUNTRY})(?![\w-])"
_NAME = r"[A-ZÀ-Ý][\w'’.-]{0,30}"
CITY = rf"{_NAME}(?:[ -]{_NAME}){{0,3}}"
_POSTCODE = (
    r"(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d"
    r"|\d{4}\s?[A-Z]{2}|\d{6}|(?!(?:19|20)\d\d)\d{4})"
)
_AFTER_STREET = (
    rf"(?:[,.]?\s*(?:Apt|Apartment|Unit|Suite|Ste|Flat|No|#)\.?\s?#?\w{{1,5}})?(?:[,.]?[ \n]{{1,2}}(?:{CITY}"
    rf"),?\s+{REGION}(?:,?\s+{_POSTCODE})?"
    rf"|[,.]?\s+(?:{CITY}),?\s+{_POSTCODE}\b|[,.]?\s+{_POSTCODE}[ ]{_NAME})?"
)
_STREET_KIND = (
    r"(?i:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd"
    r"|Way|Place|Pl|Terrace|Ter|Circle|Cir|Highway|Hwy|Parkway|Pkwy"
    r"|Square|Sq|Close|Crescent|Gardens|Grove|Mews|Trail|Trl|Loop|Row|Walk|Path|Pike|Ridge|Cove|Plaza|Nagar|Marg)"
)
_STREETS = (
    re.compile(
        rf"(?<![\w.,$/-])\d{{1,6}}[A-Za-z]?,?\s(?:[NSEW]{{1,2}}\.?\s)?(?:(?:{_NAME}"
        rf"|\d{{1,3}}(?:st|nd|rd|th))\s){{1,4}}{_STREET_KIND}\b\.?{_AFTER_STREET}"
    ),
    re.compile(rf"\bP\.?\s?O\.?\s?Box\s\d+{_AFTER_STREET}", re.IGNORECASE),
    re.compile(
        rf"\b[A-ZÄÖÜ][\wäöüß.-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|damm"
        rf"|ufer|straat|laan|gatan|vägen|vej|gade|katu)\s\d{{1,4}}\s?[a-z]?\b(?:,?\s+\d{{4,5}}[ ]{_NAME}(?:[ "
        rf"]{_NAME})?)?"
    ),
    re.compile(
        rf"\b\d{{1,4}}\s?(?:bis|ter)?,?\s(?:rue|avenue|boulevard|place|chemin|allée"
        rf"|impasse|quai|cours)\s[^\n,;|•\d]{{3,50}}(?:,?\s\d{{5}}\s{_NAME}(?:[ -]{_NAME})*)?"
    ),
    re.compile(
        rf"\b(?:Calle|Avenida|Avda\.?|Paseo|Plaza|Carrera|Via|Viale|Piazza|Corso"
        rf"|Strada|Rua|Travessa|Largo|ul\.|ulica)\s[^\n;|•\d]{{2,40}},?\s?(?:n[ºo°.]\s?)?\d{{1,4}}(?:[^\n;|•"
        rf"]{{0,12}}\d{{5}}(?:\s{_NAME}){{1,2}})?"
    ),
)
_STREET_TRIGGERS = (
    (),
    ("box",),
    (
        "straße",
        "strasse",
        "str.",
        "weg",
        "platz",
        "allee",
        "gasse",
        "damm",
        "ufer",
        "straat",
        "laan",
        "gatan",
        "vägen",
        "vej",
        "gade",
        "katu",
    ),
    ("rue ", "avenue ", "boulevard ", "place ", "chemin ", "allée ", "impasse ", "quai ", "cours "),
    (
        "calle",
        "avenida",
        "avda",
        "paseo",
        "plaza",
        "carrera",
        "via ",
        "viale",
        "piazza",
        "corso",
        "strada",
        "rua ",
        "travessa",
        "largo",
        "ul.",
        "ulica",
    ),
)
"""Words that each of `_STREETS` cannot do without: most resumes hold none, and searching for a word is fast."""
_POSTCODES = re.compile(r"\d\d\d\d\d|\d[A-Z\d]?\s\d[A-Z][A-Z]")
_POSTAL = re.compile(
    rf"\b{CITY},?\s(?:{_STATE}|{_STATE_NAME}),?\s\d{{5}}(?:-\d{{4}})?\b|\b[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}\b"
)


def streets(text: str) -> Iterator[Span]:
    """Streets and postal lines, wherever they stand."""
    lowered = text.lower()
    for trigger, street in zip(_STREET_TRIGGERS, _STREETS, strict=True):
        if not trigger or any(word in lowered for word in trigger):
            yield from (Span("address", *match.span()) for match in street.finditer(text))
    if _POSTCODES.search(text):
        yield from (Span("address", *match.span()) for match in _POSTAL.finditer(text))
