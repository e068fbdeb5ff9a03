"""What a screening worker counts of its work, for Prometheus: once a claim, a portion or a batch, never once a row."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)

CLAIMS = Counter("winnow_claims_total", "Claims of chunks that came to an end here, by how", ["outcome"])
CLAIM_SECONDS = Histogram("winnow_claim_seconds", "From a claim to its record, in seconds", buckets=SECONDS)
CHUNKS_CLAIMED = Counter("winnow_chunks_claimed_total", "Chunks claimed, for the first time or again", ["attempt"])
PORTION_SECONDS = Histogram(
    "winnow_portion_seconds", "A portion of a claim: reading and tokenising it, scoring it", ["step"], buckets=SECONDS
)
BATCHES = Counter("winnow_batches_total", "Batches that an encoder computed")
TOKENS = Counter("winnow_tokens_total", "Tokens that an encoder computed; each encoder counts a text for itself")
PADDED_TOKENS = Counter("winnow_padded_tokens_total", "The same with the padding of their batches")
BUSY_SECONDS = Counter("winnow_device_busy_seconds_total", "Seconds in which a slot computed on the device")
PASSAGES = Counter("winnow_passages_total", "Items whose passages were searched for, by how that ended", ["outcome"])

for _outcome in ("recorded", "lost", "handed_back", "database_away", "failed"):
    CLAIMS.labels(_outcome)
for _attempt in ("first", "repeated"):
    CHUNKS_CLAIMED.labels(_attempt)


def claimed(attempts: Collection[int]) -> None:
    """Chunks were claimed, each for the so manieth time, counted from 1."""
    repeated = sum(attempt > 1 for attempt in attempts)
    CHUNKS_CLAIMED.labels("repeated").inc(repeated)
    CHUNKS_CLAIMED.labels("first").inc(len(attempts) - repeated)


def batch(tokens: int, padded: int) -> None:
    """An encoder computed so many tokens, padded to so many."""
    BATCHES.inc()
    TOKENS.inc(tokens)
    PADDED_TOKENS.inc(padded)


@contextmanager
def computing() -> Iterator[None]:
    """The device is at work while the block lasts."""
    begun = time.monotonic()
    try:
        yield
    finally:
        BUSY_SECONDS.inc(time.monotonic() - begun)
