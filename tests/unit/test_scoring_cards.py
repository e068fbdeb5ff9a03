"""A model card is whole or refused, and one page of Markdown."""

from typing import Any

import pytest

from scoring.cards import CardError, read_card, render

CARD: dict[str, Any] = {
    "summary": "Says yes.", "intended_use": "Tests.", "limits": ["Says nothing else."],
    "data": [{"name": "a|b.csv", "sha256": "0" * 64, "rows": 3, "licence": "CC BY 4.0"}],
    "split": "by hash", "counts": {"train": 2, "test": 1},
    "metrics": {"held out": {"auc": 0.51234567, "ece": None, "per_label": {"Yes": {"f1": 1.0}, "No": {"n": 0}}}},
    "training": "By heart.", "command": "python -m training.yes", "machine": "an abacus", "seconds": 1.5, "seeds": [20],
    "licence": "Apache-2.0", "notice": "A person decides.",
}  # fmt: skip
MANIFEST: dict[str, Any] = {"name": "yes", "version": "1", "card": CARD}


def test_a_card_is_rendered_whole() -> None:
    page = render(MANIFEST)
    for told in ("# yes 1", "> A person decides.", "- Says nothing else.", "by hash (train 2, test 1)", "    python -m",
                 "Seeds 20. 2 s on an abacus", r"| a\|b.csv | 3 | CC BY 4.0 |", "| auc | 0.5123 |", "| ece | - |",
                 "| per_label | f1 | n |", "| Yes | 1 | - |"):  # fmt: skip
        assert told in page


@pytest.mark.parametrize("part", CARD)
def test_a_card_that_lacks_a_part_is_refused(part: str) -> None:
    rest = {name: value for name, value in CARD.items() if name != part}
    with pytest.raises(CardError, match=f"card.{part}"):
        read_card({"card": rest})


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"limits": []}, "card.limits"), ({"author": "me"}, "card.author"), ({"seconds": float("nan")}, "card.seconds"),
     ({"data": [{**CARD["data"][0], "sha256": "main"}]}, "card.data.0.sha256")],
)  # fmt: skip
def test_a_card_that_says_it_wrongly_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(CardError, match=told):
        read_card({"card": CARD | changed})


def test_a_manifest_without_a_card_is_refused() -> None:
    with pytest.raises(CardError, match="no model card"):
        read_card({"name": "yes"})
