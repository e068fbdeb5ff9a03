"""One comparison: Winnow against a peer that does the same work, as ratios of one run."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """What the median must reach: at least or at most `bound`. `unit` follows the figure: x, % ..."""

    bound: float
    at_most: bool = False
    unit: str = "x"

    def met(self, value: float) -> bool:
        """Whether the value is good enough."""
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {figure(self.bound)}{self.unit}"


@dataclass(frozen=True, slots=True)
class Curve:
    """How a cost grows: a line a label, each of points (x, y); `x` and `y` name the axes with their units."""

    x: str
    y: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured.

    `values`: one a repeat; usually the ratio of two rates that were measured right after each other. `rates`: medians
    of the absolute figures, each named with its unit ("Winnow, pairs/s"). `ceiling`: what could be reached at most, and
    why. `n`: pairs, rows or calls of one repeat. `texts`: on what. `limit`: what holds the figure where it is and what
    was tried, shown when the target is missed.
    """

    name: str
    against: str
    target: Target
    values: Sequence[float]
    rates: Mapping[str, float]
    ceiling: str
    n: int
    texts: str
    limit: str = ""
    curve: Curve | None = field(default=None)

    @property
    def median(self) -> float:
        """Of the repeats."""
        return statistics.median(self.values)

    @property
    def met(self) -> bool:
        """Whether the median reaches the target."""
        return self.target.met(self.median)


def figure(value: float) -> str:
    """Three digits that mean something, or all there are of a large number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
