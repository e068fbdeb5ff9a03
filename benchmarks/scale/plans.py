"""How Postgres finds the rows of a query: which tables it reads from end to end, and which indexes it uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Plans:
    """What the statements of a session did: a (table, index) pair a scan, the index empty where all rows were read."""

    scans: set[tuple[str, str]] = field(default_factory=set)
    sorts: set[str] = field(default_factory=set)

    def read_whole(self, table: str) -> bool:
        """Whether a table, or a partition of it, was read from end to end."""
        return any(not index and name.startswith(table) for name, index in self.scans)

    def add(self, node: dict[str, Any]) -> None:
        """A node of EXPLAIN's JSON, and those below it."""
        if "Scan" in node["Node Type"] and "Bitmap Heap" not in node["Node Type"]:
            self.scans.add((node.get("Relation Name", ""), node.get("Index Name", "")))
        if node["Node Type"] == "Sort":
            self.sorts.add(", ".join(node["Sort Key"]))
        for below in node.get("Plans", ()):
            self.add(below)


@contextmanager
def explained(session: Session) -> Iterator[Plans]:
    """Every SELECT of the session is explained just before it is run, as a server-side cursor where it is one."""
    plans = Plans()

    def explain(_: Connection, cursor: Any, statement: str, parameters: Any, *__: Any) -> None:
        if statement.lstrip().startswith("SELECT") and "set_config" not in statement:
            declared = "DECLARE explained CURSOR FOR" if cursor.name else ""
            with cursor.connection.cursor() as own:
                own.execute(f"EXPLAIN (FORMAT JSON) {declared} {statement}", parameters)
                plans.add(own.fetchone()[0][0]["Plan"])

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(connection, "before_cursor_execute", explain)
