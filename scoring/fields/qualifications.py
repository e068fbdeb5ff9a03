"""Degrees, languages, certifications and years of experience, each with where it stands."""

import re
from collections.abc import Iterator

from scoring.fields.sections import Sections
from scoring.spans import Span
from scoring.wordlists.vocabulary import word_list

_WORDS = r"[A-Z][\w&-]*(?:[ ](?:and[ ]|of[ ]|&[ ]|in[ ])?[A-Z][\w&-]*){0,4}"
_SUBJECT = rf"(?:[ ](?:[Dd]egree[ ])?(?:in|of|IN|OF)[ ](?:the[ ])?{_WORDS}|[ ](?:[Dd]egree|DEGREE))?"
_DEGREES = (
    rf"(?:[Bb]achelor|[Mm]aster|BACHELOR|MASTER)(?:['’]?[sS])?[ ](?:of|OF|in|IN)[ ]{_WORDS}",
    rf"(?:[Bb]achelor|[Mm]aster)(?:['’]?s)?[ ][Dd]egree{_SUBJECT}",
    r"(?:Bachelor|Master|BACHELOR|MASTER)(?:['’]?[sS])?\b",
    rf"(?:Associate|ASSOCIATE)(?:['’]?s)?(?:[ ](?:of|in)[ ]{_WORDS}|(?:[ ]Arts)?[ ][Dd]egree{_SUBJECT})",
    rf"(?:[BM]\.?[ ]?(?:Sc|Tech|Com|Eng|Ed|Arch)|B\.?[ ]?Pharm|M\.?[ ]?Phil)\b\.?{_SUBJECT}",
    rf"(?:[BM]\.?[BCF]\.?A|M\.?P\.?H|Ph\.?[ ]?D|LL\.?[BM]|D\.?Phil|Ed\.?D|Pharm\.?D)\b\.?{_SUBJECT}",
    rf"(?:J\.D|M\.D|[BM]\.[SAE]|A\.(?:A\.)?[AS])\b\.?{_SUBJECT}|(?:MBBS|PGDM|PGDBA|PGDCA)\b{_SUBJECT}",
    rf"(?:BS|BA|MA|MS|AS|AA|AAS|BE|ME|BSN|MSN|BSc|MSc)[ ](?:degree[ ])?in[ ]{_WORDS}",
    rf"(?:Doctor(?:ate)?|DOCTOR)(?:[ ](?:of|in)[ ]{_WORDS}|[ ][Dd]egree{_SUBJECT})",
    rf"(?:High School Diploma|Diploma|DIPLOMA|GED|Abitur|Magister|Diplom|Licence|Licenciatura|Laurea)\b{_SUBJECT}",
)
# The letters that the alternatives begin with are asked for first: the search is a third of the time.
_DEGREE = re.compile(rf"(?=[BbMmAaPLDEJGH])\b(?:{'|'.join(_DEGREES)})")
_SHORT_DEGREE = re.compile(r"^[ \t]*(BS|BA|MA|MS|BSc|MSc|BE|AS|AA|AAS|BBA|MBA|BSN)[ \t]*(?=[:,.\n-]|$)", re.MULTILINE)

_TONGUE = "|".join(sorted(word_list("tongues"), key=lambda tongue: (-len(tongue), tongue)))
_LEVEL = (
    r"(?:native|fluent(?:ly)?|fluency|bilingual|proficien(?:t|cy)|intermediate|beginner"
    r"|advanced|basic|elementary|conversational|mother tongue|professional working"
    r"|upper|spoken|written|speak(?:s|ing)?|read|c1|c2|b1|b2|a1|a2)"
)
_ANY_TONGUE = re.compile(rf"(?:{_TONGUE})\b")
_LEVEL_AFTER = re.compile(rf"\s?[-–:(|,]?\s?\(?{_LEVEL}\b", re.IGNORECASE)
_LEVEL_BEFORE = re.compile(
    r"\b(?:native|fluent|intermediate|advanced|conversational|(?:fluent|fluency"
    r"|proficiency|proficient|bilingual) in|speaks?|speaking)\s$",
    re.IGNORECASE,
)
_LISTED_BEFORE = re.compile(
    rf"\b[Ll](?:anguages?|ANGUAGES?)(?: known| knowledge| skills)?\s?[:\-–|]+\s?[^\n:;.]{{0,120}}$"
    rf"|\b(?:{_TONGUE})(?:\s?\([^)\n]{{1,25}}\))?(?:,| and| &|/)\s?$"
)

