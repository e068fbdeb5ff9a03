"""Serves the API: `python -m api`, at WINNOW_API_HOST and WINNOW_API_PORT."""

import uvicorn

from api.settings import settings

if __name__ == "__main__":
    uvicorn.run(
        "api.app:app", host=settings().host, port=settings().port, access_log=False, timeout_graceful_shutdown=30
    )
