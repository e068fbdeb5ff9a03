"""Redacted texts, kept in a file: redacting 27,000 resumes takes some minutes, and every training needs them.

Whoever finds the file missing writes it. Its name holds the data's fingerprint; it is trusted as long as the redactor
makes the same of every CHECKED-th text, whatever else has changed in its sources.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from scoring.redact import Redacted, redact, redact_part
from scoring.text import plain

CACHE = Path("runs/cache")
WORTH_KEEPING = 2_000_000
"""Characters; fewer are redacted in about two seconds."""
CHECKED = 50


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
    return directory / f"redacted-{sort}-{fingerprint[:16]}-{count}.parquet"


def _kept(texts: Sequence[str], redactor: Callable[[str], Redacted], path: Path) -> list[str]:
    def redacted(text: str) -> str:
        return redactor(plain(text).text).text

    if sum(map(len, texts)) < WORTH_KEEPING:
        return list(map(redacted, texts))
    kept = [str(text) for text in pd.read_parquet(path)["text"]] if path.exists() else []
    if kept and kept[::CHECKED] == list(map(redacted, texts[::CHECKED])):
        return kept
    kept = list(map(redacted, tqdm(texts, desc="redacting")))
    keep(kept, path)
    return kept


def keep(redacted: Sequence[str], path: Path) -> None:
    """Write the file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    pd.DataFrame({"text": redacted}).to_parquet(partial, compression="zstd")
    partial.replace(path)
