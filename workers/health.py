"""`python -m workers.health NAME`: exits 0 when that process runs on this machine and its loop turns, else 1."""

import argparse
import sys

from workers.celery_app import WORKERS
from workers.heartbeat import STALE_SECONDS, is_alive


def main() -> int:
    """Check one process."""
    parser = argparse.ArgumentParser(prog="python -m workers.health", description=__doc__)
    parser.add_argument("name", choices=(*WORKERS, "relay"))
    name = parser.parse_args().name
    if is_alive(name):
        return 0
    print(f"no {name} process on this machine has turned its loop within {STALE_SECONDS:.0f} s", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
