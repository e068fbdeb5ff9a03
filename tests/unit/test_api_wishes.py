"""What a job weighs and insists on: checked, packed, and refused in words."""

import json
from typing import Any

import pytest

from api.records import Record
from api.rows import job_rows
from api.wishes import WishError, packed
from db.rows import JobRow, RejectedRow

TEXTS = {"title": "Baker", "description": "Bakes bread."}


def _row(**values: Any) -> JobRow | RejectedRow:
    (row,) = job_rows([Record(1, "line 1", {**TEXTS, **values})])
    assert isinstance(row, JobRow | RejectedRow)
    return row


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("weights", None, {}),
        ("weights", "", {}),
        ("weights", {}, {}),
        ("weights", {"skills": 2, "title": 0}, {"skills": 2, "title": 0}),
        ("weights", '{"education": 0.5}', {"education": 0.5}),
        ("must_haves", {"skills": [" Python "], "years": 3}, {"skills": ["Python"], "years": 3}),
        ("must_haves", {"degree": "master", "languages": []}, {"degree": "master"}),
    ],
)
def test_kept_without_what_is_not_set(name: str, value: object, kept: dict[str, Any]) -> None:
    assert json.loads(packed(name, value)) == kept


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("weights", {"skill": 1}, "`weights.skill`: Extra inputs"),
        ("weights", {"skills": -1}, "`weights.skills`: Input should be greater than or equal to 0"),
        ("weights", '{"skills": NaN}', "`weights.skills`"),
        ("weights", [1], "`weights`: Input should be"),
        ("weights", "skills", "`weights` is not a JSON object"),
        ("weights", '{"skills": ' + "9" * 5000 + "}", "`weights` is not a JSON object"),
        ("must_haves", {"years": 0}, "`must_haves.years`"),
        ("must_haves", {"degree": "BSc"}, "`must_haves.degree`: Input should be 'school'"),
        ("must_haves", {"skills": ["a\0b"]}, "`must_haves.skills.0`"),
        ("must_haves", {"skills": [""]}, "`must_haves.skills.0`"),
        ("must_haves", {"skills": ["x"] * 51}, "`must_haves.skills`"),
    ],
)
def test_refused(name: str, value: object, told: str) -> None:
    with pytest.raises(WishError) as refusal:
        packed(name, value)
    assert str(refusal.value).startswith(told)


def test_a_row_with_wrong_wishes_is_rejected() -> None:
    row = _row(must_haves={"degree": "BSc"})
    assert isinstance(row, RejectedRow)
    assert (row.code, row.reason[:22]) == ("invalid_value", "`must_haves.degree`: I")


def test_wishes_change_what_the_job_is() -> None:
    wishes: tuple[dict[str, Any], ...] = (
        {"weights": {}},
        {"weights": {"skills": 2}},
        {"must_haves": {"skills": ["Rye"]}},
    )
    hashes = [row.content_hash for row in (_row(), *(_row(**wish) for wish in wishes)) if isinstance(row, JobRow)]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
