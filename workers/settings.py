"""What every worker reads from its environment, once."""

import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from db.settings import seconds

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Where Redis, the packs and the signs of life are, the device that scores, and how much work it claims at once.

    `warm_up` loads the current packs at the start of a process, `fetch_packs` fetches versions that are not here from
    the hub they are registered with; `hub_hosts` are trusted for redirects and plain http.
    """

    redis_url: str
    packs: Path
    run_directory: Path
    device: str
    claim_seconds: float
    warm_up: bool
    fetch_packs: bool
    hub_hosts: frozenset[str]


def _run_directory() -> Path:
    return Path(tempfile.gettempdir()) / f"winnow-{os.getuid()}"


def hub_hosts() -> frozenset[str]:
    """The hosts that WINNOW_HUB_HOSTS names, behind commas."""
    return frozenset(host for host in os.environ.get("WINNOW_HUB_HOSTS", "").replace(" ", "").split(",") if host)


@lru_cache(maxsize=1)
def worker_settings() -> WorkerSettings:
    """From REDIS_URL, WINNOW_PACKS, WINNOW_RUN_DIR, WINNOW_DEVICE (auto, cpu or cuda:N), WINNOW_CLAIM_SECONDS,
    WINNOW_WARM_UP, WINNOW_FETCH_PACKS (1 or 0) and WINNOW_HUB_HOSTS. Raises SettingsError.
    """
    return WorkerSettings(
        redis_url=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
        packs=Path(os.environ.get("WINNOW_PACKS", ROOT / "packs")),
        run_directory=Path(os.environ.get("WINNOW_RUN_DIR") or _run_directory()),
        device=os.environ.get("WINNOW_DEVICE", "auto"),
        claim_seconds=seconds("WINNOW_CLAIM_SECONDS", 10),
        warm_up=os.environ.get("WINNOW_WARM_UP", "1") == "1",
        fetch_packs=os.environ.get("WINNOW_FETCH_PACKS", "0") == "1",
        hub_hosts=hub_hosts(),
    )
