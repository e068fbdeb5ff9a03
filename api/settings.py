"""What the HTTP front reads from its environment, once."""

import os
from dataclasses import dataclass, field
from functools import lru_cache

from db.settings import whole_number

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Adzuna:
    """An account of Adzuna's search (https://developer.adzuna.com): its limit of calls a minute is the account's."""

    app_id: str
    app_key: str = field(repr=False)
    url: str = "https://api.adzuna.com/v1/api"
    country: str = "gb"
    per_minute: int = 25


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen, and how large a body may be, in bytes.

    `max_body` bounds requests that are read whole; uploads are written to a temporary file (in TMPDIR) as they arrive
    and may be `max_upload` long. A JSON document cannot be read row by row, so `max_json` bounds it; NDJSON has no such
    limit. `max_file` bounds one PDF, DOCX or TXT file, `max_archive` a ZIP, and `max_rows` the rows of an upload.

    `rate_limit` is how many requests a minute one key may send (0: as many as it likes), `cache_seconds` how long
    answers of interactive calls are kept (0: not at all). `adzuna` is an account of its search, None without keys.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    max_body: int = 4 * MIB
    max_upload: int = 2048 * MIB
    max_json: int = 16 * MIB
    max_file: int = 20 * MIB
    max_archive: int = 100 * MIB
    max_rows: int = 2_000_000
    rate_limit: int = 3000
    cache_seconds: int = 3600
    adzuna: Adzuna | None = None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Settings from WINNOW_API_HOST, WINNOW_API_PORT, WINNOW_MAX_UPLOAD_MB, WINNOW_MAX_ROWS, WINNOW_RATE_LIMIT,
    WINNOW_CACHE_SECONDS and the variables of ADZUNA_. Raises SettingsError.
    """
    default = Settings()
    return Settings(
        host=os.environ.get("WINNOW_API_HOST", default.host),
        port=whole_number("WINNOW_API_PORT", default.port),
        max_upload=whole_number("WINNOW_MAX_UPLOAD_MB", default.max_upload // MIB) * MIB,
        max_rows=whole_number("WINNOW_MAX_ROWS", default.max_rows),
        rate_limit=whole_number("WINNOW_RATE_LIMIT", default.rate_limit),
        cache_seconds=whole_number("WINNOW_CACHE_SECONDS", default.cache_seconds),
        adzuna=_adzuna(),
    )


def _adzuna() -> Adzuna | None:
    """From ADZUNA_APP_ID, ADZUNA_APP_KEY, ADZUNA_URL, ADZUNA_COUNTRY and ADZUNA_PER_MINUTE."""
    app_id, app_key = os.environ.get("ADZUNA_APP_ID", ""), os.environ.get("ADZUNA_APP_KEY", "")
    if not app_id or not app_key:
        return None
    account = Adzuna(app_id, app_key)
    return Adzuna(
        app_id,
        app_key,
        os.environ.get("ADZUNA_URL") or account.url,
        os.environ.get("ADZUNA_COUNTRY") or account.country,
        whole_number("ADZUNA_PER_MINUTE", account.per_minute),
    )