_KNOWN_CERTIFICATION = re.compile(
    r"(?:CompTIA[ ](?:[A-Z]\w*[ ]?\+|A\+|[A-Z]\w*)|CC(?:NA|NP|IE|ENT|DA|SP)\b"
    r"(?:[ ](?:Security|Routing|R&S|Voice|Wireless))?"
    r"|PMP|CAPM|PRINCE2|CISSP|CISA|CISM|CEH|OSCP|GSEC|GCIH|SSCP|CRISC|MCSE|MCSA|MCP|MCTS|MCITP|MCSD|OCA|OCP|OCJP|SCJP"
    r"|OCPJP|RHCE|RHCSA|VCP|CSM|PSM|CSPO|ITIL(?:[ ]?v\d)?(?:[ ]Foundations?)?|CPA|CFA|CMA|CNA|EMT|PHR|SPHR|SHRM-CP"
    r"|LEED AP|AWS Certified [A-Z][\w -]+?(?=[,.;\n]|[ ]{2}|$))(?![\w+])"
)
_CERTIFICATION = re.compile(
    r"\b(?:(?:[A-Z][\w/+&-]*[ ]){1,4}(?:[Cc]ertified|CERTIFIED)(?:[ ][A-Z][\w/+-]*){0,5}"
    r"|Certified[ ][A-Z][\w/+-]*(?:[ ](?:of[ ]|in[ ])?[A-Z][\w/+-]*){0,5}(?:[ ]\([A-Z]{2,6}\))?"
    r"|(?:[A-Z][\w/+-]*[ ]){1,5}(?:Licen[sc]e|Licensure|Certification|Certificate)\b"
    r"(?:[ ](?:in|of)[ ][A-Z]\w+(?:[ ][A-Z]\w+){0,3})?"
    r"|[Cc]ertificat(?:e|ion)[ ][“\"][^”\"\n]{3,80}[”\"]|[Ll]icensed[ ][A-Z]\w+(?:[ ][A-Z]\w+){0,3})(?![\w+])"
)
_CERTIFIES = re.compile(r"(?i:certif|licen[sc])|\b[A-Z]{3,}\b|\+$|\b(?i:associate|specialist|foundation|exam)")
_MONTH_WORD = re.compile(
    r"January|February|March|April|May|June|July|August|September|October|November|December|Skills"
)
_ITEM = re.compile(r"[^,;\n•|]+")
_NUMBER = r"(?:\d{1,2}(?:\.\d)?\s?\+?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)"
_YEARS = re.compile(
    rf"(?=[\domntfsea])(?<![\w(/.-])(?:(?:over|more than|nearly|almost|about|around|at least)\s)?{_NUMBER}\s?(?:plus\s"
    rf"|\+\s?)?(?:\(\w+\)\s)?(?:years?|yrs?\.?|months?)['’]?"
    rf"(?=\s?(?:of|in|as|with|working|combined|experience|exp\b|professional|total"
    rf"|proven|relevant|work|hands|(?:\w+\s){{1,3}}experience|[\w-]+\s(?:and|&)\s\w+\sexperience)"
    rf"|\+)(?:\s(?:of|in|total|proven|relevant|professional|work|working|solid|hands-on"
    rf"|industry|experience|combined|strong|it|progressive|extensive)\b)*",
    re.IGNORECASE,
)
_NO_EXPERIENCE = re.compile(
    r"\s?(?:of age|old|warranty|in a row|period|plan|contract|program|degree|college"
    r"|in length|of college|of study|of university)\b",
    re.IGNORECASE,
)


def degrees(text: str) -> Iterator[Span]:
    """Degrees, with their subject where it follows."""
    for match in _DEGREE.finditer(text):
        yield Span("degree", match.start(), match.start() + len(_without_school(match.group())))
    yield from (Span("degree", *match.span(1)) for match in _SHORT_DEGREE.finditer(text))


def _without_school(degree: str) -> str:
    """In flowing text the school follows the subject at once: it begins a word before "University"."""
    words = degree.split(" ")
    for index, word in enumerate(words):
        if word.lower() in ("university", "college", "institute", "school", "academy") and index > 1:
            return " ".join(words[: max(2, index - 1)])
        if _MONTH_WORD.fullmatch(word) and index > 1:
            return " ".join(words[:index])
    return degree.rstrip()


def languages(text: str, sections: Sections) -> Iterator[Span]:
    """Languages spoken: in a section or a list of languages, or with a level. Programming languages are none."""
    spoken: list[tuple[int, int]] = sections.bodies("languages")
    last = (-1, -1)
    for match in _ANY_TONGUE.finditer(text):
        start, end = match.span()
        if text[
            start - 1 : start
        ].isalnum():  # asked here, as a pattern that begins with letters is searched for faster
            continue
        in_section = any(begin <= start < min(stop, begin + 400) for begin, stop in spoken)
        goes_on = _LISTED_BEFORE.search(text, max(0, start - 150), start) and (
            last[1] >= start - 40 or ":" in text[max(0, start - 150) : start]
        )
        if (
            in_section
            or _LEVEL_AFTER.match(text, end)
            or _LEVEL_BEFORE.search(text, max(0, start - 20), start)
            or goes_on
        ):
            last = (start, end)
            yield Span("language", start, end)


def certifications(text: str, sections: Sections) -> Iterator[Span]:
    """Certificates and licences: known ones anywhere, and the items of their section."""
    for match in _KNOWN_CERTIFICATION.finditer(text):
        if not text[match.start() - 1 : match.start()].isalnum():
            yield Span("certification", *match.span())
    lowered = text.lower()
    if "certif" in lowered or "licen" in lowered:
        yield from (Span("certification", *match.span()) for match in _CERTIFICATION.finditer(text))
    for start, end in sections.bodies("certifications"):
        for item in _ITEM.finditer(text, start, min(end, start + 600)):
            value = item.group().strip(" .:-\t")
            if 1 < len(value) <= 70 and value[0].isupper() and _CERTIFIES.search(value) and not _DEGREE.match(value):
                begin = item.start() + item.group().index(value)
                yield Span("certification", begin, begin + len(value))


def years_of_experience(text: str) -> Iterator[Span]:
    """Stated years (or months) of experience; the years in parentheses after each skill are none."""
    for match in _YEARS.finditer(text):
        if not _NO_EXPERIENCE.match(text, match.end()):
            yield Span("years", *match.span())
