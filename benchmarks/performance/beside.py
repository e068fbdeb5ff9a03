"""Peers that are processes of their own, on a free port, for as long as they are needed."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.performance.provenance import ROOT
from local.ports import free_port

READY_SECONDS = 60.0


@contextmanager
def beside(module: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run `python -m MODULE PORT` until left; its address. Raises RuntimeError when it does not listen in time."""
    port = free_port(0)
    command = [sys.executable, "-m", module, str(port)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environment or {})}) as process:
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not listen")
