"""One resume against one job, answered while the caller waits; the models run in the interactive worker."""

import json
import threading
import uuid
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from kombu.exceptions import OperationalError as BrokerError
from pydantic import BaseModel, ConfigDict, Field
from redis import Redis, RedisError

from api.auth import Caller
from api.notice import NOTICE
from api.problems import Problem
from db import packs
from db.engine import app_session
from db.screenings import FORMAT
from workers.celery_app import INTERACTIVE, INTERACTIVE_EVALUATE, app, redis_client

router = APIRouter(prefix="/ats", tags=["interactive"])

WAIT_SECONDS = 20
MOST_QUEUED = 64
"""Calls in the queue beyond which another is refused at once: it could not be answered in time."""
MOST_WAITING = 16
"""Calls that wait in this process at once: each holds a thread, and polls and uploads need some too."""

Text = Annotated[str, Field(min_length=1, max_length=200_000)]


class Pair(BaseModel):
    """The texts of a job and of a resume."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "job_description": "Backend engineer: Python, PostgreSQL, five years of experience.",
                "resume": "Eight years of backend development in Python and PostgreSQL.",
            }
        },
    )

    job_description: Text
    resume: Text


class Evaluation(BaseModel):
    """How the two match, and what said so."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "prediction": "Match",
                "probability": 0.82,
                "windows": 1,
                "packs": {"match": "1", "categories": "1", "spam": "1", "toxicity": "1"},
                "format": FORMAT,
                "notice": NOTICE,
            }
        }
    )

    prediction: Literal["Match", "No Match"]
    probability: float
    windows: int = Field(description="Overlapping windows in which the resume was read.")
    packs: dict[str, str]
    format: str = FORMAT
    notice: str = NOTICE


_waiting = threading.BoundedSemaphore(MOST_WAITING)


@lru_cache(maxsize=1)
def _redis() -> Redis:
    return redis_client(read_seconds=WAIT_SECONDS + 5)


@router.post("/evaluate", summary="Does this resume match this job?")
def evaluate(pair: Pair, caller: Caller) -> Evaluation:
    """Answers within 20 s, else 503. Nothing is stored."""
    with app_session(caller.tenant_id) as session:
        versions = packs.active_versions(session)
    if not _waiting.acquire(blocking=False):
        raise _unavailable("Too many calls are waiting.")
    try:
        answer = _ask(versions, pair)
    except (RedisError, BrokerError) as error:
        raise _unavailable("The queue cannot be reached.") from error
    finally:
        _waiting.release()
    if answer is None:
        raise _unavailable("The interactive worker did not answer in time.")
    return _evaluation(answer, versions)


def _ask(versions: dict[str, str], pair: Pair) -> dict[str, Any] | None:
    """The worker's answer, or None when it gave none in time. The deadline is told by the clock of Redis."""
    redis = _redis()
    if int(redis.llen(INTERACTIVE)) >= MOST_QUEUED:
        raise _unavailable("Too many calls are waiting.")
    key, deadline = f"answer:{uuid.uuid4()}", redis.time()[0] + WAIT_SECONDS
    arguments = (key, deadline, versions, pair.job_description, pair.resume)
    app.send_task(INTERACTIVE_EVALUATE, args=arguments, queue=INTERACTIVE, retry=False)
    answer = redis.blpop([key], timeout=WAIT_SECONDS)
    return None if answer is None else json.loads(answer[1])


def _evaluation(answer: dict[str, Any], versions: dict[str, str]) -> Evaluation:
    if answer.get("error") == "packs":
        raise _unavailable("The interactive worker cannot load its models.")
    if "error" in answer:
        detail = f"The resume cannot be scored: {answer['reason']}. Send readable text."
        raise Problem(422, "unreadable", "Unreadable resume", detail)
    prediction: Literal["Match", "No Match"] = "Match" if answer["matched"] else "No Match"
    return Evaluation(
        prediction=prediction, probability=answer["probability"], windows=answer["windows"], packs=versions
    )


def _unavailable(reason: str) -> Problem:
    detail = f"{reason} Send the same request again shortly; bulk screenings are not affected."
    return Problem(503, "interactive_unavailable", "Interactive scoring unavailable", detail, {"Retry-After": "5"})
