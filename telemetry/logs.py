"""The logs of every process: one JSON object a line on stderr, or lines for people where stderr is a terminal.

No line holds what an exception says, as that may quote a resume or an address with a password: an exception is told by
its type and by where it came from, unless its class says that its words are `for_operators`. Of other libraries' lines
the first alone is kept, without the values beside it.
"""

import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

OURS = frozenset({"admin", "api", "client", "db", "local", "parsing", "scoring", "telemetry", "workers"})
QUIET = ("alembic", "httpcore", "httpx")
"""Libraries whose everyday lines tell nothing, or addresses, which may hold keys."""
LONGEST = 1000
"""Characters that are kept of another library's line."""

_bound: ContextVar[Mapping[str, object]] = ContextVar("bound", default={})  # noqa: B039 - never written to


def set_up(process: str) -> None:
    """Make this process log to stderr, whoever speaks in it: WINNOW_LOG_FORMAT is `json` or `text`."""
    handler = logging.StreamHandler()
    handler.setFormatter(Text(process) if _wanted() == "text" else Json(process))
    handler.addFilter(tidy)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _on_crash
    sys.unraisablehook = lambda told: _tell("exception ignored", told.exc_type, told.exc_value, told.exc_traceback)
    threading.excepthook = lambda told: _tell("thread ended", told.exc_type, told.exc_value, told.exc_traceback)


def bind(**fields: object) -> None:
    """Put these fields on every further line of this context: of one request, with all that it calls."""
    _bound.set({**_bound.get(), **fields})


def tidy(record: logging.LogRecord) -> bool:
    """A filter: what is bound is added to a record; what may quote a resume or a secret is taken away."""
    if record.name == "__main__":
        record.name = _main()
    if record.name.partition(".")[0] not in OURS:
        record.msg, record.args = record.getMessage().partition("\n")[0][:LONGEST], None
        for name in _extra(record):
            delattr(record, name)
    if record.exc_info:
        record.exc_text, record.exc_info = told(record.exc_info[1]), None  # formatters take the text as it is
    for name, value in _bound.get().items():
        setattr(record, name, value)
    return True


class Json(JsonFormatter):
    """One object a line: time, level, process, logger, message, the record's own fields, and `exception`."""

    def __init__(self, process: str) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            defaults={"process": process},
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
            timestamp="time",
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """The time goes first, as people read it."""
        return {"time": log_data.pop("time"), **log_data}


class Text(logging.Formatter):
    """The same in a line for people; an exception follows on lines of its own."""

    converter = staticmethod(time.gmtime)

    def __init__(self, process: str) -> None:
        super().__init__(
            f"%(asctime)s.%(msecs)03dZ %(levelname)s {process} %(name)s %(message)s%(_fields)s", "%Y-%m-%dT%H:%M:%S"
        )

    def format(self, record: logging.LogRecord) -> str:
        """The line with its fields behind it."""
        record._fields = "".join(f" {name}={_plain(value)}" for name, value in _extra(record).items())
        return super().format(record)


def told(error: BaseException | None) -> str:
    """An exception, and those that it came from, as types and places; what it says only when that is for operators."""
    lines: list[str] = []
    while error is not None:
        places = traceback.extract_tb(error.__traceback__)
        lines[:0] = [
            type(error).__qualname__ + (f": {error}" if getattr(error, "for_operators", False) else ""),
            *(f"  {place.filename}:{place.lineno} {place.name}" for place in places),
        ]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


def _wanted() -> str:
    chosen = os.environ.get("WINNOW_LOG_FORMAT") or ("text" if sys.stderr.isatty() else "json")
    if chosen not in ("json", "text"):
        raise ValueError(f"WINNOW_LOG_FORMAT is {chosen!r}; set it to json or text")
    return chosen


def _main() -> str:
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec.name if spec else "__main__"


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in RESERVED_ATTRS and name[0] != "_"}


def _plain(value: object) -> str:
    text = str(value)
    return json.dumps(text) if not text or any(sign in text for sign in ' "=\n') else text


def _on_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _tell("process ended", kind, error, trace)


def _tell(
    message: str, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> None:
    if kind and error:
        logging.getLogger(__name__).critical(message, exc_info=(kind, error, trace))
