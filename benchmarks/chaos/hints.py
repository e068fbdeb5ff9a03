"""Every message twice, late and out of order; and clocks that are an hour wrong."""

import random
from contextlib import ExitStack
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import DELIVERERS, SCREENERS, WRONG_CLOCKS, Stage
from benchmarks.chaos.watched import Watched, screening, until
from db.engine import app_session
from db.tables import Chunk, Delivery

AT_ONCE = 8


def doubled(stage: Stage) -> list[Row]:
    """For each chunk two hints beside the relay's, in random order, before it is due, while and after it is scored."""
    # Imported here, as it reads when it is imported where Redis is.
    from workers.celery_app import DELIVER, DELIVER_DELIVERY, SCREEN, SCREEN_CHUNK, create_app

    app, tenant_id, generator = create_app(stage.redis.url), stage.running.tenant_id, random.Random(3)

    def publish(task: str, queue: str, *ids: UUID) -> None:
        app.send_task(task, args=tuple(map(str, ids)), queue=queue, retry=False)

    with screening(stage, copies=2) as watched:
        ids = _chunks(watched) * 2
        generator.shuffle(ids)
        sent = 0
        for start in range(0, len(ids), AT_ONCE):
            for id in ids[start : start + AT_ONCE]:
                publish(SCREEN_CHUNK, SCREEN, tenant_id, id)
                sent += 1
            until(lambda: False, 0.2)
        for id in _deliveries(stage):
            publish(DELIVER_DELIVERY, DELIVER, tenant_id, id)
            sent += 1
    for id in generator.sample(ids, len(ids) // 2):  # and when all is done
        publish(SCREEN_CHUNK, SCREEN, tenant_id, id)
        sent += 1
    return [Row("every message again: twice, late and out of order", sent, watched.costs)]


def clocks(stage: Stage) -> list[Row]:
    """Two workers' clocks are an hour wrong at all times; the others stand still here until these two did something."""
    usual = [name for name in (*SCREENERS, *DELIVERERS) if name not in WRONG_CLOCKS]
    refused, pid = stage.effects.refused, stage.pid(WRONG_CLOCKS[0])
    with ExitStack() as others:
        others.enter_context(stage.standing_still(*usual))
        with screening(stage, copies=2) as watched:
            until(lambda: done_by(watched, pid) and stage.effects.of(watched.ids))
            done, delivered = done_by(watched, pid), stage.effects.of(watched.ids)
            others.close()
    refused = stage.effects.refused - refused
    wrong = [*([] if done else ["the worker with the wrong clock did nothing"])]
    wrong += [] if delivered else ["the delivery worker with the wrong clock delivered nothing"]
    wrong += [f"{refused} webhooks were refused, their time or signature being wrong"] if refused else []
    notes = f"alone they scored {done} chunks and delivered {delivered} webhooks; no webhook's time was off"
    fault = "clocks of a screen and a delivery worker an hour wrong"
    return [Row(fault, len(WRONG_CLOCKS), watched.costs, notes=notes if not wrong else "", wrong=tuple(wrong))]


def _chunks(watched: Watched) -> list[UUID]:
    with app_session(watched.stage.running.tenant_id) as session:
        return list(session.scalars(select(Chunk.id).where(Chunk.screening_id.in_(watched.ids))))


def _deliveries(stage: Stage) -> list[UUID]:
    with app_session(stage.running.tenant_id) as session:
        return list(session.scalars(select(Delivery.id).order_by(Delivery.id.desc()).limit(200)))


def done_by(watched: Watched, pid: int) -> int:
    """Chunks of these screenings that one process ended."""
    mine = Chunk.screening_id.in_(watched.ids), Chunk.worker.endswith(f":{pid}"), Chunk.state == "done"
    with app_session(watched.stage.running.tenant_id) as session:
        return session.scalars(select(func.count()).select_from(Chunk).where(*mine)).one()
