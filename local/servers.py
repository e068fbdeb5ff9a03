"""The embedded Postgres and Redis: the real servers, only started by us instead of by an operator."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.account import Account, reachable_home, temporary_home
from local.postgres import Postgres, ServerError, start_postgres
from local.redis_server import RedisServer, start_redis


@dataclass(frozen=True, slots=True)
class Servers:
    """Both servers, running. `home` holds their data and logs."""

    home: Path
    postgres: Postgres
    redis: RedisServer

    @property
    def superuser_url(self) -> str:
        return self.postgres.url()

    @property
    def redis_url(self) -> str:
        return self.redis.url

    @classmethod
    @contextmanager
    def start(cls, directory: Path, *, durable: bool = True) -> Iterator[Servers]:
        """Start both on data kept in `directory`; stop both when left, or when this process dies in whatever way.

        Raises ServerError when they cannot be started, or another process already runs them on this directory.
        """
        account = Account.for_servers()
        home = reachable_home(directory, account)
        with ExitStack() as stack:
            stack.enter_context(_sole_owner(home))
            redis = start_redis(home, account)
            stack.callback(redis.stop)
            postgres = start_postgres(home, account, durable=durable)
            stack.callback(postgres.stop)
            yield cls(home, postgres, redis)

    @classmethod
    @contextmanager
    def temporary(cls) -> Iterator[Servers]:
        """Start both, fast and unsafe against power cuts, on data that are deleted afterwards."""
        directory = temporary_home(Account.for_servers())
        try:
            with cls.start(directory, durable=False) as servers:
                yield servers
        finally:
            shutil.rmtree(directory)


@contextmanager
def _sole_owner(home: Path) -> Iterator[None]:
    """Hold a lock that the kernel lets go of when this process ends."""
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ServerError(f"another winnow already runs on {home}; stop it first") from None
        yield
