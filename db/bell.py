"""The bell: what begins work rings it as it commits, and the relay, which looks ever less often, looks at once.

Nothing depends on it: what is not rung for is found at the next look. Transactions that ring commit one after another
(Postgres locks NOTIFY), so only those do that begin work: not every claim and not every score.
"""

import select
from contextlib import suppress
from typing import Any

import psycopg2
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

CHANNEL = "winnow_due"


def ring(session: Session) -> None:
    """Wake the relay once this transaction has committed."""
    session.execute(text(f"NOTIFY {CHANNEL}"))


def listen(connection: Connection) -> None:
    """Hear the bell over this connection from its next commit on."""
    connection.execute(text(f"LISTEN {CHANNEL}"))


def wait(connection: Connection, seconds: float) -> bool:
    """Wait between two transactions, for so long at most; returns whether the bell rang.

    A connection that has ended returns at once; what is asked over it next tells of that.
    """
    driver: Any = connection.connection.dbapi_connection  # psycopg2's
    with suppress(psycopg2.Error):
        if not driver.notifies:  # it may have rung while a transaction was read
            select.select([driver], [], [], seconds)
            driver.poll()
        rang = bool(driver.notifies)
        driver.notifies.clear()
        return rang
    return False
