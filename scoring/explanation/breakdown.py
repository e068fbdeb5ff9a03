"""The breakdown of a pair: every part that the job asks for, as far as the resume shows it."""

from scoring.explanation import titles
from scoring.explanation.applicant import Applicant
from scoring.explanation.requirements import Requirements, applied_weights
from scoring.explanation.values import Evidence, Part, PartName, State


def break_down(requirements: Requirements, applicant: Applicant) -> tuple[Part, ...]:
    """Every part in order. A part that is not asked for takes no weight; one without evidence is unknown."""
    weights = applied_weights(requirements)
    read = {
        PartName.SKILLS: _skills,
        PartName.TITLE: _title,
        PartName.EDUCATION: _education,
        PartName.EXPERIENCE: _experience,
    }
    return tuple(
        read[part](requirements, applicant, weights[part])
        if requirements.asks_for(part)
        else Part(part, State.NOT_ASKED)
        for part in PartName
    )


def totals(parts: tuple[Part, ...]) -> tuple[float, float]:
    """What is shown of all that is asked for, and the weight of the parts of which nothing is known."""
    shown = sum(part.weight * part.score for part in parts if part.score is not None)
    unknown = sum(part.weight for part in parts if part.state is State.UNKNOWN)
    return min(1.0, shown), min(1.0, unknown)


def _skills(requirements: Requirements, applicant: Applicant, weight: float) -> Part:
    found = [skill for skill in requirements.skills if skill in applicant.skills]
    missing = tuple(skill for skill in requirements.skills if skill not in applicant.skills)
    evidence = tuple(applicant.quote(applicant.skills[skill], skill) for skill in found)
    asked = f"{len(requirements.skills)} skills"
    return _part(PartName.SKILLS, len(found) / len(requirements.skills), weight, asked, evidence, missing)


def _title(requirements: Requirements, applicant: Applicant, weight: float) -> Part:
    place, share = titles.best(requirements.title_words, applicant.title_words)
    evidence = () if place < 0 else (applicant.quote(applicant.titles[place], requirements.title),)
    return _part(PartName.TITLE, share, weight, requirements.title, evidence)


def _education(requirements: Requirements, applicant: Applicant, weight: float) -> Part:
    asked = requirements.degree
    assert asked is not None
    highest = max(applicant.degrees, key=lambda degree: degree.rank, default=None)
    if highest is None:
        return Part(PartName.EDUCATION, State.UNKNOWN, None, weight, asked.words)
    share = 1.0 if asked.value == 0 else min(1.0, highest.rank / asked.value)
    evidence = (applicant.quote(highest.span, asked.words),)
    return Part(PartName.EDUCATION, _state(share), share, weight, asked.words, evidence)


def _experience(requirements: Requirements, applicant: Applicant, weight: float) -> Part:
    """The resume's own statement or its dated positions, whichever says more."""
    asked = requirements.years
    assert asked is not None
    told = [years for years in (applicant.stated, applicant.dated) if years and years.number > 0]
    if not told:
        return Part(PartName.EXPERIENCE, State.UNKNOWN, None, weight, asked.words)
    most = max(told, key=lambda years: years.number)
    evidence = tuple(applicant.quote(span, asked.words) for span in most.spans)
    return _part(PartName.EXPERIENCE, min(1.0, most.number / asked.value), weight, asked.words, evidence)


def _part(
    name: PartName,
    share: float,
    weight: float,
    asked: str,
    evidence: tuple[Evidence, ...],
    missing: tuple[str, ...] = (),
) -> Part:
    """A part by the share of it that is shown; none shown is unknown, not zero."""
    score = share if evidence else None
    return Part(name, _state(share) if evidence else State.UNKNOWN, score, weight, asked, evidence, missing)


def _state(share: float) -> State:
    return State.MET if share >= 1 else State.PARTLY
