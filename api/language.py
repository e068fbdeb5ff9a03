"""The models read English. A text that says it is in another language is refused, and so is one that plainly is.

What a caller states counts first. Otherwise the script tells, and the small words that every sentence needs: a list of
skills holds none, so it is never refused. That costs microseconds and no model.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Doubt:
    """How much of another language a text must hold to be plainly in it: small words, or letters of another script."""

    words: int
    letters: int


RESUME = Doubt(words=20, letters=40)
"""Of a resume or a posting: fewer could stand in names and titles."""
COMMENT = Doubt(words=5, letters=10)
"""Of a comment, which is short and a sentence. Of 42,668 comments, tweets and messages from the sets that moderation
learned from it refuses ten: one in Bulgarian, two in Spanish and seven in Dutch."""
DIFFERENT = 4
"""How many different small words there must be: a word that is shouted again and again is no language."""
SHARE = 0.15
"""The least part that small words have of a text: they are about a third of any sentence."""
TIMES = 3
"""How many times more of them there must be than English ones."""
_SMALL: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "English": "the of and to in for with on is was by at as from that an be are this or have has had which "
        "were a i you your we he she it they me my his her our us do does did no not so if but all "
        "can just what who up out get go like am will don t s m u r im die war man men hat pro com os",
        "German": "und der die das ist mit von für den dem ein eine einer im zu auf als bei nicht sich des auch "
        "wurde in an was war so am man ich du sie es wir uns mir dich sehr dass sind wie aber noch "
        "nur hat",
        "French": "le la les des et est une un du dans pour avec sur au aux en par que qui je mon mes ses cette "
        "a on me tu il nous vous ne pas ce votre plus",
        "Spanish": "el la los las de y en que un una por con para como del al se su mi es más entre sobre desde "
        "a me no lo te",
        "Italian": "il la le gli di e che un una per con del della nel nella sono come dei delle al alla anche "
        "presso a i in me non ti mi più sei ho questa",
        "Portuguese": "o a os as de e em que um uma por com para como do da dos das no na ao mais entre sobre me "
        "não você eu é seu foi",
        "Dutch": "de het een en van in met voor op is te dat bij aan als zijn door naar ook uit heb ik mijn me "
        "was je bent wil niet",
        "Polish": "i w z na do o się jest nie dla oraz od po przy przez jako za pod ze a że praca to co cię jesteś tym",
        "Swedish": "och att det som en ett är på av för med till den har jag i inom hos från om vid man du vill "
        "inte dig",
    }.items()
}
_ABROAD = frozenset[str]().union(*(words for language, words in _SMALL.items() if language != "English"))
_ENGLISH = _SMALL["English"] - _ABROAD
_OTHERS = {language: words - _SMALL["English"] for language, words in _SMALL.items() if language != "English"}
"""What both sides have says nothing: "die", "war", "a", "do", ".com"."""
_LETTERS = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-zÀ-ʯᴀ-ᶿḀ-ỿ]")
_WORD = re.compile(r"[^\W\d_]+")


def check_english(name: str, text: str, language: str | None, doubt: Doubt = RESUME) -> None:
    """Raise Problem 422 when the text called `name` is stated or seen to be in another language than English."""
    if language is not None and language.lower().split("-")[0] != "en":
        raise _unsupported(f"`language` is {language}.")
    if seen := other_language(text, doubt):
        raise _unsupported(f"`{name}` reads as {seen}.")


def other_language(text: str, doubt: Doubt = RESUME) -> str | None:
    """The language or script that a text is plainly in, when that is not English; None whenever in doubt."""
    text = unicodedata.normalize("NFKC", text)  # letters of mathematics and of full width are ordinary ones
    letters = len(_LETTERS.findall(text))
    if letters >= doubt.letters and len(_LATIN.findall(text)) < letters / 2:
        return "another script than Latin"
    words = [word.lower() for word in _WORD.findall(text)]
    found = {language: [word for word in words if word in small] for language, small in _OTHERS.items()}
    most = max(found, key=lambda language: len(found[language]))
    count, english = len(found[most]), sum(word in _ENGLISH for word in words)
    plain = count >= max(doubt.words, SHARE * len(words)) and count > TIMES * english
    return most if plain and len(set(found[most])) >= DIFFERENT else None


def _unsupported(why: str) -> Problem:
    detail = f"{why} The models were trained on English alone and their scores would mean nothing. Send English texts."
    return Problem(422, "unsupported_language", "Language not supported", detail)
