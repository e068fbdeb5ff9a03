"""Free TCP ports on the loopback interface."""

from __future__ import annotations

import random
import socket


def free_port(preferred: int = 0) -> int:
    """`preferred` if nobody listens there, else any free port. Another program may still take it before we do."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def free_ports(count: int) -> list[int]:
    """Different free ports, drawn from below those that the kernel gives to connections, which come and go."""
    found: list[int] = []
    for port in random.sample(range(10_000, 32_000), 100 + count):
        if len(found) < count and free_port(port) == port:
            found.append(port)
    if len(found) < count:
        raise OSError("no free ports on 127.0.0.1")
    return found
