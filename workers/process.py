"""What every worker and the relay begin with: logs, numbers for Prometheus, and a look at the servers they need."""

from db import engine
from telemetry import exposition, logs, reachability
from workers.celery_app import redis_client


def begin(name: str) -> None:
    """Say from here on, under this name, what goes on."""
    logs.set_up(name)
    exposition.serve()
    reachability.watch("postgres", engine.ping)
    reachability.watch("redis", redis_client().ping)
