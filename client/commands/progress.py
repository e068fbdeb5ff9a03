"""Progress of a bulk screening: a bar for each step, as it begins."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from client.bulk import Hear
from client.commands.talk import Talk


class Bars:
    """Call it with (step, done, total); a step's bar appears when it is first heard of. Use it in `with`."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<20}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show that `done` of `total` is done; the total may grow while archives are unpacked."""
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=total, note="")
        note = decimal(total) if step.startswith("Uploading") else f"{done:,} of {total:,}"
        self._progress.update(self._tasks[step], completed=done, total=total, note=note)

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


def silent_or_bars(talk: Talk) -> AbstractContextManager[Hear]:
    """Bars for people, nothing for programs."""
    return nullcontext(lambda step, done, total: None) if talk.as_json else Bars(talk.aside)
