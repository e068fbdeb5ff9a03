"""Errors as problem details (RFC 9457): what went wrong, and what to do about it."""

import errno
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import compile_path

MEDIA_TYPE = "application/problem+json"
NO_ROOM = "53100"  # SQLSTATE disk_full
ROLLED_BACK = "40"  # SQLSTATE class 40: transaction rollback, a deadlock for one
logger = logging.getLogger(__name__)


class ProblemBody(BaseModel):
    """A problem as it is sent; some problems add members of their own, such as `errors`."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "type": "urn:winnow:problem:not_found",
                "title": "Not found",
                "status": 404,
                "detail": "There is no pool with this id. List your pools with GET /v1/pools.",
                "code": "not_found",
            }
        },
    )

    type: str
    title: str
    status: int
    detail: str
    code: str


class Problem(Exception):
    """Raised anywhere below a route to answer with a problem. `detail` says what to do; `extra` adds members."""

    def __init__(
        self, status: int, code: str, title: str, detail: str, headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(code, detail)
        self.status, self.code, self.title, self.detail = status, code, title, detail
        self.headers, self.extra = dict(headers or {}), extra

    def response(self) -> JSONResponse:
        """The problem as it is sent."""
        type_ = f"urn:winnow:problem:{self.code}"
        body = ProblemBody(
            type=type_, title=self.title, status=self.status, detail=self.detail, code=self.code, **self.extra
        )
        return JSONResponse(body.model_dump(mode="json"), self.status, self.headers, MEDIA_TYPE)


def not_found(noun: str, listing: str) -> Problem:
    """404: no such row, or another tenant's, which must read the same. `listing` is the call that shows them."""
    return Problem(404, "not_found", "Not found", f"There is no {noun} with this id. List yours with {listing}.")


_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request cannot be done as it is; `detail` says what to change.", "content": _CONTENT},
    "5XX": {"description": "Not your fault; try again after `Retry-After` seconds.", "content": _CONTENT},
}
"""For `include_router(..., responses=RESPONSES)`: every route documents its problems."""


def unavailable() -> Problem:
    """503: the database is away; nothing was written."""
    detail = "The database cannot be reached just now and nothing was changed. Send the same request again shortly."
    return Problem(503, "database_unavailable", "Database unavailable", detail, {"Retry-After": "5"})


def crossed() -> Problem:
    """503: the database ended this request in favour of another that it had locked out; nothing was written."""
    detail = "Another request wrote the same rows at the same time and nothing was changed. Send this one again."
    return Problem(503, "crossed_requests", "Requests crossed", detail, {"Retry-After": "1"})


def storage_full() -> Problem:
    """507: no room to take the body in; nothing was written."""
    detail = "The server has no room for this body just now and nothing was changed. Send it again later."
    return Problem(507, "storage_full", "Storage full", detail, {"Retry-After": "60"})


def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return error.response()


def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"at": ".".join(str(part) for part in one["loc"]), "message": str(one["msg"]).replace("\x00", "")}
        for one in error.errors()
    ]
    detail = "Correct what `errors` lists and send the request again."
    return Problem(422, "invalid_request", "Invalid request", detail, errors=errors).response()


def _on_http(request: Request, error: Exception) -> JSONResponse:
    """404 and 405 of the router."""
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    code = title.lower().replace(" ", "_")
    detail = f"{request.method} {request.url.path}: {error.detail}. GET /openapi.json lists every call."
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (methods := _methods(request)):
        headers["Allow"] = ", ".join(methods)
    return Problem(error.status_code, code, title, detail, headers).response()


def _methods(request: Request) -> list[str]:
    """The methods of all routes at this path; the router itself names those of the first route alone."""
    path = request.url.path.rstrip("/") or "/"
    documented: Mapping[str, Mapping[str, Any]] = request.app.openapi()["paths"]
    matching = (calls for template, calls in documented.items() if compile_path(template)[0].match(path))
    return sorted({method.upper() for calls in matching for method in calls})


def _on_disconnect(request: Request, error: Exception) -> JSONResponse:
    """Nobody reads this answer; it keeps an interrupted upload out of the error log."""
    return Problem(400, "body_incomplete", "Body incomplete", "The body ended early. Send it again.").response()


def _on_database(request: Request, error: Exception) -> JSONResponse:
    state: str = getattr(getattr(error, "orig", None), "pgcode", None) or ""
    logger.warning("database refused", extra={"state": state or "away"})
    if state == NO_ROOM:
        return storage_full().response()
    return (crossed() if state.startswith(ROLLED_BACK) else unavailable()).response()


def _on_os_error(request: Request, error: Exception) -> JSONResponse:
    """A disk that is full is told; anything else is a crash."""
    if getattr(error, "errno", None) not in (errno.ENOSPC, errno.EDQUOT):
        raise error
    logger.error("disk full")
    return storage_full().response()


def _on_crash(request: Request, error: Exception) -> JSONResponse:
    detail = (
        "This is a fault of ours and nothing was changed. Send the request again; if it stays, report its X-Request-Id."
    )
    return Problem(500, "internal_error", "Internal error", detail).response()


def install(app: FastAPI) -> None:
    """Make the app answer every error with a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    for error in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(error, _on_database)
    app.add_exception_handler(OSError, _on_os_error)
    app.add_exception_handler(Exception, _on_crash)
