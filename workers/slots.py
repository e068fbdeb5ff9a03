"""The slots of a worker: threads in which tasks run, whose end wakes the event loop that brings the next message."""

import threading
from typing import Any

from celery.concurrency.thread import ApplyResult, TaskPool
from kombu.asynchronous import Hub


class Slots(TaskPool):  # type: ignore[misc]
    """Celery's pool of threads, by which a loop without work can sleep until Redis answers or a timer is due.

    Without it a message that waits for a free slot would lie there until the next timer: up to a second, measured.
    """

    _hub: Hub | None = None

    def register_with_event_loop(self, hub: Hub) -> None:
        """Celery's hook, called whenever its loop begins: at the start, and after each reconnection."""
        self._hub = hub

    def on_apply(self, *arguments: Any, **options: Any) -> ApplyResult:
        """Run a task in a thread. By the end of the future Celery counts its slot as free."""
        result = super().on_apply(*arguments, **options)
        result.f.add_done_callback(lambda _: self.wake())
        return result

    def wake(self) -> None:
        """Have the loop turn once; from any thread but the loop's, and from no handler of signals."""
        if self._hub is not None:
            self._hub.call_soon(_nothing)  # type: ignore[no-untyped-call]

    def wake_at(self, event: threading.Event) -> None:
        """Have the loop turn once the event is set, by a handler of signals: those do not wake it either."""

        def wait() -> None:
            event.wait()
            self.wake()

        threading.Thread(target=wait, name="wake", daemon=True).start()


def _nothing() -> None:
    """What the loop does when it was woken for its own sake: it looks for free slots at every turn."""
