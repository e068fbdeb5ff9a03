"""What every worker reads from its environment, once."""

import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Where Redis, the packs and the signs of life are, the device that scores, and how much work it claims at once."""

    redis_url: str
    packs: Path
    run_directory: Path
    device: str
    claim_seconds: float


def _run_directory() -> Path:
    return Path(tempfile.gettempdir()) / f"winnow-{os.getuid()}"


@lru_cache(maxsize=1)
def worker_settings() -> WorkerSettings:
    """From REDIS_URL, WINNOW_PACKS, WINNOW_RUN_DIR, WINNOW_DEVICE (auto, cpu or cuda:N) and WINNOW_CLAIM_SECONDS."""
    return WorkerSettings(
        redis_url=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
        packs=Path(os.environ.get("WINNOW_PACKS", ROOT / "packs")),
        run_directory=Path(os.environ.get("WINNOW_RUN_DIR") or _run_directory()),
        device=os.environ.get("WINNOW_DEVICE", "auto"),
        claim_seconds=float(os.environ.get("WINNOW_CLAIM_SECONDS", 10)),
    )
