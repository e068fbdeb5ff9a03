"""Alembic's entry: migrations run as the owner of the tables, in one transaction each.

None waits long for a lock, as whoever comes after it in the queue would wait with it: it gives up after LOCK_TIMEOUT,
and is begun anew after a pause in which the others get on.
"""

import logging
import time
from typing import Any

from alembic import context
from psycopg2.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError

from db.engine import CONNECT_ARGS
from db.settings import database_url
from db.tables import Base

logger = logging.getLogger(__name__)

LOCK_TIMEOUT = "2s"
TRIES = 60
PAUSE_SECONDS = 2.0


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave the monthly partitions out of comparisons: a function makes them, no model names them."""
    return not (kind == "table" and reflected and name is not None and name.startswith(("scores_", "assessments_")))


def run() -> None:
    """Run the migrations over a connection of their own, again and again while others hold what they need."""
    options = {**CONNECT_ARGS, "options": f"-c lock_timeout={LOCK_TIMEOUT}"}
    engine = create_engine(database_url("DATABASE_OWNER_URL"), connect_args=options)
    try:
        for tries_left in reversed(range(TRIES)):
            try:
                with engine.connect() as connection:
                    _migrate(connection)
                return
            except OperationalError as error:
                if not tries_left or not isinstance(error.orig, (LockNotAvailable, DeadlockDetected)):
                    raise
                logger.warning("a migration did not get its lock within %s; trying again", LOCK_TIMEOUT)
                time.sleep(PAUSE_SECONDS)
    finally:
        engine.dispose()


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
