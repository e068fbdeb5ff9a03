"""A wrong setting ends a process at its start, and its log says which setting it is and what to set it to."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.settings import SettingsError, seconds, whole_number


@pytest.mark.parametrize(
    ("module", "name", "value", "advice"),
    [
        ("api", "WINNOW_API_PORT", "http", "a whole number"),
        ("api", "WINNOW_METRICS_PORT", "70000", "a port"),
        ("api", "WINNOW_FORMAT", "fp32", "torch-fp32"),
        ("workers.screen", "WINNOW_DEVICE", "gpu", "auto, cpu or cuda:N"),
        ("workers.screen", "WINNOW_CLAIM_SECONDS", "-1", "a number of seconds"),
        ("workers.relay", "WINNOW_KEEP_EVENTS_DAYS", "0", "forever"),
    ],
)
def test_a_wrong_setting_is_named_in_the_log(module: str, name: str, value: str, advice: str) -> None:
    environment = {**os.environ, name: value, "WINNOW_LOG_FORMAT": "json"}
    ended = subprocess.run([sys.executable, "-m", module], env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode != 0
    assert name in ended.stderr
    assert advice in ended.stderr


@given(st.text().filter(lambda told: "\0" not in told))
def test_what_is_no_number_is_refused_and_nothing_else(told: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        try:
            patch.setenv("WINNOW_NUMBER", told)
        except (UnicodeEncodeError, ValueError):
            return
        for read in (whole_number, seconds):
            try:
                assert read("WINNOW_NUMBER", 3) >= 0
            except SettingsError as error:
                assert "WINNOW_NUMBER" in str(error)  # noqa: PT017 - not everything is refused
