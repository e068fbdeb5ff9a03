"""Single statements that are asked again and again: Postgres plans each once a connection.

For connections on which each message is a transaction of its own. A connection belongs to one session of the server.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event

OPTIONS = "-c plan_cache_mode=force_generic_plan"
"""Rows are found by keys, whatever the keys: no plan is made for one of them."""
_PREPARED = "prepared"


def listen(engine: Engine) -> None:
    """Ask through this engine so. With the execution option `tenant` a statement is bound to the tenant."""
    event.listen(engine, "before_cursor_execute", _execute, retval=True)


def _execute(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> tuple[str, Any]:
    prepared: dict[str, str] = connection.info.setdefault(_PREPARED, {})
    if (execute := prepared.get(statement)) is None:
        name = f"asked_{len(prepared)}"
        places = {key: f"${place}" for place, key in enumerate(parameters, start=1)}
        cursor.execute(f"PREPARE {name} AS {statement % places}")
        told = ", ".join(f"%({key})s" for key in parameters)
        execute = prepared[statement] = f"EXECUTE {name}({told})" if told else f"EXECUTE {name}"
    tenant = connection.get_execution_options().get("tenant")
    # Postgres runs the statements of one message in one transaction, and psycopg2 gives the rows of the last.
    return f"SELECT set_config('app.tenant', '{tenant}', true); {execute}" if tenant else execute, parameters
