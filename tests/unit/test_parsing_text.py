import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsing.errors import ParseError
from parsing.text import check_length, clean


def test_keeps_lines_and_single_blank_lines() -> None:
    assert (
        clean("Jane Roe\r\nNurse\r\n\r\n\r\n\r\nSkills:\u00a0triage\t\tcare  ")
        == "Jane Roe\nNurse\n\nSkills: triage care"
    )


def test_drops_what_nobody_sees() -> None:
    assert clean("\ufeffpa\u00adtient\u200b \x00care\x07") == "patient care"


def test_ligatures_become_letters() -> None:
    assert clean("\ufb01ve e\ufb03cient o\ufb00ices") == "five efficient offices"


def test_split_surrogates_are_joined_and_lone_ones_replaced() -> None:
    assert clean("\ud83d\ude00 \ud800x") == "\U0001f600 \ufffdx"


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_comes_out_fit_for_the_database(text: str) -> None:
    cleaned = clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert clean(cleaned) == cleaned


def test_length_limit_is_inclusive() -> None:
    check_length(10, 10)
    with pytest.raises(ParseError, match="too_long"):
        check_length(11, 10)
