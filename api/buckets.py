"""Token buckets in Redis: a bucket holds so many tokens, is filled at a steady rate, and each call takes one.

Taking is one script, so one round trip, and told by the clock of Redis, so that every process counts the same.
"""

import math
from dataclasses import dataclass

from redis import Redis

from api.optional_redis import optional_redis

# Tokens are kept as a fraction; a bucket that is full again is forgotten by its expiry.
TAKE = """
local rate, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local passed = math.max(0, now - (tonumber(kept[2]) or now))
local tokens = math.min(size, (tonumber(kept[1]) or size) + passed * rate)
local taken = 0
if tokens >= 1 then
    tokens, taken = tokens - 1, 1
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(1000 * (size - tokens) / rate) + 1000)
return {taken, string.format('%.6f', tokens)}
"""


@dataclass(frozen=True, slots=True)
class Take:
    """What came of taking a token: whether there was one, and how many are left (a fraction counts)."""

    granted: bool
    left: float
    per_minute: int

    @property
    def next_seconds(self) -> int:
        """Whole seconds until there is a token more than now, at least 1."""
        missing = 1.0 - (self.left - math.floor(self.left))
        return max(1, math.ceil(60.0 * missing / self.per_minute))


def take(name: str, per_minute: int, size: int | None = None) -> Take | None:
    """Take one token of the bucket `name`, which holds `size` or a minute's worth; None when Redis is away."""

    def script(redis: Redis) -> Take:
        granted, left = redis.register_script(TAKE)([f"bucket:{name}"], [per_minute / 60.0, size or per_minute])
        return Take(bool(granted), float(left), per_minute)

    return optional_redis.run(script)
