"""POSTs to an address that somebody else chose: checked where it connects, ended in time, trusted with nothing.

The host is resolved once a connection; what is checked is what is connected to, so a name cannot change its answer in
between. The TLS server name stays the host's. No redirect is followed and no proxy of the environment is used.
"""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import h11
import httpcore
import httpx

from workers.addresses import AddressPolicy, Resolver, resolve, resolve_within
from workers.connection import Clock, Connection, Reply

SECONDS = 15.0  # for everything: name, connection, TLS, request, and the whole answer
CONNECT_SECONDS = 5.0  # for one address of several
TRIED_ADDRESSES = 4


class UnreachableError(Exception):
    """No answer came; the message says why, for the endpoint's owner to read."""


def _tls() -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass(frozen=True, slots=True)
class Sender:
    """Makes POSTs under a policy; certificates are those of SSL_CERT_FILE or SSL_CERT_DIR, else of certifi."""

    policy: AddressPolicy = field(default_factory=AddressPolicy.from_environment)
    resolver: Resolver = resolve
    seconds: float = SECONDS
    tls: ssl.SSLContext = field(default_factory=_tls)

    @contextmanager
    def line(self) -> Iterator["Line"]:
        """To one receiver, until the block is left."""
        line = Line(self, Clock(self.seconds))
        try:
            yield line
        finally:
            line.close()


@dataclass(slots=True)
class Line:
    """POSTs one after another, over one connection for as long as the receiver keeps it open."""

    _sender: Sender
    _clock: Clock
    _kept: Connection | None = None

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send `body` and read the answer. Raises UnreachableError."""
        self._clock.start()
        try:
            return self._exchange(url, headers, body)
        except httpcore.TimeoutException as error:
            raise UnreachableError(f"timeout: no complete answer within {self._clock.seconds:g} s") from error
        except httpcore.NetworkError as error:
            raise UnreachableError(f"connection: {error}") from error
        except h11.ProtocolError as error:
            raise UnreachableError(f"protocol: the answer is not HTTP/1.1 ({error})") from error

    def close(self) -> None:
        """Hang up."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _exchange(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """A receiver may hang up on a kept connection while a message is on its way: then once more, over a new one."""
        if (kept := self._kept) is not None and kept.url == url and kept.usable:
            try:
                return kept.post(headers, body)
            except (h11.RemoteProtocolError, httpcore.ReadError):
                pass
        self.close()
        self._kept = new = Connection(url, self._connect(httpcore.URL(url).origin), self._clock)
        return new.post(headers, body)

    def _connect(self, origin: httpcore.Origin) -> httpcore.NetworkStream:
        """To the first permitted address that answers."""
        host = origin.host.decode("ascii")
        stream = self._reach(self._permitted(host, origin.port), origin.port)
        if origin.scheme == b"https":
            return stream.start_tls(self._sender.tls, host, self._clock.left())
        return stream

    def _reach(self, addresses: Sequence[str], port: int) -> httpcore.NetworkStream:
        for address in addresses[:-1]:
            try:
                return self._open(address, port)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._open(addresses[-1], port)

    def _permitted(self, host: str, port: int) -> Sequence[str]:
        try:
            found = resolve_within(self._clock.left(), self._sender.resolver, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except (OSError, UnicodeError) as error:
            raise UnreachableError("name: the host name has no address") from error
        permitted = [address for address in found if self._sender.policy.permits(address)]
        if not permitted:
            raise UnreachableError("address: the host's address is not one that webhooks may be sent to")
        return permitted[:TRIED_ADDRESSES]

    def _open(self, address: str, port: int) -> httpcore.NetworkStream:
        return httpcore.SyncBackend().connect_tcp(address, port, min(CONNECT_SECONDS, self._clock.left()))
