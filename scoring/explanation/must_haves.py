"""Must-haves: what a job insists on, held against what a resume shows. None rejects anybody by itself."""

import re
from collections.abc import Iterator

from scoring.explanation.applicant import Applicant
from scoring.explanation.degree_levels import LEVELS
from scoring.explanation.requirements import Requirements
from scoring.explanation.values import Checked, Evidence, Outcome
from scoring.spans import Span


def check(requirements: Requirements, applicant: Applicant) -> tuple[Checked, ...]:
    """Every must-have: skills, years, degree, languages, certifications."""
    return tuple(_checked(requirements, applicant))


def _checked(requirements: Requirements, applicant: Applicant) -> Iterator[Checked]:
    wanted = requirements.must_haves
    for asked, known in requirements.named:
        found = applicant.skills.get(known) if known else None
        evidence = (applicant.quote(found, asked),) if found else _literal(applicant, asked) if not known else ()
        yield _shown("skill", asked, evidence)
    if wanted.years is not None:
        yield _years(wanted.years, applicant)
    if wanted.degree is not None:
        yield _degree(wanted.degree, applicant)
    for asked in wanted.languages:
        yield _shown("language", asked, _language(applicant, asked))
    for asked in wanted.certifications:
        yield _shown("certification", asked, _literal(applicant, asked))


def _shown(kind: str, asked: str, evidence: tuple[Evidence, ...]) -> Checked:
    """What a resume need not mention to have: it passes when shown, and is unknown else."""
    return Checked(kind, asked, Outcome.PASS if evidence else Outcome.UNKNOWN, evidence)


def _years(least: float, applicant: Applicant) -> Checked:
    """Fails only where the resume states a number and its dated positions do not reach the minimum either."""
    asked = f"{least:g} years"
    told = [years for years in (applicant.stated, applicant.dated) if years]
    most = max(told, key=lambda years: years.number, default=None)
    evidence = tuple(applicant.quote(span, asked) for span in most.spans) if most else ()
    if most and most.number >= least:
        return Checked("years", asked, Outcome.PASS, evidence)
    short = applicant.stated is not None and applicant.dated is not None
    return Checked("years", asked, Outcome.FAIL if short else Outcome.UNKNOWN, evidence)


def _degree(level: str, applicant: Applicant) -> Checked:
    """Fails where degrees are named and all are lower."""
    highest = max(applicant.degrees, key=lambda degree: degree.rank, default=None)
    if highest is None:
        return Checked("degree", level, Outcome.UNKNOWN)
    outcome = Outcome.PASS if highest.rank >= LEVELS.index(level) else Outcome.FAIL
    return Checked("degree", level, outcome, (applicant.quote(highest.span, level),))


def _language(applicant: Applicant, asked: str) -> tuple[Evidence, ...]:
    """Only where it stands as a language spoken: "German customers" shows none."""
    spans = (span for span in applicant.languages if applicant.text[span.start : span.end].lower() == asked.lower())
    return tuple(applicant.quote(span, asked) for span in spans)[:1]


def _literal(applicant: Applicant, asked: str) -> tuple[Evidence, ...]:
    """Whole words, without regard to case and white space."""
    words = r"\s+".join(map(re.escape, asked.split()))
    match = re.search(rf"(?<!\w){words}(?!\w)", applicant.text, re.IGNORECASE)
    return (applicant.quote(Span("", *match.span()), asked),) if match else ()
