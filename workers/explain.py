"""The passages that moved scores, searched for in what a screening asked to have explained; beside screening itself."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from db import passages
from db.engine import app_session
from db.passages import Claim
from workers import consumer, counted
from workers.calls.passages import passages as search
from workers.device import Device
from workers.pipelines import Pipelines

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline

logger = logging.getLogger(__name__)


RENEW_SECONDS = 10.0


class StoppedError(Exception):
    """This process is to end, or somebody else has the item: give back what is still held."""


def explain(tenant_id: UUID, id: UUID, pipelines: Pipelines, device: Device) -> None:
    """Claim what the hint points at, search it and record what was found; do nothing when there is nothing to do.

    An item whose packs are not here, or not yet, is left to others, or to its next hint; one in a format that this
    device does not compute likewise.
    """
    with app_session(tenant_id) as session:
        terms = passages.terms(session, id)
    pipeline = pipelines.get(terms.packs, terms.format) if terms else None
    if pipeline is None:
        return
    with app_session(tenant_id) as session:
        claim = passages.claim(session, id)
    if claim is None:
        return
    try:
        found = _search(tenant_id, claim, pipeline, device)
    except StoppedError:
        with app_session(tenant_id) as session:
            passages.release(session, claim)
    except Exception as error:
        # The message of an error may quote the resume, so only its type is kept.
        _log("not explained", tenant_id, claim, type(error).__name__)
        with app_session(tenant_id) as session:
            passages.fail(session, claim)
    else:
        with app_session(tenant_id) as session:
            kept = passages.finish(session, claim, found)
        _log("explained" if kept else "explained by another", tenant_id, claim, "none")


def _search(tenant_id: UUID, claim: Claim, pipeline: "Pipeline", device: Device) -> dict[str, object]:
    item, keep = claim.item, _keeper(tenant_id, claim)

    def on_batch(tokens: int, padded: int) -> None:
        counted.batch(tokens, padded)
        device.note_batch()
        consumer.watchdog.got_on()
        keep()

    with device.turn(keep), counted.computing():
        return search(pipeline, item.job, {"text": item.text, "fields": item.fields}, on_batch)


def _keeper(tenant_id: UUID, claim: Claim) -> Callable[[], None]:
    """To be called at every batch that was computed: renews the lease when it is time. Raises StoppedError."""
    renewed = time.monotonic()

    def keep() -> None:
        nonlocal renewed
        if consumer.stopping.is_set():
            raise StoppedError
        if time.monotonic() - renewed < RENEW_SECONDS:
            return
        renewed = time.monotonic()
        with app_session(tenant_id) as session:
            held = passages.renew(session, claim)
        if not held:
            raise StoppedError

    return keep


def _log(action: str, tenant_id: UUID, claim: Claim, error: str) -> None:
    item = claim.item
    ids = {"screening": item.screening_id, "job": item.job_id, "resume": item.resume_id}
    told = {"tenant": str(tenant_id), **{name: str(id) for name, id in ids.items()}, "error": error}
    logger.info(action, extra=told)
    counted.PASSAGES.labels(action.replace(" ", "_")).inc()
