"""What a job weighs and insists on: `weights` of the breakdown's parts, and `must_haves`. Read by no model."""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Wish = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class Weights(BaseModel):
    """How much each part of the breakdown counts, relative to the others; a part left out keeps its default."""

    model_config = ConfigDict(extra="forbid")

    skills: Weight | None = Field(default=None, description="Default 0.5.")
    title: Weight | None = Field(default=None, description="Default 0.2.")
    education: Weight | None = Field(default=None, description="Default 0.1.")
    experience: Weight | None = Field(default=None, description="Default 0.2.")


class MustHaves(BaseModel):
    """What the job insists on. Each is answered with pass, unknown or fail; none rejects anybody by itself."""

    model_config = ConfigDict(extra="forbid")

    skills: list[Wish] = Field(default=[], max_length=50)
    years: float | None = Field(default=None, gt=0, le=60, description="Years of experience, at least.")
    degree: Literal["school", "diploma", "bachelor", "master", "doctorate"] | None = Field(
        default=None, description="The level of degree, at least; an associate's degree counts as a diploma."
    )
    languages: list[Wish] = Field(default=[], max_length=20)
    certifications: list[Wish] = Field(default=[], max_length=20)


WISHES: dict[str, type[BaseModel]] = {"weights": Weights, "must_haves": MustHaves}


class WishError(ValueError):
    """The message says what is wrong, and quotes nothing of the value."""


def packed(name: str, value: object) -> str:
    """A column of this name as a JSON object, without what is not set; "{}" for none. Raises WishError.

    A cell of a CSV file, or a JSON string, holds the object's text.
    """
    if value in (None, ""):
        return "{}"
    try:
        found = WISHES[name].model_validate(json.loads(value) if isinstance(value, str) else value)
    except ValidationError as error:
        raise WishError(_told(name, error)) from error
    except (ValueError, RecursionError) as error:  # a number of more digits than Python reads is no JSONDecodeError
        raise WishError(f"`{name}` is not a JSON object.") from error
    return json.dumps(found.model_dump(exclude_defaults=True), ensure_ascii=False)


def _told(name: str, error: ValidationError) -> str:
    """The first thing that is wrong, and where."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part)[:40] for part in (name, *first["loc"]))
    return f"`{place}`: {first['msg']}."
