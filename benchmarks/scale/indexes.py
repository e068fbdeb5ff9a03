"""The indexes of scores: put off while many rows are loaded, and built at once afterwards."""

from sqlalchemy import Connection, text
from sqlalchemy.schema import AddConstraint, CreateIndex

from db.tables import Base, Score

TABLE = Base.metadata.tables[Score.__tablename__]


def drop(connection: Connection) -> None:
    """Leave scores without indexes and primary key."""
    connection.exec_driver_sql(f"ALTER TABLE scores DROP CONSTRAINT IF EXISTS {TABLE.primary_key.name}")
    for index in TABLE.indexes:
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {index.name}")


def build(connection: Connection) -> None:
    """Build those that are missing, as the models have them, whoever dropped them."""
    connection.exec_driver_sql("SET maintenance_work_mem = '512MB'")
    if not _exists(connection, str(TABLE.primary_key.name)):
        connection.execute(AddConstraint(TABLE.primary_key))
    for index in TABLE.indexes:
        if not _exists(connection, str(index.name)):
            connection.execute(CreateIndex(index))


def _exists(connection: Connection, name: str) -> bool:
    return bool(connection.scalar(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": name}))
