"""Log lines: what each holds, and what none may hold."""

from __future__ import annotations

import contextvars
import json
import logging
import os
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry import logs

SECRET = "Ada Example, a resume that no log may hold"


def record(name: str = "workers.screen", message: str = "said", *args: object, **more: object) -> logging.LogRecord:
    made = logging.getLogger(name).makeRecord(name, logging.INFO, "file.py", 1, message, args, None)
    vars(made).update(more)
    return made


def line(formatter: logging.Formatter, given: logging.LogRecord) -> str:
    logs.tidy(given)
    return formatter.format(given)


def as_json(given: logging.LogRecord) -> dict[str, object]:
    told: dict[str, object] = json.loads(line(logs.Json("screen"), given))
    return told


def crashed() -> logging.LogRecord:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise LookupError(SECRET) from error
    except LookupError:
        return record(exc_info=sys.exc_info())


def test_a_line_holds_time_level_process_logger_message_and_its_own_fields() -> None:
    told = as_json(record("workers.screen", "recorded %d", 7, tenant="a", tokens=9))
    assert datetime.fromisoformat(str(told.pop("time"))).utcoffset() == datetime.now(UTC).utcoffset()
    expected = {"level": "INFO", "process": "screen", "logger": "workers.screen", "message": "recorded 7"}
    assert told == {**expected, "tenant": "a", "tokens": 9}


def test_a_line_for_people_holds_the_same() -> None:
    told = line(logs.Text("screen"), record(message="recorded", tenant="a b", tokens=9))
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT[\d:.]+Z INFO screen workers.screen recorded tenant="a b" tokens=9', told)


@pytest.mark.parametrize("formatter", [logs.Json("api"), logs.Text("api")], ids=["json", "text"])
def test_an_exception_is_told_by_types_and_places_alone(formatter: logging.Formatter) -> None:
    told = line(formatter, crashed())
    assert "ValueError" in told
    assert "LookupError" in told
    assert "test_telemetry_logs.py" in told
    assert SECRET not in told


def test_of_another_librarys_line_only_the_first_is_kept_and_no_values() -> None:
    given = record("celery.worker", "not a task\nits body was: %s", SECRET, data={"args": SECRET})
    assert SECRET not in line(logs.Json("parse"), given)
    assert as_json(record("celery.worker", "not a task\nits body"))["message"] == "not a task"


def test_what_is_bound_stands_on_every_further_line_of_the_same_context_only() -> None:
    def within() -> dict[str, object]:
        logs.bind(request_id="r-1")
        return as_json(record("uvicorn.error"))

    assert contextvars.copy_context().run(within)["request_id"] == "r-1"
    assert "request_id" not in as_json(record())


@given(st.text(), st.dictionaries(st.from_regex(r"[a-z]{3,9}_[a-z]", fullmatch=True), st.text()))
def test_whatever_is_said_is_one_line_of_json(message: str, fields: dict[str, str]) -> None:
    told = line(logs.Json("api"), record("api.app", message.replace("%", ""), **fields))
    assert "\n" not in told
    assert json.loads(told).items() >= fields.items()


CRASH = f"raise RuntimeError({SECRET!r})"
IN_A_THREAD = f"""
import threading
def deed(): {CRASH}
threading.Thread(target=deed).start()
"""
WARNING = "import warnings; warnings.warn('deprecated')"


@pytest.mark.parametrize(("deed", "level"), [(CRASH, "CRITICAL"), (IN_A_THREAD, "CRITICAL"), (WARNING, "WARNING")])
def test_crashes_and_warnings_of_a_process_are_lines_too(deed: str, level: str) -> None:
    code = f"from telemetry import logs; logs.set_up('api')\n{deed}"
    environment = {**os.environ, "WINNOW_LOG_FORMAT": "json"}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    (told,) = [json.loads(one) for one in ended.stderr.splitlines()]
    assert (told["level"], told["process"]) == (level, "api")
    assert SECRET not in ended.stderr


def test_a_format_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_LOG_FORMAT", "xml")
    with pytest.raises(ValueError, match="json or text"):
        logs.set_up("api")
