"""Every request as the operator sees it: an id, one line of the log, one measurement. Never its query or its texts."""

import logging
import re
import time
import uuid

from prometheus_client import Gauge, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telemetry import logs

logger = logging.getLogger(__name__)

ID = "X-Request-Id"
TENANT = "winnow.tenant"
"""Where in a request's scope the tenant stands, once its key was found."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES = ("/healthz", "/readyz")
"""Asked every few seconds: a good answer is no news."""
_ACCEPTABLE = re.compile(r"[\w.:=+/-]{1,64}", re.ASCII)

SECONDS = Histogram(
    "winnow_http_request_seconds",
    "Requests until the last byte of their answer, by route and status",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120),
)
IN_PROGRESS = Gauge("winnow_http_requests_in_progress", "Requests that are being answered")


class Observed:
    """ASGI, around the whole application: takes or makes an id, returns it, and tells how the request went."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, begun, status = _request_id(scope), time.monotonic(), 0
        logs.bind(request_id=request_id)

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[ID] = request_id
            await send(message)

        with IN_PROGRESS.track_inprogress():
            try:
                await self.app(scope, receive, with_id)
            finally:
                _tell(scope, status, time.monotonic() - begun)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    """`status` is 0 when the caller left before there was an answer."""
    route = getattr(scope.get("route"), "path", "none")
    method = scope["method"] if scope["method"] in METHODS else "other"  # anybody may send any word as a method
    SECONDS.labels(method, route, str(status)).observe(seconds)
    told = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    if tenant := scope.get(TENANT):
        told["tenant"] = str(tenant)
    logger.log(logging.DEBUG if route in PROBES and status == 200 else logging.INFO, "request", extra=told)


def _request_id(scope: Scope) -> str:
    """The caller's, when it is short and plain; else a new one."""
    given = Headers(scope=scope).get(ID, "")
    return given if _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
