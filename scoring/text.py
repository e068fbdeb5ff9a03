"""Plain text: what every model's text is cleaned by, and the hash of what it read. Resumes: scoring.readable."""

import ast
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator

from scoring.edited import Edit, Edited
from scoring.inputs import Job

_UNPLAIN = re.compile(
    r"(?P<search_hit></?span(?:\s+class=\"hl\")?\s*>)"
    r"|(?P<gap>\s{9,})|(?P<line_end>\r\n|[\r\x0b\x0c\x85\u2028\u2029])"
    r"|(?P<control>[\x00-\x08\x0e-\x1f\x7f\ufffd\ufeff\u200b-\u200f\u202a-\u202e\u2060\ud800-\udfff])"
    r"|(?P<decomposed>[^\u0300-\u036f][\u0300-\u036f]+)"
)
"""Search-hit tags are those that the corpus's search engine left around query words: they mark the query, not the
applicant. Rules for names do not know a letter with its marks apart, and take time by the square of a gap's length."""
_PLAIN = {"search_hit": "", "line_end": "\n", "control": " "}
_NOTHING = frozenset({"", "none", "n/a", "nan", "null"})


def plain(text: str) -> Edited:
    """Text without search-hit tags, control characters and lone surrogates, its lines and its layout kept.

    Lines end in \\n, letters are composed, gaps are short; every offset leads back to the text that was given.
    """
    found = _UNPLAIN.finditer(text)
    return Edited.of(text, [Edit(*match.span(), _plain(match)) for match in found])


def normalise(text: str) -> str:
    """Plain text in composed Unicode (NFC) with one space for every run of white space.

    The tokenizer reads no white space, so a model loses nothing of it.
    """
    return " ".join(unicodedata.normalize("NFC", plain(text).text).split())


def clean_field(value: str) -> str:
    """A column as plain text: a Python list literal (nested too) becomes its entries, None and 'N/A' dropped.

    Cleaning what is already clean changes nothing.
    """
    return ", ".join(entry for entry in map(normalise, _entries(value)) if entry.lower() not in _NOTHING)


def job_text(job: Job) -> str:
    """What the match model reads of a job: its title, and as a part of its own all else."""
    details = [clean_field(part) for part in (job.education, job.experience, job.skills)]
    rest = " ".join(part for part in (*details, normalise(job.description)) if part)
    return "\n\n".join(part for part in (normalise(job.title), rest) if part)


def input_hash(*texts: str) -> str:
    """The sha256 (hex) of a model's canonical input: the texts in order, told apart whatever they hold."""
    return hashlib.sha256(json.dumps(texts).encode("ascii")).hexdigest()


def _plain(match: re.Match[str]) -> str:
    if match.lastgroup == "decomposed":
        return unicodedata.normalize("NFC", match.group())
    if match.lastgroup == "gap":
        return "\n" * min(2, len(match.group().splitlines()) - 1) or " " * 4
    return _PLAIN[match.lastgroup or ""]


def _entries(value: str) -> Iterator[str]:
    if value.lstrip().startswith("["):
        try:
            yield from list(_flatten(ast.literal_eval(value.strip())))
            return
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            pass  # a text that merely begins with a bracket
    yield value


def _flatten(value: object) -> Iterator[str]:
    """Raises TypeError for a set, whose order no two processes agree on, and for a dictionary, which may hold one."""
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _flatten(entry)
    elif isinstance(value, str | int | float):
        yield str(value)
    elif value is not None:
        raise TypeError(f"{type(value).__name__} in a list")
