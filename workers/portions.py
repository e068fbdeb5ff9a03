"""A claim in portions: what a worker has in hand at a time, recorded before it is computed."""

from collections.abc import Iterator, Sequence

from db.broken_chunks import MOST_IN_HAND
from db.chunks import Claim, ResumeText
from scoring.inputs import Scores

STRETCH = 16
"""Chunks whose resumes are sorted together: so many rows are written at most to record a portion."""


def cut(claim: Claim, texts: Sequence[ResumeText], tokens: int) -> Iterator[list[ResumeText]]:
    """Portions of about `tokens` and at most MOST_IN_HAND resumes, of like length, so that batches pad to little more.

    A claim's estimated tokens are shared out by the lengths of the texts. At least one resume stands in a portion.
    """
    by_id = {text.id: text for text in texts}
    cost = claim.tokens / max(1, sum(_length(text) for text in texts))
    for start in range(0, len(claim.chunks), STRETCH):
        ids = [id for chunk in claim.chunks[start : start + STRETCH] for id in chunk.resume_ids]
        yield from _runs(sorted((by_id[id] for id in ids if id in by_id), key=_length), tokens, cost)


def joined(scores: Sequence[Scores]) -> Scores:
    """What was found in all portions."""
    return Scores(
        tuple(pair for some in scores for pair in some.pairs),
        tuple(assessment for some in scores for assessment in some.assessments),
        tuple(error for some in scores for error in some.errors),
    )


def _runs(texts: Sequence[ResumeText], tokens: int, cost: float) -> Iterator[list[ResumeText]]:
    run: list[ResumeText] = []
    left = float(tokens)
    for text in texts:
        if run and (left < _length(text) * cost or len(run) == MOST_IN_HAND):
            yield run
            run, left = [], float(tokens)
        run.append(text)
        left -= _length(text) * cost
    if run:
        yield run


def _length(text: ResumeText) -> int:
    return len(text.text) + 1
