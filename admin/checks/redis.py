"""Redis: whether it answers, and keeps what it is given for as long as it is needed and no longer."""

from collections.abc import Iterator
from typing import Any

from redis import RedisError

from admin.checks.case import Case, Finding

OLDEST = (6, 2)
NO_EVICTION = "CONFIG SET maxmemory-policy noeviction, and the same in its configuration."
FULL = 0.9
"""Of `maxmemory`; from there on it is a matter of time until writes are refused."""


def queue(case: Case) -> Iterator[Finding]:
    """Version, eviction, persistence and memory."""
    try:
        told: dict[str, Any] = dict(case.redis.info())
    except RedisError as error:
        do = "Start it, or put REDIS_URL right. Uploads and answers go on meanwhile; bulk work waits for its return."
        yield Finding(f"Redis does not answer ({type(error).__name__}).", do)
        return
    if _version(told["redis_version"]) < OLDEST:
        yield Finding(f"Redis is {told['redis_version']}.", "Use Redis 6.2 or later.")
    if told["maxmemory_policy"] != "noeviction":
        yield Finding(f"Redis may evict: its maxmemory-policy is {told['maxmemory_policy']}.", NO_EVICTION)
    if told["evicted_keys"]:
        do = f"Give it more memory, or to itself. {NO_EVICTION} Then CONFIG RESETSTAT."
        yield Finding(f"Redis has evicted {told['evicted_keys']} keys, queued work or kept answers among them.", do)
    if told["maxmemory"] and told["used_memory"] > FULL * told["maxmemory"]:
        yield Finding("Redis' memory is nearly full, and then it refuses writes.", "Raise its maxmemory.")
    if told["aof_enabled"] or _saves(case):
        yield Finding(
            "Redis writes to disk, and calls that pass through it hold resumes in clear.",
            'CONFIG SET save "", CONFIG SET appendonly no, and the same in its configuration; nothing in it is needed.',
        )


def _saves(case: Case) -> bool:
    """Whether it takes snapshots; a server that does not say so to us is believed."""
    try:
        return bool(case.redis.config_get("save").get("save"))
    except RedisError:
        return False


def _version(told: str) -> tuple[int, ...]:
    return tuple(int(part) for part in told.split(".")[:2])
