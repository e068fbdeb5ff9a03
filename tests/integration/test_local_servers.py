"""The embedded servers: they start, keep their data, and leave no process behind in any way of ending."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from local.account import Account, temporary_home
from local.postgres import ServerError
from local.servers import Servers

HOLD = """
import sys, time
from pathlib import Path
from local.servers import Servers
with Servers.start(Path(sys.argv[1]), durable=False) as servers:
    print(servers.postgres.process.pid, servers.redis.process.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:

    directory = temporary_home(Account.for_servers())
    yield directory
    shutil.rmtree(directory)


def query(servers: Servers, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(servers.superuser_url.replace("+psycopg2", ""))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def gone(pid: int, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def test_speaks_utf8_on_loopback_only_and_asks_for_a_password(servers: Servers) -> None:
    assert query(servers, "SHOW server_encoding") == [("UTF8",)]
    assert query(servers, "SHOW listen_addresses") == [("127.0.0.1",)]
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host="127.0.0.1", port=servers.postgres.port, user="postgres", password="wrong")
    with redis.Redis(port=servers.redis.port, retry=Retry(NoBackoff(), 0)) as stranger:
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
def test_servers_of_root_run_as_an_unprivileged_user(servers: Servers) -> None:
    for process in (servers.postgres.process, servers.redis.process):
        assert Path(f"/proc/{process.pid}").stat().st_uid != 0


def test_data_survive_a_second_start(home: Path) -> None:
    with Servers.start(home, durable=False) as first:
        query(first, "CREATE TABLE kept AS SELECT 42 AS answer")
    with Servers.start(home, durable=False) as second:
        assert query(second, "SELECT answer FROM kept") == [(42,)]


def test_an_interrupted_initdb_is_begun_again(home: Path) -> None:
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "PG_VERSION").write_text("18")
    with Servers.start(home, durable=False) as servers:
        assert query(servers, "SELECT 1") == [(1,)]


def test_a_killed_owner_takes_its_servers_along_and_the_next_one_starts(home: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", HOLD, str(home)], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        with pytest.raises(ServerError, match="already runs"), Servers.start(home, durable=False):
            pass
        owner.send_signal(signal.SIGKILL)
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)
    with Servers.start(home, durable=False) as servers:
        assert query(servers, "SELECT 1") == [(1,)]


def test_a_stale_process_number_does_not_keep_postgres_from_starting(home: Path) -> None:
    with Servers.start(home, durable=False):
        lines = (home / "postgres" / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getpid())  # the number went to a living program since
    (home / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    with Servers.start(home, durable=False) as servers:
        assert query(servers, "SELECT 1") == [(1,)]


def test_a_folder_that_the_account_cannot_enter_is_replaced_by_one_it_can(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    with Servers.start(private / "data", durable=False) as servers:
        assert query(servers, "SELECT 1") == [(1,)]
        home = servers.home
    if home != private / "data":
        assert os.geteuid() == 0
        shutil.rmtree(home)
