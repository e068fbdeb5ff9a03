"""The template processes of this process: started when needed, kept while idle, one a caller at a time."""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from parsing.errors import SandboxError
from parsing.frames import wait_readable

_ROOT = str(Path(__file__).resolve().parents[1])
# -I keeps the environment, the working directory and the user's packages out; our own folder comes last.
_BOOT = "import sys; sys.path.append(sys.argv[1]); from parsing.template import main; main()"
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


class Template:
    """A running parsing.template: own session, empty environment, no descriptor but its socket and stderr."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = _launch(theirs)
        try:
            ready = self._receive(time.monotonic() + _START_SECONDS)
        except TimeoutError:
            ready = b""
        if ready != b"ready":
            self.kill()
            raise SandboxError("the parser process did not start; what it said is on stderr")

    @property
    def pid(self) -> int:
        """Process id, and id of its session and process group."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def start(self, request: bytes, document: int, result: int) -> None:
        """Have a child work on the request; both descriptors are passed on and may be closed afterwards."""
        try:
            socket.send_fds(self._control, [request], [document, result])
        except OSError as error:
            raise SandboxError("the parser process has gone") from error

    def ended(self, deadline: float) -> int:
        """The child's exit code, or minus the signal that ended it. Raises TimeoutError, SandboxError."""
        answer = self._receive(deadline)
        if not answer:
            raise SandboxError("the parser process has gone")
        return int(answer)

    def _receive(self, deadline: float) -> bytes:
        wait_readable(self._control.fileno(), deadline)
        try:
            return self._control.recv(64)
        except ConnectionError:
            return b""

    def kill(self) -> None:
        """End the process and whatever it has forked, at once."""
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._control.close()

    def close(self) -> None:
        """Let an idle process leave."""
        self._control.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def disown(self) -> None:
        """In a forked copy of the owner: let go of the owner's process without ending it."""
        self._control.close()


def _launch(control: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-c", _BOOT, _ROOT],
        stdin=control.fileno(),
        stdout=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )


class Pool:
    """Idle templates; there are never more processes than callers at one time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Template] = []

    def take(self) -> Template:
        """An idle template, or a new one."""
        while True:
            with self._lock:
                template = self._idle.pop() if self._idle else None
            if template is None:
                return Template()
            if template.alive():
                return template
            template.kill()

    def give(self, template: Template) -> None:
        """Back for the next caller."""
        with self._lock:
            self._idle.append(template)

    def close(self) -> None:
        """End all idle templates; the next caller starts a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for template in idle:
            template.close()

    def forget(self) -> None:
        """After a fork: the templates, and perhaps the held lock, are the parent's."""
        idle, self._idle = self._idle, []
        self._lock = threading.Lock()
        for template in idle:
            template.disown()


POOL = Pool()
atexit.register(POOL.close)
os.register_at_fork(after_in_child=POOL.forget)
