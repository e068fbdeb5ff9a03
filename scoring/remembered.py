"""What was worked out of a word, kept for the next text that has it: resumes share most of their words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_KEPT = 1 << 17
LONGEST_KEPT = 40
"""Characters; longer words are rare, and a hostile text may be one word."""


@dataclass(slots=True)
class Remembered(Generic[T]):
    """`work`: strings, each once, to one result each, none of which depends on another string."""

    work: Callable[[list[str]], Iterable[T]]
    _kept: dict[str, T] = field(default_factory=dict)

    def of(self, words: Sequence[str]) -> list[T]:
        """The result of every word. Threads may ask at once: what is full is replaced, never emptied."""
        kept = self._kept
        unknown = [word for word in dict.fromkeys(words) if word not in kept]
        new = dict(zip(unknown, self.work(unknown), strict=True)) if unknown else {}
        results = [new[word] if word in new else kept[word] for word in words]
        if len(kept) + len(new) > MOST_KEPT:
            kept = self._kept = {}
        kept.update((word, result) for word, result in new.items() if len(word) <= LONGEST_KEPT)
        return results
