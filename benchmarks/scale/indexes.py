"""The indexes of scores: put off while many rows are loaded, and how large each is."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.schema import AddConstraint, CreateIndex

from db.tables import Base, Score

TABLE = Base.metadata.tables[Score.__tablename__]


@contextmanager
def dropped(connection: Connection) -> Iterator[None]:
    """Without indexes and primary key; both are built anew at the end, as the models have them.

    A run that was killed leaves the table without; the next ends with them all the same.
    """
    connection.exec_driver_sql(f"ALTER TABLE scores DROP CONSTRAINT IF EXISTS {TABLE.primary_key.name}")
    for index in TABLE.indexes:
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {index.name}")
    yield
    connection.exec_driver_sql("SET maintenance_work_mem = '512MB'")
    connection.execute(AddConstraint(TABLE.primary_key))
    for index in TABLE.indexes:
        connection.execute(CreateIndex(index))
