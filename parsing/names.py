"""Names of archive members: decoded, cleaned, unique. They are labels; nothing is ever written under them."""

import re
import zipfile

_UTF8_FLAG = 0x800  # general purpose bit 11 (APPNOTE 4.4.4)
_DRIVE = re.compile(r"^[A-Za-z]:")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_NOISE = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
_LONGEST = 500


def member_path(entry: zipfile.ZipInfo) -> str:
    """The path with forward slashes, relative, without `..`, drive letters or control characters; never empty."""
    path = _DRIVE.sub("", _decoded(entry).replace("\\", "/"))
    parts = [_UNPRINTABLE.sub("", part).strip() for part in path.split("/")]
    cleaned = "/".join(part for part in parts if part not in ("", ".", ".."))
    return cleaned[-_LONGEST:].lstrip("/") or "unnamed"


def _decoded(entry: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag are cp437 by the standard, but many tools write UTF-8 there all the same."""
    if entry.flag_bits & _UTF8_FLAG:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def is_noise(path: str) -> bool:
    """What operating systems leave in archives: __MACOSX folders, Thumbs.db, and everything beginning with a dot."""
    return any(part in _NOISE or part.startswith(".") for part in path.split("/"))


class UniqueNames:
    """Gives a repeated path a number: `cv.pdf`, then `cv (2).pdf`."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def unique(self, path: str) -> str:
        """The path itself the first time; afterwards the first free number."""
        candidate = path
        while candidate in self._seen:
            self._seen[path] += 1
            candidate = _numbered(path, self._seen[path])
        self._seen[candidate] = 1
        return candidate


def _numbered(path: str, number: int) -> str:
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    return f"{folder}{slash}{stem} ({number}).{suffix}" if dot and stem else f"{path} ({number})"
