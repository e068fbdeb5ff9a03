"""Many clients that ask the same again and again over connections of their own, at little cost to the machine."""

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """How long each answer took, in seconds and in order of length, and how many came in a second."""

    latencies: tuple[float, ...]
    rate: float

    @property
    def p99(self) -> float:
        """Seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(0.99 * len(self.latencies)))]


def ask(url: str, clients: int, seconds: float, every: float = 0.0, headers: str = "") -> Asked:
    """GET `url` for so many seconds; each client waits until `every` seconds after its last request, then asks again.

    Raises RuntimeError for any answer but a 200.
    """
    return asyncio.run(_ask(url, clients, seconds, every, headers))


async def _ask(url: str, clients: int, seconds: float, every: float, headers: str) -> Asked:
    parts = urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{headers}\r\n".encode("ascii")
    begun = time.perf_counter()
    starts = [begun + every * number / clients for number in range(clients)]  # spread out, as clients are
    address = (str(parts.hostname), int(parts.port or 80))
    told = await asyncio.gather(*(_client(address, request, start, begun + seconds, every) for start in starts))
    latencies = sorted(latency for one in told for latency in one)
    return Asked(tuple(latencies), len(latencies) / (time.perf_counter() - begun))


async def _client(address: tuple[str, int], request: bytes, start: float, until: float, every: float) -> list[float]:
    reader, writer = await asyncio.open_connection(*address)
    latencies = []
    try:
        while (now := time.perf_counter()) < until:
            await asyncio.sleep(start - now)
            begun = time.perf_counter()
            writer.write(request)
            await _answer(reader)
            latencies.append(time.perf_counter() - begun)
            start = max(start + every, time.perf_counter())
    finally:
        writer.close()
    return latencies


async def _answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    if not head.startswith("http/1.1 200"):
        raise RuntimeError(f"answered {head.splitlines()[0]}")
    length = head.partition("content-length:")[2].partition("\r\n")[0]
    await reader.readexactly(int(length))
