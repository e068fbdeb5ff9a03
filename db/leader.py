"""One of several like processes leads: the one whose connection holds the lock, which Postgres drops with it.

A leader that hangs, or whose machine is gone, leads no longer than SILENCE: then Postgres ends its connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from db import bell
from db.engine import system_engine

SILENCE = 7  # seconds
_GUARDS = {
    "idle_session_timeout": f"{SILENCE}s",
    "idle_in_transaction_session_timeout": f"{SILENCE}s",
    "tcp_user_timeout": f"{SILENCE}s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "4",
}


@dataclass(frozen=True, slots=True)
class Leader:
    """Proof of leading. What a leader does goes over the connection that holds the lock, so it cannot outlive it."""

    connection: Connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction of the system role."""
        with Session(self.connection, expire_on_commit=False) as session, session.begin():
            yield session

    def rest(self, seconds: float) -> bool:
        """Do nothing for so long, or until somebody tells of work that is due: then it returns True."""
        return bell.wait(self.connection, seconds)


@contextmanager
def lead(name: str) -> Iterator[Leader | None]:
    """Lead under this name while the block lasts; None when another does. Raises DBAPIError when it cannot ask."""
    with system_engine().connect() as connection:
        connection.detach()  # never pooled: closing it is what gives the lock up
        for guard, value in _GUARDS.items():
            connection.execute(select(func.set_config(guard, value, False)))
        took = connection.scalar(text("SELECT pg_try_advisory_lock(hashtext(:name))"), {"name": name})
        bell.listen(connection)
        connection.commit()
        yield Leader(connection) if took else None
