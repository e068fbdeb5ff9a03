"""Bodies that are read whole may not be large; uploads count their own while they spool."""

from contextlib import suppress

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
        limit = left = settings().max_body
        if int(Headers(scope=scope).get("content-length") or 0) > limit:
            await _refuse(limit, scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLargeError
            return message

        async def unless_too_large(message: Message) -> None:
            if left >= 0:  # else the application tells of a body that it could not read
                await send(message)

        with suppress(_TooLargeError):
            await self.app(scope, counted, unless_too_large)
        if left < 0:
            await _refuse(limit, scope, receive, send)


async def _refuse(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    await too_large(limit, "Send less at once.").response()(scope, receive, send)
