"""Answers of interactive calls, kept in Redis for a while.

They are found again by the same question of the same tenant to the same packs in the same numeric format. No text
stands there in clear: the key is an HMAC of the question, the answer is encrypted, both with the deployment's own
secret. Without Redis, or without a secret, every question is simply asked.
"""

import json
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from redis import Redis

from api.optional_redis import optional_redis
from api.settings import settings
from db import secrets
from db.settings import SettingsError


def key_of(
    tenant_id: UUID, call: str, versions: Mapping[str, str], format: str, arguments: Mapping[str, Any]
) -> str | None:
    """Where the answer to this question is kept; None when nothing is."""
    if settings().cache_seconds == 0:
        return None
    question = [str(tenant_id), call, versions, format, arguments]
    try:
        return f"prediction:{secrets.fingerprint(json.dumps(question, sort_keys=True).encode())}"
    except SettingsError:
        return None


def find(key: str) -> dict[str, Any] | None:
    """The answer kept there, or None."""
    kept = optional_redis.run(lambda redis: redis.get(key))
    if kept is None:
        return None
    try:
        answer: dict[str, Any] = json.loads(secrets.decrypt(cast(bytes, kept)))
    except secrets.UndecryptableError:  # the deployment's secret was changed since
        return None
    return answer


def keep(key: str, answer: Mapping[str, Any]) -> None:
    """Keep an answer for as long as the settings say."""
    hidden = secrets.encrypt(json.dumps(answer).encode())

    def store(redis: Redis) -> bool:
        return bool(redis.set(key, hidden, ex=settings().cache_seconds))

    optional_redis.run(store)
