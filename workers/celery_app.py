"""The Celery app, and the names of its queues and tasks. A message is only a hint; Postgres holds the truth.

Loads no torch, so the API may import it. Decisions: no result backend, no ETA tasks, early acknowledgement (leases in
Postgres do the recovery), JSON only, and nothing fetched before a slot is free, so that order can still change.
"""

from enum import StrEnum
from uuid import UUID

from celery import Celery
from kombu.entity import Exchange, Queue
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from workers.settings import worker_settings

SCREEN, EXPLAIN, PARSE, DELIVER, INTERACTIVE = "screen", "explain", "parse", "deliver", "interactive"
WORKERS = (SCREEN, PARSE, DELIVER, INTERACTIVE)
"""Named for the queue they consume; the screening worker has a second one, `EXPLAIN`."""
QUEUES = (*WORKERS, EXPLAIN)

SCREEN_CHUNK = "screen.chunk"
EXPLAIN_ITEM = "explain.item"
PARSE_DOCUMENT = "parse.document"
DELIVER_DELIVERY = "deliver.delivery"
INTERACTIVE_CALL = "interactive.call"


class Call(StrEnum):
    """What the interactive worker can be asked (workers/calls); api.interactive.ask asks."""

    EVALUATE = "evaluate"
    MODERATE = "moderate"
    PASSAGES = "passages"
    ANALYZE = "analyze"
    PROFILE = "profile"
    RECOMMEND = "recommend"


# A dead or unreachable Redis must fail a caller within seconds. The read time-out is longer than kombu's BRPOP (1 s).
SOCKET_SECONDS = 15
TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 5,
    "socket_timeout": SOCKET_SECONDS,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "max_retries": 1,
    "interval_start": 0.1,
}


def _queue(name: str) -> Queue:
    # The nameless exchange routes by queue name alone: a binding kept in Redis would be lost when Redis is emptied.
    return Queue(name, Exchange("", type="direct"), routing_key=name)  # type: ignore[no-untyped-call]


def create_app(redis_url: str) -> Celery:
    """The app for this Redis; connects when first used."""
    made = Celery("winnow", broker=redis_url, set_as_current=False)
    made.conf.update(
        task_queues=[_queue(name) for name in QUEUES],
        task_create_missing_queues=False,
        task_default_queue=SCREEN,
        task_ignore_result=True,
        task_acks_late=False,
        task_serializer="json",
        accept_content=["json"],
        enable_utc=True,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_enable_prefetch_count_reduction=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=5,
        broker_pool_limit=4,
        broker_transport_options=TRANSPORT_OPTIONS,
    )
    return made


app = create_app(worker_settings().redis_url)


def redis_client(read_seconds: float = 5, connect_seconds: float = 5, retries: int = 1) -> Redis:
    """A connection pool of its own, for what is no task; every call fails within seconds when Redis is away."""
    return Redis.from_url(
        worker_settings().redis_url,
        socket_timeout=read_seconds,
        socket_connect_timeout=connect_seconds,
        health_check_interval=10,
        retry=Retry(ConstantBackoff(0.1), retries),
    )


def publish(task: str, queue: str, tenant_id: UUID, row_id: UUID) -> None:
    """Hint that a row is due. Raises kombu.exceptions.OperationalError when Redis is away; the row stays due."""
    app.send_task(task, args=(str(tenant_id), str(row_id)), queue=queue, retry=False)
