"""Spam and abuse in texts, with the passage and the terms that tell."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scoring.redact import redact_part
from scoring.text import plain
from workers.calls.unanswerable import Unanswerable

if TYPE_CHECKING:
    from scoring.moderation import Moderator
    from scoring.pipeline import Pipeline


def moderate(pipeline: "Pipeline", texts: Sequence[str]) -> dict[str, Any]:
    """`results`: for each text its judgements by kind. Raises Unanswerable."""
    return {"results": [_judged(pipeline.moderator, text) for text in texts]}


def _judged(moderator: "Moderator", text: str) -> dict[str, Any]:
    """Judgements of the redacted text, with passages as they stand in the text itself."""
    cleaned = plain(text)
    redacted = redact_part(cleaned.text)
    judgements = moderator.explain(redacted.text)
    if not judgements:
        raise Unanswerable("A text holds no words.")
    judged = {}
    for judgement in judgements:
        start, end = cleaned.span(*redacted.edited.span(judgement.start, judgement.end))
        judged[judgement.kind] = asdict(judgement) | {"passage": text[start:end], "start": start, "end": end}
    return judged
