"""Is the process alive, and can it serve? Asked by orchestrators, so no key is needed."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.problems import Problem
from db import readiness

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The good answer; the bad one is a problem."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="The process is alive")
def healthz() -> Health:
    """Always `ok`, whatever the database does: restarting this process would not help."""
    return Health()


@router.get("/readyz", summary="The deployment can serve requests")
def readyz() -> Health:
    """`ok` when the database answers, its tables are up to date and all packs are known; else 503 with `faults`."""
    if faults := readiness.faults():
        raise Problem(503, "not_ready", "Not ready", " ".join(faults), {"Retry-After": "5"}, faults=faults)
    return Health()
