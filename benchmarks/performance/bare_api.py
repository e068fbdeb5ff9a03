"""A FastAPI endpoint that does one primary-key SELECT: what a poll of a screening costs at least.

`python -m benchmarks.performance.bare_api PORT`, with the database in WINNOW_BARE_DATABASE. Its settings are the API's.
"""

import os
import sys
from typing import Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from sqlalchemy import create_engine, text

from db.engine import CONNECT_ARGS

app = FastAPI()
_engine = create_engine(
    os.environ.get("WINNOW_BARE_DATABASE", "postgresql+psycopg2://"),
    pool_pre_ping=True, pool_size=20, max_overflow=0, connect_args=CONNECT_ARGS,
)  # fmt: skip
_SELECT = text(
    "SELECT id, state, total, scored, errored, canceled FROM screenings WHERE tenant_id = :tenant AND id = :id"
)


@app.get("/{tenant}/{id}")
def screening(tenant: UUID, id: UUID) -> dict[str, Any]:
    """The counters of a screening."""
    with _engine.connect() as connection:
        return dict(connection.execute(_SELECT, {"tenant": tenant, "id": id}).mappings().one())


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_config=None)
