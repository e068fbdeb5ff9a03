"""Pronouns and forms of address that tell a sex, and a sex that is stated.

Gendered words of trades and affiliations ("chairman", "women's chess club") stay: they are what somebody did.
"""

import re
from collections.abc import Iterator

from scoring.spans import Span

_PRONOUN = re.compile(
    r"\b(?:[Hh](?:e|im|is|er|ers|imself|erself)|[Ss]he|s/he)\b|\b(?:HE|SHE|HIM"
    r"|HIS|HER|HERS|HIMSELF|HERSELF)(?=\s[A-Z]{2,}\b)"
)
_TITLE = re.compile(
    r"\b(?:M(?:r|rs)\b\.?|M(?:iss|s|x|me|lle)\b\.?(?=\s+[^\W\d_a-z][^\W\dA-Z_])"
    r"|MRS?\.(?=\s)|Herr(?=\s[A-Z])|Frau(?=\s[A-Z])|Shri\b|Smt\b\.?)"
)
_PRODUCT = re.compile(
    r"\s+(?:Office|Word|Excel|Access|Power|Project|SQL|Sql|Visio|Outlook|Windows"
    r"|Dynamics|Exchange|Share|Visual|Teams|Azure|Dos|Test|Team|Server|Paint|Build"
    r"|Publisher|Suite|One|Office365)"
)
_SEX = re.compile(r"\b(?:sex|gender|geschlecht|sexe|sexo|sesso)\s*[:\-–]\s*([^\W\d_]+)", re.IGNORECASE)


def pronouns(text: str) -> Iterator[Span]:
    """Third-person pronouns with a sex, `Mr` and its like, and the value of a "Sex:" row."""
    yield from (Span("pronoun", *match.span()) for match in _PRONOUN.finditer(text))
    for match in _TITLE.finditer(text):
        if not (match.group().startswith("Ms") and _PRODUCT.match(text, match.end())):
            yield Span("pronoun", *match.span())
    yield from (Span("pronoun", *match.span(1)) for match in _SEX.finditer(text))
