"""POSTs to an address that somebody else chose: checked where it connects, ended in time, trusted with nothing.

The host is resolved once a connection; what is checked is what is connected to, so a name cannot change its answer in
between. The TLS server name stays the host's. No redirect is followed and no proxy of the environment is used.
"""

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from workers.addresses import AddressPolicy, Resolver, resolve, resolve_within

SECONDS = 15.0  # for everything: name, connection, TLS, request, and the whole answer
CONNECT_SECONDS = 5.0  # for one address of several
KEPT_BYTES = 1024  # of the answer; the rest is not read
TRIED_ADDRESSES = 4


class UnreachableError(Exception):
    """No answer came; the message says why, for the endpoint's owner to read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the receiver answered; `headers` have lower-case names, `text` is the beginning of its body."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Makes POSTs under a policy; certificates are those of SSL_CERT_FILE or SSL_CERT_DIR, else of certifi."""

    policy: AddressPolicy = field(default_factory=AddressPolicy.from_environment)
    resolver: Resolver = resolve
    seconds: float = SECONDS
    tls: ssl.SSLContext = field(default_factory=httpx.create_ssl_context)

    @contextmanager
    def line(self) -> Iterator["Line"]:
        """To one receiver, until the block is left."""
        clock = _Clock(self.seconds)
        backend = _CheckedBackend(self.policy, self.resolver, clock)
        with httpcore.ConnectionPool(ssl_context=self.tls, network_backend=backend, max_connections=1) as pool:
            yield Line(pool, backend, clock)


@dataclass(frozen=True, slots=True)
class Line:
    """POSTs one after another, over one connection for as long as the receiver keeps it open."""

    _pool: httpcore.ConnectionPool
    _backend: "_CheckedBackend"
    _clock: "_Clock"

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send `body` and read the answer. Raises UnreachableError."""
        self._clock.start()
        try:
            return self._exchange(url, headers, body)
        except httpcore.TimeoutException as error:
            raise UnreachableError(f"timeout: no complete answer within {self._clock.seconds:g} s") from error
        except (httpcore.ConnectError, httpcore.NetworkError) as error:
            raise UnreachableError(f"connection: {error}") from error
        except httpcore.ProtocolError as error:
            raise UnreachableError(f"protocol: the answer is not HTTP/1.1 ({error})") from error

    def _exchange(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """A receiver may hang up on a kept connection while a message is on its way: then once more, over a new one."""
        connected = self._backend.connected
        try:
            return _exchange(self._pool, url, headers, body)
        except (httpcore.RemoteProtocolError, httpcore.ReadError):
            if self._backend.connected > connected:
                raise
            return _exchange(self._pool, url, headers, body)


def _exchange(pool: httpcore.ConnectionPool, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
    with pool.stream("POST", url, headers=list(headers.items()), content=body) as response:
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Reply(response.status, told, _beginning(response.iter_stream()))


def _beginning(chunks: Iterable[bytes]) -> str:
    kept = b""
    for chunk in chunks:
        kept += chunk
        if len(kept) >= KEPT_BYTES:
            break
    return kept[:KEPT_BYTES].decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


@dataclass(slots=True)
class _Clock:
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


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step may take no longer than what is left in all."""

    def __init__(self, stream: httpcore.NetworkStream, clock: _Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._clock.left())
        return _TimedStream(secured, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects by address, to those that the policy permits; `connected` counts how often."""

    def __init__(self, policy: AddressPolicy, resolver: Resolver, clock: _Clock) -> None:
        self._policy, self._resolver, self._clock = policy, resolver, clock
        self._sockets = httpcore.SyncBackend()
        self.connected = 0

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first permitted address that answers."""
        addresses = self._permitted(host, port)
        for address in addresses[:-1]:
            try:
                return self._connect(address, port)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port)

    def _permitted(self, host: str, port: int) -> Sequence[str]:
        try:
            found = resolve_within(self._clock.left(), self._resolver, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except (OSError, UnicodeError) as error:
            raise UnreachableError("name: the host name has no address") from error
        permitted = [address for address in found if self._policy.permits(address)]
        if not permitted:
            raise UnreachableError("address: the host's address is not one that webhooks may be sent to")
        return permitted[:TRIED_ADDRESSES]

    def _connect(self, address: str, port: int) -> httpcore.NetworkStream:
        stream = self._sockets.connect_tcp(address, port, min(CONNECT_SECONDS, self._clock.left()))
        self.connected += 1
        return _TimedStream(stream, self._clock)
