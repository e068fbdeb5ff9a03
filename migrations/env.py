"""Alembic's entry: migrations run as the owner of the tables, in one transaction each."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine

from db.settings import database_url
from db.tables import Base


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave the monthly partitions out of comparisons: a function makes them, no model names them."""
    return not (kind == "table" and reflected and name is not None and name.startswith(("scores_", "assessments_")))


def run() -> None:
    """Run the migrations over a connection of their own."""
    engine = create_engine(database_url("DATABASE_OWNER_URL"))
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include_object,
            transaction_per_migration=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
