"""Pools: named sets of resumes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from api import cursor as cursors
from api.auth import Caller
from api.cursor import Cursor, Limit
from api.erasure import erase
from api.idempotency import Answer, OneTime
from api.problems import not_found
from api.storable import Storable
from db import erasure, pools
from db.engine import app_session

router = APIRouter(prefix="/v1/pools", tags=["pools"])

Name = Annotated[Storable, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewPool(BaseModel):
    """A pool to be made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "Backend, spring"}})

    name: Name


class Pool(BaseModel):
    """A pool; while uploads to it are `parsing`, it cannot be screened."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "0199c0de-0000-7000-8000-000000000001",
                "name": "Backend, spring",
                "created_at": "2026-03-01T09:30:00Z",
                "resumes": 284,
                "parsing": 0,
            }
        },
    )

    id: UUID
    name: str
    created_at: datetime
    resumes: int = Field(description="How many resumes it holds.")
    parsing: int = Field(description="How many of its uploads are still being parsed.")


class Pools(BaseModel):
    """A page of pools in the order they were made."""

    pools: list[Pool]
    next_cursor: str | None


@router.post(
    "",
    status_code=201,
    response_model=Pool,
    summary="Make a pool",
    responses={200: {"model": Pool, "description": "There is a pool of this name; this is it."}},
)
def create_pool(body: NewPool, once: OneTime) -> Response:
    """201 with a new pool, or 200 with the one that has this name."""

    def work(session: Session) -> Answer:
        pool, is_new = pools.create(session, body.name)
        return Answer(201 if is_new else 200, Pool.model_validate(pool), {"Location": f"/v1/pools/{pool.id}"})

    return once.run(work)


@router.get("", summary="List pools")
def list_pools(caller: Caller, cursor: Cursor = None, limit: Limit = 100) -> Pools:
    """Pools in the order they were made, page by page."""
    after = cursors.decode(cursor, UUID)[0] if cursor else None
    with app_session(caller.tenant_id) as session:
        found = pools.page(session, limit, after)
    following = cursors.encode(found[-1].id) if len(found) == limit else None
    return Pools(pools=[Pool.model_validate(pool) for pool in found], next_cursor=following)


@router.get("/{pool_id}", summary="How a pool stands")
def get_pool(pool_id: UUID, caller: Caller) -> Pool:
    """The pool with the numbers of its resumes and of the uploads still being parsed."""
    with app_session(caller.tenant_id) as session:
        pool = pools.get(session, pool_id)
    if pool is None:
        raise not_found("pool", "GET /v1/pools")
    return Pool.model_validate(pool)


@router.delete("/{pool_id}", status_code=204, summary="Delete a pool and everything in it")
def delete_pool(pool_id: UUID, caller: Caller) -> None:
    """Its resumes, uploads and screenings are gone with all their results; 409 while it is being screened."""
    erase(caller, erasure.erase_pool, pool_id, not_found("pool", "GET /v1/pools"))


def _existing(pool_id: UUID, caller: Caller) -> UUID:
    with app_session(caller.tenant_id) as session:
        if not pools.exists(session, pool_id):
            raise not_found("pool", "GET /v1/pools")
    return pool_id


ExistingPool = Annotated[UUID, Depends(_existing)]
"""The `pool_id` of the path, once it is known to be the caller's; asked before a body is read."""
