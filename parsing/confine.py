"""What a process gives up before it opens a document it does not trust."""

import contextlib
import math
import os
import resource
from pathlib import Path


def confine(seconds: float, address_space: int) -> None:
    """Bound this process for good: CPU seconds, bytes of address space, no new file or socket, no child, no core.

    Descriptors already open stay usable. With RLIMIT_NOFILE at 0 the kernel refuses every call that would make a new
    one (open, socket, accept, pipe), so neither the disk nor the network can be reached; everything must have been
    imported before. Linux does not hold root to RLIMIT_NPROC, but a new process inherits all other limits.
    """
    cpu = math.ceil(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))  # SIGXCPU, which tells why, before SIGKILL
    for name, limit in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(name, (limit, limit))


def silence(keep: tuple[int, ...]) -> None:
    """Point stdin, stdout and stderr at /dev/null (libraries quote documents in warnings) and close all but `keep`."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    for descriptor in [int(each.name) for each in Path("/proc/self/fd").iterdir()]:
        if descriptor > 2 and descriptor not in keep:
            with contextlib.suppress(OSError):  # the listing's own, closed already
                os.close(descriptor)
