"""Text as the models read it, and the hash of what they read."""

import ast
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator

from scoring.inputs import MATCH_COLUMNS, Job, Resume

_SEARCH_HIT = re.compile(r"</?span(?:\s+class=\"hl\")?\s*>")
"""Tags that the corpus's search engine left around query words: they mark the query, not the applicant."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ufeff\u200b-\u200f\u2028-\u202e\u2060\ud800-\udfff]")
_NOTHING = frozenset({"", "none", "n/a", "nan", "null"})


def normalise(text: str) -> str:
    """Text in composed Unicode (NFC) without search-hit tags, control characters and lone surrogates.

    Every run of white space becomes one space: the tokenizer reads none, so a model loses nothing of it.
    """
    text = _CONTROL.sub(" ", _SEARCH_HIT.sub("", text))
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_field(value: str) -> str:
    """A column as plain text: a Python list literal (nested too) becomes its entries, None and 'N/A' dropped.

    Cleaning what is already clean changes nothing.
    """
    return ", ".join(entry for entry in map(normalise, _entries(value)) if entry.lower() not in _NOTHING)


def match_text(resume: Resume) -> str:
    """What the match model reads of a resume: the four match columns where it has any of them, else its whole text."""
    columns = [clean_field(resume.fields.get(column, "")) for column in MATCH_COLUMNS]
    if any(columns):
        return "\n\n".join(column for column in columns if column)
    return normalise(resume.text)


def job_text(job: Job) -> str:
    """What the match model reads of a job: title, education, experience and skills; without these, the description."""
    details = [clean_field(part) for part in (job.education, job.experience, job.skills)]
    parts = [normalise(job.title), *(details if any(details) else [normalise(job.description)])]
    return "\n\n".join(part for part in parts if part)


def input_hash(*texts: str) -> str:
    """The sha256 (hex) of a model's canonical input: the texts in order, told apart whatever they hold."""
    return hashlib.sha256(json.dumps(texts).encode("ascii")).hexdigest()


def _entries(value: str) -> Iterator[str]:
    if value.lstrip().startswith("["):
        try:
            yield from _flatten(ast.literal_eval(value.strip()))
            return
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass  # a text that merely begins with a bracket
    yield value


def _flatten(value: object) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _flatten(entry)
    elif value is not None:
        yield str(value)
