"""What other people's search engines may be asked for a resume."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scoring.inputs import Resume
from scoring.readable import Readable, read_resume
from workers.calls.unanswerable import Unanswerable

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline

MOST_SKILLS = 8


def profile(pipeline: "Pipeline", resume: Mapping[str, Any]) -> dict[str, Any]:
    """What other people's search engines may be asked for this resume: the last `title` held and `skills`, no more.

    A title counts only where the redacted text holds it too; languages spoken are no skills here, as they hint at where
    somebody is from. Raises Unanswerable.
    """
    readable = read(resume)
    spoken = {readable.resume.text[span.start : span.end].lower() for span in readable.fields.languages}
    found = dict.fromkeys(one.skill for one in pipeline.explainer.matcher.find(readable.text))
    skills = [skill for skill in found if skill.lower() not in spoken]
    return {"title": _last_title(readable), "skills": skills[:MOST_SKILLS]}


def read(resume: Mapping[str, Any]) -> Readable:
    """The resume as models may read it. Raises Unanswerable."""
    readable = read_resume(Resume("resume", **resume))
    if not readable.text:
        raise Unanswerable("The resume holds no readable text.")
    return readable


def _last_title(readable: Readable) -> str:
    held = [position for position in readable.fields.positions if position.title]
    for position in sorted(held, key=lambda one: -(one.last_year or 0)):
        assert position.title is not None
        title = " ".join(readable.resume.text[position.title.start : position.title.end].split())
        if title in readable.text:
            return title
    return ""
