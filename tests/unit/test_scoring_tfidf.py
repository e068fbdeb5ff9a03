"""Words that two texts share, by a table of weights; and the table that is shipped."""

from pathlib import Path

import pytest

from scoring.packs import PackError, load_pack
from scoring.tfidf import Tfidf

PACKS = Path(__file__).parents[2] / "packs"
TABLE = {"python": 2.0, "c++": 3.0, "node.js": 3.0, "database": 1.5, "team": 1.0, "database team": 4.0}


def test_equal_texts_are_alike_whatever_their_length_and_strangers_are_not() -> None:
    words = Tfidf.of(TABLE)
    text = "Python and C++ for the database team"
    assert words.similarities(text, [text, f"{text} {text}", "Cook in a kitchen", ""]).round(2).tolist() == [
        1.0,
        pytest.approx(1.0, abs=0.05),
        0.0,
        0.0,
    ]
    assert words.similarities(text, []).tolist() == []


def test_a_rare_word_in_common_counts_more_than_a_frequent_one() -> None:
    rare, frequent = Tfidf.of(TABLE).similarities("C++, team", ["C++, Python", "team, Python"])
    assert rare > frequent


def test_names_with_signs_are_words_of_their_own() -> None:
    words = Tfidf.of(TABLE)
    assert words.shared("C++ and Node.js", "node.js; c++") == ("c++", "node.js")
    assert words.shared("C", "C++") == ()


def test_the_heaviest_of_what_is_shared_comes_first() -> None:
    assert Tfidf.of(TABLE).shared("our database team", "a database team", most=2) == ("database team", "database")


def test_the_shipped_table_tells_near_texts_from_far_ones() -> None:
    words = Tfidf.load(load_pack(PACKS / "tfidf" / "1"))
    job = "Database administrator: PostgreSQL, backups, replication, SQL tuning"
    near, far = words.similarities(job, ["I tuned SQL and PostgreSQL replication", "I cook in a restaurant kitchen"])
    assert near > 0.1 > far


def test_another_kind_of_pack_is_refused() -> None:
    with pytest.raises(PackError, match="table of words"):
        Tfidf.load(load_pack(PACKS / "occupations" / "1"))
