"""Models and their versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from client.answers.absent import Many, Named


@dataclass(frozen=True, slots=True)
class Version:
    """One version, and what its model card says; `metrics` are figures by what was measured on."""

    version: str
    current: bool
    registered_at: datetime
    fetched_from: str | None
    summary: str | None = None
    intended_use: str | None = None
    limits: Many[str] = ()
    metrics: Named[dict[str, Any]] = field(default_factory=dict)
    licence: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """A model by its name, its versions the newest first; new screenings begin with `current`."""

    name: str
    kind: str
    current: str | None
    versions: tuple[Version, ...]
