"""Loaded pipelines by pack versions: a screening is scored with the versions it began with, whatever is newest now."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError

from db import packs, second_stage
from db.settings import scoring_format
from scoring.packs import PackError
from workers import consumer
from workers.hub import Hub
from workers.pack_fetcher import PackFetcher
from workers.settings import worker_settings

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline
    from scoring.rerank import Reranker

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
Key = tuple[str, Versions]
"""A numeric format, and pack versions."""
M = TypeVar("M")


class _Kept(Generic[M]):
    """Models of one kind by format and packs' versions: loaded lazily, the last few used are kept."""

    def __init__(self, load: Callable[[Path, Mapping[str, str], str], M], fetcher: PackFetcher | None) -> None:
        self._load, self._fetcher = load, fetcher
        self._loading = threading.Lock()
        self._loaded: dict[Key, M] = {}
        self._failed: dict[Key, float] = {}

    def get(self, versions: Mapping[str, str], format: str) -> M | None:
        """The model of these versions, by pack name; None when it cannot be loaded (yet), which is logged."""
        key = format, tuple(sorted(versions.items()))
        if self._fetcher is not None and key not in self._loaded and self._fetcher.lacks(key[1]):
            return None  # its hint comes again
        with self._loading:
            if time.monotonic() < self._failed.get(key, 0.0):
                return None
            with consumer.watchdog.loading():
                model = self._loaded.pop(key, None) or self._try(key)
            if model is not None:
                self._loaded[key] = model  # the most recently used stands last
                while len(self._loaded) > KEPT:
                    del self._loaded[next(iter(self._loaded))]
            return model

    def _try(self, key: Key) -> M | None:
        started, (format, versions) = time.monotonic(), key
        told: dict[str, object] = {"versions": dict(versions), "format": format}
        try:
            model = self._load(worker_settings().packs, dict(versions), format)
        except PackError as error:
            told["error"] = str(error)
            logger.error("cannot load packs, leaving their screenings to others", extra=told)
            PACK_LOADS.labels("failed").inc()
            self._failed[key] = time.monotonic() + RETRY_SECONDS
            return None
        PACK_LOADS.labels("loaded").inc()
        logger.info("loaded packs", extra={**told, "seconds": round(time.monotonic() - started, 1)})
        return model


class Pipelines:
    """The models of both stages, shared by slots. With a fetcher, packs that are not here are fetched."""

    def __init__(self, device: str, fetcher: PackFetcher | None = None) -> None:
        self._fetcher = fetcher
        self._pipelines = _Kept(partial(_pipeline, device), fetcher)
        self._rerankers = _Kept(partial(_reranker, device), fetcher)

    def get(self, versions: Mapping[str, str], format: str) -> "Pipeline | None":
        """The pipeline of a screening with these packs in this numeric format.

        None when it cannot be loaded (yet), which is logged: also when this device does not compute the format.
        """
        first = {name: version for name, version in versions.items() if name != second_stage.PACK}
        return self._pipelines.get(first, format)

    def reranker(self, versions: Mapping[str, str], format: str) -> "Reranker | None":
        """The pair model of a screening with these packs in this format; None as `get`."""
        return self._rerankers.get({second_stage.PACK: versions[second_stage.PACK]}, format)

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
                self.get(versions, scoring_format())


def _pipeline(device: str, root: Path, versions: Mapping[str, str], format: str) -> "Pipeline":
    from scoring.pipeline import Pipeline  # brings torch, which must find its device chosen

    return Pipeline.load(root, versions, device, format)


def _reranker(device: str, root: Path, versions: Mapping[str, str], format: str) -> "Reranker":
    from scoring.rerank import Reranker

    return Reranker.load(root, versions, device, format)
