"""A resume against a job in all that can be told of the two: match, words in common, skills, breakdown."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scoring.inputs import Job, Resume
from workers import catalogues
from workers.calls.unanswerable import Unanswerable
from workers.findings import packed

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline


def analyze(
    pipeline: "Pipeline", job: Mapping[str, Any], resume: Mapping[str, Any], packs: Mapping[str, str]
) -> dict[str, Any]:
    """As `evaluate`, and `compatibility` with the `terms` in common, `skills` of the resume, `explanation`, packed.

    Words are compared over all parts of the job, which the match model reads in part. Raises Unanswerable.
    """
    prepared = pipeline.prepare([Resume("resume", **resume)], [Job("job", **job)])
    scores = pipeline.score(prepared)
    if scores.errors:
        raise Unanswerable(f"The resume cannot be scored: {scores.errors[0].reason}.")
    pair, text, wanted = scores.pairs[0], prepared.resumes[0].text, "\n".join(filter(None, job.values()))
    words = catalogues.tfidf(packs["tfidf"])
    return {
        "probability": pair.probability,
        "matched": pair.matched,
        "threshold": pipeline.match.threshold,
        "windows": pair.windows,
        "compatibility": float(words.similarities(text, [wanted])[0]),
        "terms": words.shared(text, wanted),
        "skills": _skills(pipeline, text),
        "explanation": packed(pair.explanation),
    }


def _skills(pipeline: "Pipeline", text: str) -> list[str]:
    return list(dict.fromkeys(found.skill for found in pipeline.explainer.matcher.find(text)))
