"""An explanation on its way: packed by the worker, stored as JSON, shown by the API as it was."""

import json

from api.explanations import Explained, explained
from scoring.explanation.values import Checked, Evidence, Explanation, Outcome, Part, PartName, State
from workers.findings import packed

QUOTE = Evidence("SQL", "sql", 7, 10)
EXPLANATION = Explanation(
    parts=(
        Part(PartName.SKILLS, State.PARTLY, 0.5, 2 / 3, "2 skills", (QUOTE,), ("Go",)),
        Part(PartName.TITLE, State.UNKNOWN, None, 1 / 3, "Baker"),
        Part(PartName.EDUCATION, State.NOT_ASKED),
        Part(PartName.EXPERIENCE, State.NOT_ASKED),
    ),
    must_haves=(Checked("skill", "SQL", Outcome.PASS, (QUOTE,)), Checked("degree", "master", Outcome.UNKNOWN)),
    shown=1 / 3,
    unknown=1 / 3,
)


def test_what_was_found_is_shown() -> None:
    stored = json.loads(json.dumps(packed(EXPLANATION)))
    shown = Explained.model_validate(explained(stored)).model_dump()
    quote = {"answers": "SQL", "quote": "sql", "start": 7, "end": 10}
    assert (shown["skills_found"], shown["skills_missing"]) == (["SQL"], ["Go"])
    assert (shown["shown"], shown["unknown"]) == (0.333, 0.333)
    assert shown["breakdown"]["skills"] == {
        "state": "partly", "score": 0.5, "weight": 0.667, "asked": "2 skills", "evidence": [quote],
    }  # fmt: skip
    assert shown["breakdown"]["title"]["score"] is None
    assert [(one["asked"], one["outcome"], one["evidence"]) for one in shown["must_haves"]] == [
        ("SQL", "pass", [quote]), ("master", "unknown", []),
    ]  # fmt: skip
    assert len(json.dumps(stored)) < 500


def test_an_item_without_one_is_null_in_every_member() -> None:
    assert set(Explained.model_validate(explained(None)).model_dump().values()) == {None}
