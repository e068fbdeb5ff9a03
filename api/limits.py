"""Bodies that are read whole may not be large; uploads count their own while they spool."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from api.settings import settings

UPLOADS = ("/v1/jobs", "/resumes")
"""Ends of the paths whose routes read the body as it streams."""


def too_large(limit: int, advice: str) -> Problem:
    """413, with the limit in whole MiB."""
    return Problem(
        413, "too_large", "Body too large", f"The body may be {limit // 2**20} MiB at most. {advice}", limit=limit
    )


class _TooLargeError(Exception):
    """The body grew over the limit while it was read."""


class BodyLimit:
    """ASGI middleware: answers 413 when a body outgrows `max_body`, whether or not Content-Length told so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its body."""
        if scope["type"] != "http" or scope["path"].rstrip("/").endswith(UPLOADS):
            await self.app(scope, receive, send)
            return
        limit = settings().max_body
        left = limit
        started = False

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            if int(Headers(scope=scope).get("content-length") or 0) > limit:
                raise _TooLargeError
            await self.app(scope, counted, noted)
        except _TooLargeError:
            if not started:
                await too_large(limit, "Send less at once.").response()(scope, receive, send)
