"""The models read English. A text that says it is in another language is refused, and so is one that plainly is.

What a caller states counts first. Otherwise the script tells, and the small words that every sentence needs: a list of
skills holds none, so it is never refused. That costs microseconds and no model.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from api.problems import Problem

Language = Annotated[
    str | None,
    Field(
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        description="The language of the texts as a BCP 47 tag. Only English (`en`, `en-GB`, ...) can be read.",
        examples=["en"],
    ),
]

LEAST_WORDS = 20
"""Small words of another language that it takes: fewer could stand in English names and titles."""
TIMES = 3
"""How many times more of them there must be than English ones."""
LEAST_LETTERS = 40
_SMALL: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "English": "the of and to in for with on is was by at as from that an be are this or have has had which were",
        "German": "und der die das ist mit von für den dem ein eine einer im zu auf als bei nicht sich des auch wurde",
        "French": "le la les des et est une un du dans pour avec sur au aux en par que qui je mon mes ses cette",
        "Spanish": "el la los las de y en que un una por con para como del al se su mi es más entre sobre desde",
        "Italian": "il la le gli di e che un una per con del della nel nella sono come dei delle al alla anche presso",
        "Portuguese": "o a os as de e em que um uma por com para como do da dos das no na ao mais entre sobre",
        "Dutch": "de het een en van in met voor op is te dat bij aan als zijn door naar ook uit heb ik mijn",
        "Polish": "i w z na do o się jest nie dla oraz od po przy przez jako za pod ze a że praca w",
        "Swedish": "och att det som en ett är på av för med till den har jag i inom hos från om vid",
    }.items()
}
_LETTERS = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_WORD = re.compile(r"[^\W\d_]+")


def check_english(name: str, text: str, language: str | None) -> None:
    """Raise Problem 422 when the text called `name` is stated or seen to be in another language than English."""
    if language is not None and language.lower().split("-")[0] != "en":
        raise _unsupported(f"`language` is {language}.")
    if seen := other_language(text):
        raise _unsupported(f"`{name}` reads as {seen}.")


def other_language(text: str) -> str | None:
    """The language or script that a text is plainly in, when that is not English; None whenever in doubt."""
    letters = len(_LETTERS.findall(text))
    if letters >= LEAST_LETTERS and len(_LATIN.findall(text)) < letters / 2:
        return "another script than Latin"
    words = [word.lower() for word in _WORD.findall(text)]
    counts = {language: sum(word in small for word in words) for language, small in _SMALL.items()}
    english = counts.pop("English")
    most = max(counts, key=lambda language: counts[language])
    return most if counts[most] >= LEAST_WORDS and counts[most] > TIMES * english else None


def _unsupported(why: str) -> Problem:
    detail = f"{why} The models were trained on English alone and their scores would mean nothing. Send English texts."
    return Problem(422, "unsupported_language", "Language not supported", detail)
