"""Loaded pipelines by pack versions: a screening is scored with the versions it began with, whatever is newest now."""

import logging
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError

from db import packs
from scoring.packs import PackError
from workers import consumer
from workers.hub import Hub
from workers.pack_fetcher import PackFetcher
from workers.settings import worker_settings

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline

logger = logging.getLogger(__name__)

PACK_LOADS = Counter(
    "winnow_pack_loads_total", "Loads of a screening's or a call's packs, by how they ended", ["outcome"]
)
for _outcome in ("loaded", "failed"):
    PACK_LOADS.labels(_outcome)

KEPT = 2
RETRY_SECONDS = 60.0
"""How long packs that would not load are left alone."""

Versions = tuple[tuple[str, str], ...]


class Pipelines:
    """Loads lazily, keeps the last few used; slots share them. With a fetcher, packs that are not here are fetched."""

    def __init__(self, device: str, fetcher: PackFetcher | None = None) -> None:
        self._device, self._fetcher = device, fetcher
        self._loading = threading.Lock()
        self._loaded: dict[Versions, Pipeline] = {}
        self._failed: dict[Versions, float] = {}

    def get(self, versions: Mapping[str, str]) -> "Pipeline | None":
        """The pipeline of these versions, by pack name; None when it cannot be loaded (yet), which is logged."""
        key = tuple(sorted(versions.items()))
        if self._fetcher is not None and key not in self._loaded and self._fetcher.lacks(key):
            return None  # its hint comes again
        with self._loading:
            if time.monotonic() < self._failed.get(key, 0.0):
                return None
            with consumer.watchdog.loading():
                pipeline = self._loaded.pop(key, None) or self._load(key)
            if pipeline is not None:
                self._loaded[key] = pipeline  # the most recently used stands last
                while len(self._loaded) > KEPT:
                    del self._loaded[next(iter(self._loaded))]
            return pipeline

    @classmethod
    def configured(cls, device: str) -> "Pipelines":
        """As the worker's settings say: fetching what is missing or not, loading at once or with the first work."""
        settings = worker_settings()
        hub = Hub(settings.packs, settings.hub_hosts)
        pipelines = cls(device, PackFetcher(hub) if settings.fetch_packs else None)
        if settings.warm_up:
            pipelines.warm()
        return pipelines

    def warm(self) -> None:
        """Begin to load the packs of new screenings in the background: the first piece of work waits for less."""
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def _warm(self) -> None:
        try:
            versions = packs.deployed()
        except DBAPIError as error:
            logger.info("database away, packs are loaded with the first work", extra={"error": type(error).__name__})
        else:
            if self._fetcher is not None:
                self._fetcher.fetch(versions.items())
            if versions:
                self.get(versions)

    def _load(self, versions: Versions) -> "Pipeline | None":
        from scoring.pipeline import Pipeline  # brings torch, which must find its device chosen

        started = time.monotonic()
        try:
            pipeline = Pipeline.load(worker_settings().packs, dict(versions), self._device)
        except PackError as error:
            told = {"versions": dict(versions), "error": str(error)}
            logger.error("cannot load packs, leaving their screenings to others", extra=told)
            PACK_LOADS.labels("failed").inc()
            self._failed[versions] = time.monotonic() + RETRY_SECONDS
            return None
        PACK_LOADS.labels("loaded").inc()
        seconds = round(time.monotonic() - started, 1)
        logger.info("loaded packs", extra={"versions": dict(versions), "seconds": seconds})
        return pipeline
