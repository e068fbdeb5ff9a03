"""What the interactive worker can be asked: a file a call, a plain function of a loaded pipeline and JSON values."""

from collections.abc import Callable, Mapping
from typing import Any

from workers.calls.analyze import analyze
from workers.calls.evaluate import evaluate
from workers.calls.moderate import moderate
from workers.calls.passages import passages
from workers.calls.profile import profile
from workers.calls.recommend import recommend
from workers.celery_app import Call

CALLS: Mapping[Call, Callable[..., dict[str, Any]]] = {
    Call.EVALUATE: evaluate,
    Call.MODERATE: moderate,
    Call.PASSAGES: passages,
    Call.ANALYZE: analyze,
    Call.PROFILE: profile,
    Call.RECOMMEND: recommend,
}
"""Each takes the pipeline of the packs in use and the call's arguments by name; raises Unanswerable."""
