"""`GET /metrics` for Prometheus, on a port of its own: how much is going on is for operators, not for callers."""

import logging
import os
import threading
import time

from prometheus_client import start_http_server

AGAIN_SECONDS = 5.0

logger = logging.getLogger(__name__)


def serve() -> None:
    """Serve this process's numbers at WINNOW_METRICS_HOST and WINNOW_METRICS_PORT; without a port, or with 0, do not.

    A port that is taken ends nothing: it is tried again until it is free, and the log tells. Raises PortError.
    """
    port = _port(os.environ.get("WINNOW_METRICS_PORT") or "0")
    host = os.environ.get("WINNOW_METRICS_HOST") or "127.0.0.1"
    if port:
        threading.Thread(target=_serve, args=(host, port), name="metrics", daemon=True).start()


class PortError(Exception):
    """WINNOW_METRICS_PORT is no port."""

    for_operators = True


def _port(told: str) -> int:
    if not (told.isascii() and told.isdecimal() and int(told) < 2**16):
        raise PortError(f"WINNOW_METRICS_PORT is {told!r}: set it to a port, or to 0 for none.")
    return int(told)


def _serve(host: str, port: int) -> None:
    while True:
        try:
            start_http_server(port, host)
            return
        except OSError as error:
            logger.error("metrics not served", extra={"host": host, "port": port, "error": error.strerror})
            time.sleep(AGAIN_SECONDS)
