"""`Idempotency-Key`: the same POST sent again gets its first answer, and its effect happens once.

The first answer is kept in the transaction of the effect. A request that fails keeps nothing, so it can be corrected
and sent again with the same key.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.auth import Caller
from api.problems import Problem
from db import idempotency
from db.engine import app_session

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="A value of your own, new for every new request; a repeat with the same key gets the first answer.",
    ),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a POST answers: its status, its body and headers such as Location."""

    status: int
    body: BaseModel
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Once:
    """Does the work of one POST at most once per key; `request_hash` tells requests apart."""

    tenant_id: UUID
    key: str | None
    request_hash: str

    def run(self, work: Callable[[Session], Answer]) -> Response:
        """Run `work` in one transaction of the tenant's and answer; or give the first answer again.

        Raises Problem 409 while the first request is in flight and 422 when the key came with another request.
        """
        with app_session(self.tenant_id) as session:
            if (kept := self._claim(session)) is not None:
                return _response(kept, {"Idempotent-Replayed": "true"})
            answer = work(session)
            body = answer.body.model_dump_json().encode()
            first = idempotency.Kept(answer.status, dict(answer.headers), body)
            if self.key is not None:
                idempotency.keep(session, self.key, self.request_hash, first)
        return _response(first, {})

    def _claim(self, session: Session) -> idempotency.Kept | None:
        if self.key is None:
            return None
        try:
            return idempotency.claim(session, self.key, self.request_hash)
        except idempotency.InFlightError as error:
            detail = "The first request with this Idempotency-Key is still being answered. Wait and send it again."
            raise Problem(409, "request_in_flight", "Request in flight", detail, {"Retry-After": "1"}) from error
        except idempotency.OtherRequestError as error:
            detail = "This Idempotency-Key was used with another request. Send a new request with a new key."
            raise Problem(422, "idempotency_key_reused", "Idempotency key reused", detail) from error


def request_hash(request: Request, body_sha256: str) -> str:
    """What must be equal for two requests to be the same: method, address, type and body."""
    media_type = request.headers.get("content-type", "").partition(";")[0]  # a form's boundary differs at each try
    told = (request.method, request.url.path, request.url.query, media_type, body_sha256)
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()


async def _once(request: Request, caller: Caller, key: Key = None) -> Once:
    body = await request.body()
    return Once(caller.tenant_id, key, request_hash(request, hashlib.sha256(body).hexdigest()))


OneTime = Annotated[Once, Depends(_once)]
"""A parameter of every POST that creates: `return once.run(lambda session: Answer(201, body, {"Location": ...}))`."""


def _response(kept: idempotency.Kept, extra: Mapping[str, str]) -> Response:
    return Response(kept.body, kept.status, {**kept.headers, **extra}, "application/json")
