"""Serves the API: `python -m api`, at WINNOW_API_HOST and WINNOW_API_PORT."""

import uvicorn

from api.settings import settings
from db import engine
from db.settings import scoring_format
from telemetry import exposition, logs, reachability
from workers.celery_app import redis_client


def main() -> None:
    """Answer until told to end."""
    logs.set_up("api")
    scoring_format()  # a wrong setting ends the process at once, not the first screening
    exposition.serve()
    reachability.watch("postgres", engine.ping)
    reachability.watch("redis", redis_client().ping)
    uvicorn.run(
        "api.app:app",
        host=settings().host,
        port=settings().port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=30,
    )


if __name__ == "__main__":
    main()
