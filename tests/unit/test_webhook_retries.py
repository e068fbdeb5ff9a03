"""Answers become outcomes: the table of retries, Retry-After, and the end of patience."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.connection import Reply
from workers.retries import LONGEST_PAUSE, RETRIES, judge, retry_after, unanswered, wait

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def reply(status: int, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, "text")


@pytest.mark.parametrize("tries", range(1, len(RETRIES) + 1))
def test_each_wait_is_about_that_of_the_table(tries: int) -> None:
    waits = [wait(tries, None) for _ in range(50)]
    assert all(w is not None and 0.9 * RETRIES[tries - 1] <= w <= 1.1 * RETRIES[tries - 1] for w in waits)
    assert len(set(waits)) > 1


def test_after_the_last_retry_there_is_none() -> None:
    assert wait(len(RETRIES) + 1, None) is None
    assert unanswered("timeout", 15_000, len(RETRIES) + 1).retry_in is None


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_alone_succeeds(status: int) -> None:
    made = judge(reply(status), 5, 1, NOW)
    assert (made.succeeded, made.error, made.retry_in) == (True, None, None)


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 503])
def test_all_else_fails_and_is_tried_again(status: int) -> None:
    made = judge(reply(status), 5, 1, NOW)
    assert not made.succeeded
    assert made.error is not None
    assert str(status) in made.error
    assert made.retry_in is not None
    assert made.gone == (status == 410)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_puts_off_the_next_try_and_the_endpoint(status: int) -> None:
    made = judge(reply(status, retry_after="3600"), 5, 1, NOW)
    assert made.pause == made.retry_in == timedelta(hours=1)


def test_retry_after_never_hastens_a_retry() -> None:
    made = judge(reply(429, retry_after="1"), 5, 4, NOW)
    assert made.pause == timedelta(seconds=1)
    assert made.retry_in is not None
    assert made.retry_in > timedelta(hours=1)


def test_retry_after_of_other_answers_is_ignored() -> None:
    assert judge(reply(500, retry_after="3600"), 5, 1, NOW).pause is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("120", timedelta(minutes=2)),
        ("Sun, 22 Nov 2026 08:30:00 GMT", timedelta(minutes=30)),
        ("Sun, 22 Nov 2026 07:30:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("1e3", None),
        ("99999999999999999999", None),
        ("9999999", LONGEST_PAUSE),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_PAUSE),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(value: str | None, expected: timedelta | None) -> None:
    assert retry_after(value, NOW) == expected


@given(st.text(max_size=40))
def test_no_retry_after_breaks_us(value: str) -> None:
    asked = retry_after(value, NOW)
    assert asked is None or timedelta(0) < asked <= LONGEST_PAUSE
