"""`POST /moderate` against the running system: spam and abuse, the passage they stand in and the terms that tell."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from conftest import Caller

from api.moderate import MOST_CHARACTERS, MOST_TEXTS
from local.system import System

SPAM, ABUSE, CLEAN = "win a free prize now", "you are a stupid idiot", "java developer with years of experience"


@pytest.fixture
def api(awake: System, tenant: Caller) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=awake.url, headers=tenant.headers, timeout=60) as client:
        yield client


def test_a_text_is_judged_by_its_worst_passage(api: httpx.Client) -> None:
    text = f"{CLEAN}, of which three in a large team\n{SPAM}, {SPAM}\n{CLEAN}, of which none abroad"
    answer = api.post("/moderate", json={"text": text})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    (result,) = body["results"]
    spam, toxicity = result["spam"], result["toxicity"]
    assert (spam["flagged"], toxicity["flagged"]) == (True, False)
    assert spam["score"] >= spam["threshold"] > 0
    assert spam["passage"] == text[spam["start"] : spam["end"]] == f"{SPAM}, {SPAM}"
    assert any("prize" in term["text"] for term in spam["terms"])
    assert body["packs"].keys() == {"spam", "toxicity"}
    assert "A person decides" in body["notice"]


def test_a_list_is_answered_in_its_order(api: httpx.Client) -> None:
    answer = api.post("/moderate", json={"text": [CLEAN, ABUSE, SPAM]})
    flagged = [(one["spam"]["flagged"], one["toxicity"]["flagged"]) for one in answer.json()["results"]]
    assert flagged == [(False, False), (False, True), (True, False)]


@pytest.mark.parametrize("wrong", [{}, {"text": 3}, {"text": [3]}, {"text": "x", "more": 1}, {"text": None}])
def test_what_is_no_text_is_refused(api: httpx.Client, wrong: dict[str, object]) -> None:
    _refused(api.post("/moderate", json=wrong), 422, "invalid_request")


@pytest.mark.parametrize("empty", ["", " \n\t", [], [CLEAN, " "]])
def test_nothing_to_read_is_refused(api: httpx.Client, empty: object) -> None:
    _refused(api.post("/moderate", json={"text": empty}), 422, "invalid_request")


ABROAD = [
    "Tu es un idiot et je ne veux plus jamais te voir.",
    "Du bist ein dummer Idiot und ich will dich nie wieder sehen.",
    "你是个白痴，我再也不想见到你了",
]


@pytest.mark.parametrize("text", [*ABROAD, [CLEAN, ABROAD[0]]])
def test_another_language_is_refused(api: httpx.Client, text: object) -> None:
    answer = api.post("/moderate", json={"text": text})
    _refused(answer, 422, "unsupported_language")
    assert ("`text[1]`" if isinstance(text, list) else "`text`") in answer.json()["detail"]
    _refused(api.post("/moderate", json={"text": CLEAN, "language": "fr"}), 422, "unsupported_language")


@pytest.mark.parametrize(
    "text", ["ok", "you idiot", "y0u 4r3 4n 1d10t", "die die die die die", "José de la Cruz", "x = 1"]
)
def test_short_comments_are_read(api: httpx.Client, text: str) -> None:
    answer = api.post("/moderate", json={"text": text, "language": "en"})
    assert answer.status_code == 200, answer.text


def test_separators_are_no_words(api: httpx.Client) -> None:
    _refused(api.post("/moderate", json={"text": "\x1c\x1d"}), 422, "unreadable")


def test_sizes_are_bounded(api: httpx.Client) -> None:
    _refused(api.post("/moderate", json={"text": [CLEAN] * (MOST_TEXTS + 1)}), 422, "invalid_request")
    _refused(api.post("/moderate", json={"text": "a" * 200_001}), 422, "invalid_request")
    _refused(api.post("/moderate", json={"text": ["a" * 200_000] * (MOST_CHARACTERS // 200_000 + 1)}), 413, "too_large")


def test_a_key_is_needed(system: System) -> None:
    _refused(httpx.post(f"{system.url}/moderate", json={"text": CLEAN}), 401, "unauthenticated")


def _refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
