"""What is refused as another language than English, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.language import COMMENT, check_english, other_language
from api.problems import Problem

ENGLISH = "I worked in a team and was responsible for the database of the bank, which we moved to PostgreSQL. " * 4
GERMAN = "Ich habe in der Firma mit dem Team gearbeitet und war für die Datenbank der Bank verantwortlich. " * 4
FRENCH = "J'ai travaillé avec une équipe pour la banque et sur les bases de données qui sont dans le réseau. " * 4
POLISH = "Pracowałem w zespole i byłem odpowiedzialny za bazę danych, która jest w banku, oraz na co dzień z tym. " * 6
RUSSIAN = "Работал в команде и отвечал за базу данных банка, которую мы перенесли на PostgreSQL."


@pytest.mark.parametrize(
    ("text", "seen"),
    [(GERMAN, "German"), (FRENCH, "French"), (POLISH, "Polish"), (RUSSIAN, "another script than Latin")],
)
def test_running_text_in_another_language_is_seen(text: str, seen: str) -> None:
    assert other_language(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        "Python, PostgreSQL, Docker, Kubernetes, C++, Go, R",
        "Studied at the Universidad de la República de Uruguay and the Escuela de Ingeniería de la Ciudad",
        ENGLISH + "Thesis: Die Geschichte der Stadt und der Banken in der Zeit von der Gründung",
        "李小龙 Senior engineer, Shanghai: Java and Python",
        "",
    ],
)
def test_english_and_what_is_in_doubt_are_read(text: str) -> None:
    assert other_language(text) is None


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Du bist ein dummer Idiot und ich will dich nie wieder sehen.", "German"),
        ("Tu es un idiot et je ne veux plus jamais te voir dans cette équipe.", "French"),
        ("Eres un idiota y no quiero verte nunca más en el equipo de la empresa.", "Spanish"),
        ("Je bent een idioot en ik wil je nooit meer zien in het team.", "Dutch"),
        ("你是个白痴，我再也不想见到你了", "another script than Latin"),
        ("Ты идиот, уходи отсюда", "another script than Latin"),
    ],
)
def test_a_comment_in_another_language_is_seen(text: str, seen: str) -> None:
    assert other_language(text, COMMENT) == seen


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "you idiot",
        "y0u 4r3 4n 1d10t",
        "i h8 u i h8 u i h8 u i h8 u i h8 u i h8 u i h8 u i h8 u i h8 u i h8 u",
        "die wikipedia " * 30,
        "im gay " * 30,
        "w w w w i n n n a f r e e o i w z a",
        "\N{FULLWIDTH LATIN SMALL LETTER Y}\N{FULLWIDTH LATIN SMALL LETTER O}\N{FULLWIDTH LATIN SMALL LETTER U}" * 9,
        "José de la Cruz y los Santos",
        "李小龙",
        "for x in range(10): print(x)",
        "SELECT * FROM a WHERE o = e AND de = os",
    ],
)
def test_a_comment_in_doubt_is_read(text: str) -> None:
    assert other_language(text, COMMENT) is None


@pytest.mark.parametrize("text", ["i hate you. " * 40, "die wikipedia " * 40, "your a fool " * 40])
def test_one_word_again_and_again_is_no_language(text: str) -> None:
    assert other_language(text) is None


@pytest.mark.parametrize("language", ["de", "fr-CA", "zh-Hans-CN"])
def test_a_stated_language_counts(language: str) -> None:
    with pytest.raises(Problem) as problem:
        check_english("resume", ENGLISH, language)
    assert (problem.value.status, problem.value.code) == (422, "unsupported_language")


@pytest.mark.parametrize("language", [None, "en", "EN-gb"])
def test_english_may_be_stated(language: str | None) -> None:
    check_english("resume", ENGLISH, language)


@given(st.text(max_size=300))
def test_any_text_is_judged(text: str) -> None:
    other_language(text)
