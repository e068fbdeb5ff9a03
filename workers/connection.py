"""HTTP/1.1 over one connection to a receiver, by h11: a message, its answer, and the next, each step within its time.

No pool and no events for others to watch: those of an HTTP client cost more than the exchange itself.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import h11
import httpcore

KEPT_BYTES = 1024  # of the answer; the rest is not read
READ_BYTES = 64 * 1024
HEAD_BYTES = 100 * 1024  # of an answer at most


@dataclass(frozen=True, slots=True)
class Reply:
    """What the receiver answered; `headers` have lower-case names, `text` is the beginning of its body."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(slots=True)
class Clock:
    """Ends an exchange however it is spread over single reads and writes."""

    seconds: float
    _end: float = 0.0

    def start(self) -> None:
        """An exchange begins."""
        self._end = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds left. Raises httpcore.ReadTimeout when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout
        return seconds


class Connection:
    """To the receiver at `url`, over a stream that stands."""

    def __init__(self, url: str, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self.url = url
        parts = httpcore.URL(url)
        name = parts.host.decode("ascii")
        host = f"[{name}]" if ":" in name else name
        self._host = host if parts.port is None else f"{host}:{parts.port}"
        self._target = parts.target
        self._stream, self._clock = stream, clock
        self._http = h11.Connection(h11.CLIENT, HEAD_BYTES)

    @property
    def usable(self) -> bool:
        """Whether another message can be sent: the last answer was read whole, and the receiver did not hang up."""
        return self._http.our_state is h11.IDLE and not self._stream.get_extra_info("is_readable")

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send `body` and read the answer. Raises exceptions of httpcore's network and h11.RemoteProtocolError."""
        message = self._message(headers, body)
        with suppress(httpcore.WriteError):  # it may have answered before it hung up
            self._stream.write(message, self._clock.left())
        while not isinstance(answer := self._event(), h11.Response):
            pass  # 1xx: the answer is still to come
        told = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
        reply = Reply(answer.status_code, told, self._beginning())
        if self._http.our_state is self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        return reply

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def _message(self, headers: Mapping[str, str], body: bytes) -> bytes:
        told = [("Host", self._host), ("Content-Length", str(len(body))), *headers.items()]
        events = h11.Request(method="POST", target=self._target, headers=told), h11.Data(body), h11.EndOfMessage()
        return b"".join(self._http.send(event) or b"" for event in events)

    def _event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            read = self._stream.read(READ_BYTES, self._clock.left())
            if not read and self._http.their_state is h11.SEND_RESPONSE:
                raise h11.RemoteProtocolError("it hung up without an answer")
            self._http.receive_data(read)
        return event

    def _beginning(self) -> str:
        kept = b""
        while len(kept) < KEPT_BYTES and isinstance(event := self._event(), h11.Data):
            kept += event.data
        return kept[:KEPT_BYTES].decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
