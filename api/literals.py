"""Columns that hold Python list literals, as in resume_data.csv: `['Python', None, ['SQL', 'N/A']]`.

scoring.text.clean_field reads the same columns for the models; a test holds the two together.
"""

import ast
from collections.abc import Iterator

NOTHING = frozenset({"", "none", "n/a", "nan", "null"})
"""Spellings of "no value", in lower case."""


def tidy(value: str) -> str:
    """A column as text: the entries of a list, nested ones too, joined by ", "; other text stripped; "" for nothing."""
    entries = (entry.strip() for entry in _entries(value.strip()))
    return ", ".join(entry for entry in entries if entry.lower() not in NOTHING)


def flatten(value: object) -> Iterator[str]:
    """Texts and numbers of a nested list, in order; None is passed over. Raises TypeError for anything else."""
    if isinstance(value, list | tuple):
        for entry in value:
            yield from flatten(entry)
    elif isinstance(value, str | int | float):
        yield str(value)
    elif value is not None:
        raise TypeError(f"{type(value).__name__} in a list")


def _entries(value: str) -> Iterator[str]:
    if value.startswith("["):
        try:
            yield from list(flatten(ast.literal_eval(value)))
            return
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            pass  # a text that merely begins with a bracket
    yield value
