"""Spam and abuse in texts, with the passage and the terms that tell."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from workers.calls.unanswerable import Unanswerable

if TYPE_CHECKING:
    from scoring.moderation import Moderator
    from scoring.pipeline import Pipeline


def moderate(pipeline: "Pipeline", texts: Sequence[str]) -> dict[str, Any]:
    """`results`: for each text its judgements by kind. Raises Unanswerable."""
    return {"results": [_judged(pipeline.moderator, text) for text in texts]}


def _judged(moderator: "Moderator", text: str) -> dict[str, Any]:
    judgements = moderator.explain(text)
    if not judgements:
        raise Unanswerable("A text holds no words.")
    return {judgement.kind: asdict(judgement) for judgement in judgements}
