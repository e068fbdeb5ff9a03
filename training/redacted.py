"""Redacted texts, kept in a file: redacting 27,000 resumes takes some minutes, and every training needs them.

Whoever finds the file missing writes it. Its name holds the data's fingerprint and the redactor's version.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pandas as pd
from tqdm import tqdm

import scoring.edited
import scoring.fields
import scoring.redact
import scoring.redaction
import scoring.spans
import scoring.text
import scoring.wordlists
from scoring.redact import Redacted, redact, redact_part
from scoring.text import plain

CACHE = Path("runs/cache")
WORTH_KEEPING = 2_000_000
"""Characters; fewer are redacted in about two seconds."""
_SOURCES = (
    scoring.edited, scoring.fields, scoring.redact, scoring.redaction, scoring.spans, scoring.text, scoring.wordlists,
)  # fmt: skip


def redacted_resumes(texts: Sequence[str], fingerprint: str, directory: Path = CACHE) -> list[str]:
    """What moderation reads of every resume: placeholders in it, lines kept (`scoring.readable.encoder_text` makes the
    encoder's of it). `fingerprint`: the sha256 of the file that holds these texts, all of them, in this order.
    """
    return _kept(texts, redact, cache_path("resumes", len(texts), fingerprint, directory))


def redacted_messages(texts: Sequence[str], fingerprint: str, directory: Path = CACHE) -> list[str]:
    """The same of texts that are no resumes: messages, comments, postings."""
    return _kept(texts, redact_part, cache_path("messages", len(texts), fingerprint, directory))


def cache_path(sort: str, count: int, fingerprint: str, directory: Path = CACHE) -> Path:
    """Where the redacted texts of a file lie, or would lie."""
    return directory / f"redacted-{sort}-{fingerprint[:16]}-{count}-{redactor_version()[:16]}.parquet"


def _kept(texts: Sequence[str], redactor: Callable[[str], Redacted], path: Path) -> list[str]:
    if sum(map(len, texts)) < WORTH_KEEPING:
        return [redactor(plain(text).text).text for text in texts]
    if not path.exists():
        keep([redactor(plain(text).text).text for text in tqdm(texts, desc="redacting")], path)
    return [str(text) for text in pd.read_parquet(path)["text"]]


def keep(redacted: Sequence[str], path: Path) -> None:
    """Write the file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    pd.DataFrame({"text": redacted}).to_parquet(partial, compression="zstd")
    partial.replace(path)


@cache
def redactor_version() -> str:
    """The sha256 (hex) of every source and word list that decides what is redacted."""
    digest = hashlib.sha256()
    for module in _SOURCES:
        source = Path(str(module.__file__))
        files = source.parent.glob("*.[pt]*") if source.name == "__init__.py" else [source]
        for file in sorted(files):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
