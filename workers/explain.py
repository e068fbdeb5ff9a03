"""The passages that moved scores, searched for in what a screening asked to have explained; beside screening itself."""

import logging
from uuid import UUID

from db import passages
from db.engine import app_session
from db.passages import Claim, Item
from db.screenings import FORMAT
from workers import consumer
from workers.calls.passages import passages as search
from workers.device import Device
from workers.pipelines import Pipelines

logger = logging.getLogger(__name__)


class StoppedError(Exception):
    """This process is to end: give the item back."""


def explain(tenant_id: UUID, id: UUID, pipelines: Pipelines, device: Device) -> None:
    """Claim what the hint points at, search it and record what was found; do nothing when there is nothing to do."""
    with app_session(tenant_id) as session:
        claim = passages.claim(session, id)
    if claim is None:
        return
    try:
        found = _search(claim.item, pipelines, device)
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
            passages.finish(session, claim, found)
        _log("explained", tenant_id, claim, "none")


def _search(item: Item, pipelines: Pipelines, device: Device) -> dict[str, object]:
    pipeline = pipelines.get(item.packs) if item.format == FORMAT else None
    if pipeline is None:
        raise LookupError("its packs cannot be loaded")

    def on_batch(tokens: int, padded: int) -> None:
        device.note_batch()
        consumer.watchdog.got_on()
        if consumer.stopping.is_set():
            raise StoppedError

    with device.turn(lambda: None):
        return search(pipeline, item.job, {"text": item.text, "fields": item.fields}, on_batch)


def _log(action: str, tenant_id: UUID, claim: Claim, error: str) -> None:
    item = claim.item
    ids = f"tenant={tenant_id} screening={item.screening_id} job={item.job_id} resume={item.resume_id}"
    logger.info("%s %s error=%s", action, ids, error)
