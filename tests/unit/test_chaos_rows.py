"""How the rows of faults are judged, and how several runs become one table."""

from benchmarks.chaos.rows import Costs, Row, markdown, merged


def _row(seconds: float, lost: int = 0, wrong: tuple[str, ...] = ()) -> Row:
    return Row("a fault", 1, Costs(lost=lost), (seconds,), 45.0, f"took {seconds}", wrong)


def test_a_row_is_well_only_if_nothing_was_lost_late_or_wrong() -> None:
    assert _row(45.0).well
    assert not _row(45.1).well
    assert not _row(1.0, lost=1).well
    assert not _row(1.0, wrong=("unanswered",)).well


def test_several_runs_add_up_and_show_the_worst_recovery() -> None:
    (row,) = merged([[_row(31.0)], [_row(40.0, lost=2)], [_row(33.0, wrong=("unanswered",))]])
    assert (row.injected, row.costs.lost, row.wrong) == (3, 2, ("unanswered",))
    assert not row.well
    assert "| a fault | 3 | 40 s | 2 | 0 | 0 | 0 | 0 | took 33.0; unanswered |" in markdown([row]).splitlines()
