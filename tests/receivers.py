"""A webhook receiver that answers as a test tells it to, over real sockets."""

from __future__ import annotations

import ssl
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer after `wait` seconds; `drip` goes on with a byte every 50 ms. Both end with the test."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait: float = 0.0
    drip: bool = False


USUAL = Answer()


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The sender may hang up whenever it likes."""


class Receiver:
    """Listens while in `with`; gives `answers` one by one, and `usual` when there are none left.

    It hangs up after each answer unless it `keeps` connections; `connections` are those that brought a request.
    """

    def __init__(
        self,
        usual: Answer = USUAL,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        keeps: bool = False,
    ) -> None:
        self.usual, self.host, self.keeps = usual, host, keeps
        self.connections: set[tuple[str, int]] = set()
        self.answers: deque[Answer] = deque()
        self.received: list[Request] = []
        self.arrived = threading.Condition()
        self.ended = threading.Event()
        self._server = _Server((host, port), self._handler())
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/hook"

    def wait_for(self, count: int, seconds: float = 120) -> list[Request]:
        """The first `count` requests, once they have arrived."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, seconds), f"{len(self.received)} arrived"
            return self.received[:count]

    def take(self, request: Request) -> Answer:
        with self.arrived:
            self.received.append(request)
            self.arrived.notify_all()
            return self.answers.popleft() if self.answers else self.usual

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1" if receiver.keeps else "HTTP/1.0"
            timeout = 60

            def do_POST(self) -> None:
                receiver.connections.add(self.client_address)
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = receiver.take(Request(self.path, headers, body))
                receiver.ended.wait(answer.wait)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if receiver.keeps:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                while answer.drip and not receiver.ended.wait(0.05):
                    self.wfile.write(b".")

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler
