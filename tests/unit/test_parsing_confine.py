import signal
import subprocess
import sys

import pytest


def confined(code: str, seconds: float = 30, address_space: int = 2**30) -> subprocess.CompletedProcess[str]:
    """Run code after confine() in a process of its own; `os` and `socket` are imported before."""
    program = (
        "import os, socket, sys; from parsing.confine import confine; "
        f"out = open(sys.argv[1], 'w'); confine({seconds}, {address_space})\n{code}"
    )
    command = [sys.executable, "-c", program, "/dev/stdout"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "socket.create_connection(('127.0.0.1', 9))",
        "open('/etc/passwd')",
        "os.pipe()",
        "os.listdir('/')",
    ],
)
def test_no_new_descriptor_so_no_network_and_no_file(code: str) -> None:
    assert "Too many open files" in confined(code).stderr


def test_memory_is_bounded() -> None:
    assert "MemoryError" in confined("bytearray(2**30)").stderr
    assert confined("bytearray(2**28)").returncode == 0


def test_cpu_time_is_bounded() -> None:
    assert confined("while True: pass", seconds=0).returncode == -signal.SIGXCPU


def test_hard_limits_are_set_too() -> None:
    code = (
        "import resource\n"
        "assert resource.getrlimit(resource.RLIMIT_NOFILE) == (0, 0)\n"
        "assert resource.getrlimit(resource.RLIMIT_FSIZE) == (0, 0)\n"
        "assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)\n"
        "print('ok')"
    )
    result = confined(code.replace("import resource\n", "resource = sys.modules['resource']\n"))
    assert result.stdout == "ok\n", result.stderr
