"""Spam and abuse in texts, answered while the caller waits."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from api import interactive
from api.auth import Caller
from api.language import COMMENT, Language, check_english
from api.problems import Problem
from workers.celery_app import Call

router = APIRouter(tags=["interactive"])

KINDS = ("spam", "toxicity")
NOTICE = "A flag is a hint to look at one passage. It says nothing of who wrote it. A person decides."
MOST_TEXTS = 100
MOST_CHARACTERS = 500_000
"""Of all texts together: what one worker reads well within the time a caller waits."""

Text = Annotated[str, Field(min_length=1, max_length=200_000, pattern=r"\S")]
Many = Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)]
_EXAMPLE = "Congratulations! You have won a free cruise. Text WIN to 80082 to claim your prize now."


def _form(text: object) -> str:
    return "list" if isinstance(text, list) else "text"


class Texts(BaseModel):
    """One text, or a list of them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"text": _EXAMPLE}})

    text: Annotated[Annotated[Text, Tag("text")] | Annotated[Many, Tag("list")], Discriminator(_form)] = Field(
        description=f"A text, or a list of at most {MOST_TEXTS}; {MOST_CHARACTERS:,} characters together at most.",
        examples=[_EXAMPLE, [_EXAMPLE, "Ten years of Python and SQL."]],
    )
    language: Language = None

    def listed(self) -> list[str]:
        """The texts, one or many. Raises Problem when they are too long together, or one plainly is not English."""
        texts = [self.text] if isinstance(self.text, str) else self.text
        if sum(map(len, texts)) > MOST_CHARACTERS:
            detail = f"The texts may be {MOST_CHARACTERS:,} characters long together. Send fewer at once."
            raise Problem(413, "too_large", "Texts too long", detail, limit=MOST_CHARACTERS)
        for number, text in enumerate(texts):
            check_english("text" if isinstance(self.text, str) else f"text[{number}]", text, self.language, COMMENT)
        return texts


class Term(BaseModel):
    """A word or pair of words of the passage, and what it added to the log-odds of its score."""

    text: str
    weight: float


class Verdict(BaseModel):
    """The passage of the text with the highest score for one kind, flagged or not."""

    score: float = Field(ge=0, le=1)
    threshold: float
    flagged: bool = Field(description="Whether the score reaches the threshold.")
    passage: str = Field(description="At most 50 words as they were read, redacted; here as they stand in the text.")
    start: int = Field(description="Where the passage begins in the text, in characters.")
    end: int
    terms: list[Term] = Field(description="The terms that raised the score most, the strongest first; at most five.")


class Moderated(BaseModel):
    """What was found in one text."""

    spam: Verdict
    toxicity: Verdict


class Moderation(BaseModel):
    """A result for each text, in the order they came in, and what said so."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "results": [
                    {
                        "spam": {
                            "score": 0.99,
                            "threshold": 0.3,
                            "flagged": True,
                            "passage": _EXAMPLE,
                            "start": 0,
                            "end": len(_EXAMPLE),
                            "terms": [{"text": "prize", "weight": 2.1}, {"text": "claim", "weight": 1.9}],
                        },
                        "toxicity": {
                            "score": 0.02,
                            "threshold": 0.2,
                            "flagged": False,
                            "passage": _EXAMPLE,
                            "start": 0,
                            "end": len(_EXAMPLE),
                            "terms": [],
                        },
                    }
                ],
                "packs": {"spam": "3", "toxicity": "3"},
                "cached": False,
                "notice": NOTICE,
            }
        }
    )

    results: list[Moderated]
    packs: dict[str, str]
    cached: bool = Field(description="Whether the same packs had answered the same question of yours before.")
    notice: str = NOTICE


@router.post("/moderate", summary="Is there spam or abuse in these texts?")
def moderate(texts: Texts, caller: Caller) -> Moderation:
    """Each text is read in passages of at most 50 words, and judged by the worst. Answers within 20 s, else 503.

    Nothing is stored. English only: a text that plainly is in another language is refused, and all that came with it.
    """
    answer = interactive.ask(caller.tenant_id, Call.MODERATE, texts=texts.listed())
    return Moderation(
        results=[Moderated.model_validate(result) for result in answer.body["results"]],
        packs={kind: answer.packs[kind] for kind in KINDS},
        cached=answer.cached,
    )
