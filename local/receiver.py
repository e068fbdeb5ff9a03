"""A small webhook receiver, such as an applicant tracking system would have: it keeps only what is signed."""

from __future__ import annotations

import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from client.errors import WinnowError
from client.webhooks import Event, verify_webhook

_LONGEST_BODY = 64 * 1024


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class Receiver:
    """Listens on 127.0.0.1 while in `with`. Set `secret` to the endpoint's; until then every request is refused."""

    def __init__(self) -> None:
        self.secret = ""
        self.refused = 0
        self.acted: dict[str, Event] = {}
        """Verified events by their webhook-id."""
        self._events: queue.Queue[Event] = queue.Queue()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1})

    @property
    def url(self) -> str:
        """Where to send events."""
        return f"http://127.0.0.1:{self._server.server_port}/webhooks"

    def wait_for(self, kind: str, seconds: float) -> Event:
        """The next verified event of a kind, others passed over; raises queue.Empty when none came in time."""
        deadline = time.monotonic() + seconds
        while True:
            event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            if event.type == kind:
                return event

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """The HTTP status to answer: 204 when the signature is right (once or again), 400 when not."""
        try:
            event = verify_webhook(body, headers, self.secret)
        except WinnowError:
            self.refused += 1
            return 400
        identity = headers["webhook-id"]
        if identity not in self.acted:  # deliveries may be repeated; a receiver acts once
            self.acted[identity] = event
            self._events.put(event)
        return 204

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = min(int(self.headers.get("content-length", 0)), _LONGEST_BODY)
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver.take(self.rfile.read(length), headers))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: its owner tells what came."""

        return Handler
