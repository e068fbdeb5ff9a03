"""Fetches packs that a screening needs and this machine lacks, in the background; nobody waits for it."""

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError

from db import packs
from scoring.packs import PackError
from workers.hub import Hub
from workers.hub_address import MANIFEST, HubError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 60.0
"""How long a version that could not be fetched is left alone."""

Version = tuple[str, str]


@dataclass(slots=True)
class PackFetcher:
    """Knows which versions are on their way; a version is a (name, version) pair."""

    hub: Hub
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _on_their_way: set[Version] = field(default_factory=set)
    _failed: dict[Version, float] = field(default_factory=dict)

    def lacks(self, versions: Iterable[Version]) -> bool:
        """Whether any of these is not here. What is missing is being fetched from now on, unless that failed lately."""
        missing = self._missing(versions)
        for one in missing:
            with self._lock:
                if one in self._on_their_way or time.monotonic() < self._failed.get(one, 0.0):
                    continue
                self._on_their_way.add(one)
            threading.Thread(target=self._fetch, args=(one,), name="fetch", daemon=True).start()
        return bool(missing)

    def fetch(self, versions: Iterable[Version]) -> None:
        """Fetch what is missing, and wait for it."""
        for one in self._missing(versions):
            self._fetch(one)

    def _missing(self, versions: Iterable[Version]) -> list[Version]:
        return [(name, number) for name, number in versions if not (self.hub.root / name / number / MANIFEST).exists()]

    def _fetch(self, one: Version) -> None:
        name, version = one
        started = time.monotonic()
        try:
            source = packs.source(name, version)
            if source is None:
                raise HubError("it was registered from a folder, not fetched: put it where this machine's packs lie")
            self.hub.fetch(source.address, source.manifest_sha256)
            seconds = round(time.monotonic() - started, 1)
            logger.info("fetched pack", extra={"pack": name, "version": version, "seconds": seconds})
        except (PackError, DBAPIError, OSError) as error:
            told = str(error) if isinstance(error, PackError) else type(error).__name__
            logger.error("cannot fetch pack", extra={"pack": name, "version": version, "error": told})
            self._failed[one] = time.monotonic() + RETRY_SECONDS
        finally:
            with self._lock:
                self._on_their_way.discard(one)
