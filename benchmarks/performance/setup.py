"""What a row is measured with: its size, how often, on which data, and a folder of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

Size = Literal["small", "full"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setup:
    """`data`: the folder of the public data sets (docs/PERFORMANCE.md), if any. `folder` goes away afterwards."""

    size: Size
    repeats: int
    folder: Path
    data: Path | None = None

    def of(self, small: T, full: T) -> T:
        """One of the two, by size."""
        return full if self.size == "full" else small

    def real(self, name: str) -> Path | None:
        """A file of the public data sets; None when it is not here, and a row must do with samples and say so."""
        path = self.data / name if self.data else None
        return path if path and path.exists() else None
