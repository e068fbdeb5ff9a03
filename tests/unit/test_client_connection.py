"""Where the client finds its server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.connection import FILE, Connection, find_connection
from client.errors import WinnowError


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder below the one where a system wrote down where it is."""
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(json.dumps({"url": "http://127.0.0.1:8000", "api_key": "wnw_kept"}))
    below = tmp_path / "some" / "folder"
    below.mkdir(parents=True)
    return below


def test_the_file_is_found_upward(kept: Path) -> None:
    assert find_connection(start=kept, environment={}) == Connection("http://127.0.0.1:8000", "wnw_kept")


def test_what_is_given_wins_over_the_environment_and_that_over_the_file(kept: Path) -> None:
    environment = {"WINNOW_URL": "https://b.test/", "WINNOW_API_KEY": "wnw_b"}
    assert find_connection(start=kept, environment=environment) == Connection("https://b.test", "wnw_b")
    given = find_connection("https://a.test", "wnw_a", start=kept, environment=environment)
    assert given == Connection("https://a.test", "wnw_a")


def test_a_kept_key_goes_to_no_other_server(kept: Path) -> None:
    with pytest.raises(WinnowError, match="No API key for"):
        find_connection("https://elsewhere.test", start=kept, environment={})


def test_a_broken_file_is_named(kept: Path) -> None:
    file = kept.parents[1] / FILE
    file.write_text("{")
    with pytest.raises(WinnowError, match=str(file)):
        find_connection(start=kept, environment={})


def test_the_key_is_not_shown() -> None:
    assert "wnw_secret" not in repr(Connection("https://a.test", "wnw_secret"))
