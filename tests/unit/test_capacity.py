"""The capacity model: hosts grow with their GPUs, Postgres does not, and the part that is full first holds."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from benchmarks.capacity import page
from benchmarks.capacity.model import Assumptions, capacity, price
from benchmarks.capacity.work import Work
from benchmarks.scale.timing import FINISHING

WORK = Work(characters=3_000, tokens=700.0, flops=15e9, prepare=0.01, pair=0.0002)
ASSUMED = Assumptions("A100", gpu_price=2.0, postgres_price=1.0)
SCALE = {
    "answers": [
        {"question": "page of all", "server": {"100": 3.0}, "client": {"100": 6.0}},
        {"question": FINISHING, "server": {"100": 60.0, "2000": 70.0}, "client": {"100": 80.0, "2000": 90.0}},
    ],
    "tables": [
        {"table": "scores", "rows": 2_000, "total": 1_200.0},
        {"table": "resumes", "rows": 80, "total": 3_000.0},
        {"table": "assessments", "rows": 80, "total": 700.0},
        {"table": "upload_rows", "rows": 80, "total": 200.0},
        {"table": "chunks", "rows": 40, "total": 300.0},
    ],
}
ROWS = page.rows_of(SCALE)


def test_the_rows_are_those_of_the_largest_table() -> None:
    assert astuple(ROWS) == pytest.approx((70e-6, 90e-6, 1_200.0, 3_000.0, 700.0 + 200.0 + 150.0))


def test_ten_gpus_do_ten_times_as_much_until_what_they_share_is_full() -> None:
    one, ten = (capacity(gpus, 0.3, WORK, ROWS, ASSUMED) for gpus in (1, 10))
    assert ten.parts["GPU"] == pytest.approx(10 * one.parts["GPU"])
    assert ten.parts["GPU hosts"] == pytest.approx(10 * one.parts["GPU hosts"])
    assert ten.parts["Postgres"] == one.parts["Postgres"]
    assert ten.rate == min(ten.parts.values()) == ten.parts[ten.limit]
    assert price(10, ASSUMED) == 21.0


def test_postgres_bears_as_many_items_as_its_cores_have_time_for() -> None:
    assert capacity(1, 0.3, WORK, ROWS, ASSUMED).parts["Postgres"] == pytest.approx(16 / (25 * 70e-6))


def test_the_section_says_that_no_gpu_was_measured_and_has_a_line_for_each_number() -> None:
    text = page.section(WORK, ROWS, ASSUMED)
    assert "No GPU has been measured" in text
    assert [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| 1")] == ["| 1", "| 10", "| 100"]
