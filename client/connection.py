"""Which server to talk to, and with which key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from client.errors import WinnowError

FILE = Path(".winnow") / "connection.json"


@dataclass(frozen=True, slots=True)
class Connection:
    """The server's address, such as http://127.0.0.1:8080, and an API key (`wnw_...`)."""

    url: str
    api_key: str = field(repr=False)


def find_connection(
    url: str | None = None,
    api_key: str | None = None,
    start: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Connection:
    """What is given here, else WINNOW_URL and WINNOW_API_KEY, else the file that `winnow up` wrote.

    The file is `.winnow/connection.json`, searched from `start` (the current folder) upward, then in the home folder,
    then beside this package, where a system started from a checkout keeps it.
    Raises WinnowError when none of them names both.
    """
    url = url or environment.get("WINNOW_URL")
    api_key = api_key or environment.get("WINNOW_API_KEY")
    if not (url and api_key):
        kept = _from_files(start or Path.cwd())
        # A key is only ever sent to the server that it was written down for.
        if kept and (url is None or url.rstrip("/") == kept.url.rstrip("/")):
            url, api_key = kept.url, api_key or kept.api_key
    if not url:
        raise WinnowError("no_server", "No server is known", "Start one with `winnow up`, or give --url or WINNOW_URL.")
    if not api_key:
        raise WinnowError("no_api_key", f"No API key for {url} is known", "Give --api-key or set WINNOW_API_KEY.")
    return Connection(url.rstrip("/"), api_key)


def _from_files(start: Path) -> Connection | None:
    for path in _places(start):
        try:
            held = json.loads(path.read_text())
            return Connection(held["url"], held["api_key"])
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WinnowError(
                "bad_connection_file", f"{path} cannot be used ({error})", "Run `winnow up` anew."
            ) from error
    return None


def _places(start: Path) -> Iterator[Path]:
    for folder in (start, *start.parents, Path.home(), Path(__file__).resolve().parents[1]):
        yield folder / FILE
