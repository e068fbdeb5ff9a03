"""Batches side by side on a CPU, each computed by one thread on one core.

torch would rather share every operation out among its threads. These then wait for each other a hundred times a batch,
and while anything else wants a core, a model that prepares the next texts or a database, all wait for the one that was
put off. Threads with a batch each wait for nothing.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

import torch

T = TypeVar("T")
R = TypeVar("R")

_beginning = threading.Lock()


class Lanes:
    """So many threads that compute; each has one core, and operations in it have no other."""

    def __init__(self, count: int) -> None:
        self.count = count
        if count > 1:
            begun = threading.Barrier(count + 1)
            self._threads = ThreadPoolExecutor(count, "lane", initializer=_have_one_core, initargs=(begun,))
            for _ in range(count):  # each starts a thread, as none gets past the barrier and is idle
                self._threads.submit(int)
            begun.wait()
            torch.set_num_threads(count)  # what a thread sets holds for itself and for threads to come: ours, again

    def each(self, work: Callable[[T], R], tasks: Sequence[T], on_done: Callable[[T, R], None]) -> None:
        """Work on all tasks; `on_done` is called here with each and its result, in order; it may raise, to end all.

        Nothing is computed any more when this returns or raises. A task alone has all cores.
        """
        if self.count == 1 or len(tasks) == 1:
            for task in tasks:
                on_done(task, work(task))
            return
        futures = [self._threads.submit(work, task) for task in tasks]
        try:
            for task, future in zip(tasks, futures, strict=True):
                on_done(task, future.result())
        finally:
            for future in futures:
                future.cancel()
            wait(futures)


def lanes(device: str) -> Lanes:
    """On a CPU as many as torch has threads (OMP_NUM_THREADS, or a thread a core); an accelerator is one by itself."""
    with _beginning:
        return _lanes(torch.get_num_threads() if device == "cpu" else 1)


@cache
def _lanes(count: int) -> Lanes:
    return Lanes(count)


def _have_one_core(begun: threading.Barrier) -> None:
    torch.get_num_threads()  # a thread that has not asked yet takes, when it does, what was set last anywhere
    torch.set_num_threads(1)
    begun.wait()
