"""Which addresses a webhook may be sent to, so that nobody reaches our own network through us.

The networks are those of the IANA special-purpose registries (RFC 6890 and its updates) that are not plain unicast on
the Internet, and the IPv6 ranges that carry an IPv4 address which could be any of them.
"""

import os
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
"""From a host name and a port to its addresses, as text. Raises OSError."""

REFUSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata service of one cloud
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata services of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, and the metadata service of one cloud
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "168.63.129.16/32",  # the host of a virtual machine in one cloud, though the range is public
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Only 2000::/3 is unicast of the Internet. What lies outside is refused without a name: loopback, link-local, unique
# local, multicast, IPv4-mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96 and 64:ff9b:1::/48), discard, segment routing.
UNICAST_V6 = IPv6Network("2000::/3")
REFUSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What may be connected to: the public Internet, and the networks an operator allows for receivers on premise."""

    allowed: tuple[Network, ...] = ()

    @classmethod
    def from_environment(cls) -> "AddressPolicy":
        """Read WINNOW_WEBHOOK_ALLOW: networks such as `10.1.0.0/16,fd00::/8`. Raises ValueError."""
        listed = os.environ.get("WINNOW_WEBHOOK_ALLOW", "")
        return cls(tuple(ip_network(part.strip()) for part in listed.split(",") if part.strip()))

    def permits(self, address: str) -> bool:
        """Whether this address, written as numbers, may be connected to."""
        ip = ip_address(address)
        if any(ip in network for network in self.allowed):
            return True
        if isinstance(ip, IPv4Address):
            return not any(ip in network for network in REFUSED_V4)
        return ip in UNICAST_V6 and not any(ip in network for network in REFUSED_V6)


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system's resolver, in its order of preference. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def resolve_within(seconds: float, resolver: Resolver, host: str, port: int) -> Sequence[str]:
    """Ask the resolver, but wait no longer than this. Raises TimeoutError, and what the resolver raises.

    The system's resolver knows no time-out of the caller's, so it is left behind in a thread that ends by itself.
    """
    answer: Future[Sequence[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result(resolver(host, port))
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    return answer.result(seconds)
