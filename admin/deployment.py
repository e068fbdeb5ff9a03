"""Which deployment an operator's command means: the one the environment names, else the one `winnow up` runs here."""

import json
import os
from pathlib import Path

FILE = Path(".winnow") / "operator.json"
ADDRESSES = ("DATABASE_OWNER_URL", "DATABASE_SYSTEM_URL", "DATABASE_URL")
NAMES = (*ADDRESSES, "REDIS_URL", "WINNOW_SECRET_KEY", "WINNOW_PACKS")


def find() -> Path | None:
    """Put what `winnow up` wrote down into the environment, unless that names a database already.

    Returns the folder that holds its data. The file is searched from the current folder upward, in the home folder and
    beside this package, as the client searches its own; it is there only while that system runs.
    """
    if any(os.environ.get(name) for name in ADDRESSES):
        return None
    here = Path.cwd()
    for folder in (here, *here.parents, Path.home(), Path(__file__).resolve().parents[1]):
        if (folder / FILE).is_file():
            kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
            os.environ.update({name: kept[name] for name in NAMES})
            return Path(kept["data"])
    return None
