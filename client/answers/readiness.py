"""Whether the server can work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Readiness:
    """`ok`, and in words what is done without for now."""

    status: str
    degraded: tuple[str, ...] = ()
