"""Is the process alive, and can it serve? Asked by orchestrators, so no key is needed."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from redis import Redis

from api.optional_redis import optional_redis
from api.problems import Problem
from db import readiness

WITHOUT_REDIS = "Redis is away: no rate limits, no cache, no interactive calls; bulk work waits for its return."

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The good answer; the bad one is a problem."""

    status: Literal["ok"] = "ok"


class Readiness(Health):
    """As `Health`, and what is missing that a deployment can do without for a while."""

    degraded: list[str] = Field(default=[], description="What is done without for now, in words.")


@router.get("/healthz", summary="The process is alive")
def healthz() -> Health:
    """Always `ok`, whatever the database does: restarting this process would not help."""
    return Health()


@router.get("/readyz", summary="The deployment can serve requests")
def readyz() -> Readiness:
    """`ok` when the database answers, its tables are up to date and all packs are known; else 503 with `faults`.

    Redis away is no fault, but told in `degraded`.
    """
    if faults := readiness.faults():
        raise Problem(503, "not_ready", "Not ready", " ".join(faults), {"Retry-After": "5"}, faults=faults)
    return Readiness(degraded=[] if optional_redis.run(Redis.ping) else [WITHOUT_REDIS])
