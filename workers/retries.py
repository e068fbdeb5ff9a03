"""What an answer means for its delivery: done, tried again after a while, or given up."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from db.delivery_outcomes import Try
from workers.connection import Reply

# The first try comes at once; each entry is the wait before the next one. 76 hours in all.
RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.1  # of the wait, to either side, so that what failed together does not come back together
LONGEST_PAUSE = timedelta(hours=24)  # whatever the receiver asks for

GONE = 410
PAUSES = (429, 503)  # the answers whose Retry-After counts (RFC 9110, 15.6.4; RFC 6585, 4)


def judge(reply: Reply, latency_ms: int, tries: int, now: datetime) -> Try:
    """What a receiver's answer to the try number `tries` means. `now` is the database's time."""
    succeeded = 200 <= reply.status < 300
    pause = retry_after(reply.headers.get("retry-after"), now) if reply.status in PAUSES else None
    return Try(
        succeeded=succeeded,
        latency_ms=latency_ms,
        status=reply.status,
        error=None if succeeded else _describe(reply.status),
        response=reply.text,
        retry_in=None if succeeded else wait(tries, pause),
        pause=pause,
        gone=reply.status == GONE,
    )


def unanswered(reason: str, latency_ms: int, tries: int) -> Try:
    """What it means that no answer came."""
    return Try(succeeded=False, latency_ms=latency_ms, error=reason, retry_in=wait(tries, None))


def wait(tries: int, pause: timedelta | None) -> timedelta | None:
    """How long to wait after `tries` tries, the receiver's own wish included; None after the last one."""
    if tries > len(RETRIES):
        return None
    planned = RETRIES[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    return max(planned, pause or planned)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """A Retry-After header, in seconds or as a date (RFC 9110, 10.2.3), bounded; None when it says nothing usable."""
    if value is None:
        return None
    try:
        asked = timedelta(seconds=int(value)) if value.strip().isdigit() else _date(value) - now
    except (ValueError, OverflowError):
        return None
    return min(asked, LONGEST_PAUSE) if asked > timedelta(0) else None


def _date(value: str) -> datetime:
    date = parsedate_to_datetime(value)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _describe(status: int) -> str:
    if 300 <= status < 400:
        return f"status {status}: redirects are not followed; set the endpoint's url to where it leads"
    return f"status {status}: only 2xx means that the message was taken"
