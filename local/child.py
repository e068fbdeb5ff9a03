"""Child processes that never outlive their parent, and how to stop one."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.account import Account

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)  # loaded here: between fork and exec nothing may be imported


@dataclass(frozen=True, slots=True)
class Command:
    """What to start: `death_signal` is what the kernel sends it when the parent dies, even by SIGKILL."""

    argv: Sequence[str]
    log: Path
    env: Mapping[str, str]
    cwd: Path
    death_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None
    stdin: bytes = b""

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a session of its own, so that Ctrl-C reaches only the parent, which stops children in order.

        Must be called from a thread that lives as long as the parent: the kernel's death signal is tied to the thread.
        """
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.argv,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.env),
                cwd=self.cwd,
                start_new_session=True,
                preexec_fn=_tied_to(os.getpid(), self.death_signal),
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
            )
        assert process.stdin is not None
        try:
            process.stdin.write(self.stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it died at once; whoever waits for it to be ready will see that and read its log
        return process


def _tied_to(parent: int, death_signal: int) -> Callable[[], None]:
    """Runs in the child after its user was set (a change of user clears the death signal, see prctl(2))."""

    def tie() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the call above
            os._exit(1)

    return tie


def stop(process: subprocess.Popen[bytes], signals: Sequence[signal.Signals], grace: float) -> int:
    """Send each of `signals` in turn until the process has ended, waiting `grace` seconds after each; then SIGKILL."""
    for signum in signals:
        if process.poll() is not None:
            break
        process.send_signal(signum)
        try:
            return process.wait(grace)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
    return process.wait()
