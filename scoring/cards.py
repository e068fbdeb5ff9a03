"""Model cards: what a pack is for, what it was learned from, how good it is and where it fails.

A card stands under `card` in the pack's manifest, beside what the scoring code reads; `render` is its one other form.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

Words = Annotated[str, Field(min_length=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class CardError(ValueError):
    """A card that lacks something, or holds what a card does not have; the message names the fields."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DataSet(_Part):
    """One file that the pack was learned from; `rows` are those read from it. `licence` may be "none stated"."""

    name: Words
    sha256: Sha256
    rows: Count
    licence: Words


class Card(_Part):
    """What stands in every manifest under `card`."""

    summary: Words = Field(description="What the pack does, in one sentence.")
    intended_use: Words
    limits: tuple[Words, ...] = Field(min_length=1, description="Where it fails or was not measured, a sentence each.")
    data: tuple[DataSet, ...] = Field(min_length=1)
    split: Words = Field(description="How the sides were cut, and what the held-out side has unseen.")
    counts: dict[str, Count] = Field(description="Rows a side, or whatever else was counted.")
    metrics: dict[str, dict[str, JsonValue]] = Field(
        min_length=1, description="By what was measured on; each holds figures, or rows of figures by name."
    )
    training: Words = Field(description="How it was learned, in a few sentences.")
    command: Words = Field(description="The command that makes it again, FOLDER standing for the data's folder.")
    machine: Words = Field(description="What it was learned on (training.machine.describe()).")
    seconds: float = Field(ge=0, description="How long learning took there.")
    seeds: tuple[int, ...] = Field(description="None where nothing is random.")
    licence: Words = Field(description="Of the pack's files.")
    notice: Words = Field(description="What whoever uses its answers must be told.")


def read_card(manifest: Mapping[str, Any]) -> Card:
    """The card of a manifest. Raises CardError."""
    if "card" not in manifest:
        raise CardError("the manifest holds no model card")
    try:
        return Card.model_validate(manifest["card"])
    except ValidationError as error:
        fields = "; ".join(f"card{_place(one['loc'])}: {one['msg']}" for one in error.errors())
        raise CardError(fields) from error


def render(manifest: Mapping[str, Any]) -> str:
    """The card as a page of Markdown. Raises CardError."""
    card = read_card(manifest)
    return "\n".join(_lines(f"{manifest['name']} {manifest['version']}", card)) + "\n"


def _place(location: tuple[int | str, ...]) -> str:
    return "".join(f".{part}" for part in location)


def _lines(title: str, card: Card) -> Iterator[str]:
    yield from (f"# {title}", "", card.summary, "", f"> {card.notice}", "")
    yield from ("## Intended use", "", card.intended_use, "")
    yield from ("## Limits", "", *(f"- {limit}" for limit in card.limits), "")
    yield from ("## Learned from", "")
    yield from _table(("data", "rows", "licence", "sha256"), [(d.name, d.rows, d.licence, d.sha256) for d in card.data])
    counts = ", ".join(f"{name} {count}" for name, count in card.counts.items())
    yield from ("", f"Split: {card.split}" + (f" ({counts})." if counts else ""), "")
    yield from ("## How", "", card.training, "", f"    {card.command}", "")
    seeds = f"Seeds {', '.join(map(str, card.seeds))}. " if card.seeds else ""
    yield from (f"{seeds}{card.seconds:.0f} s on {card.machine}. Licence: {card.licence}.", "")
    yield "## Figures"
    for measured, figures in card.metrics.items():
        yield from ("", f"### {measured}", "", *_figures(figures))


def _figures(figures: Mapping[str, JsonValue]) -> Iterator[str]:
    """Plain figures as one table, then a table for every member that holds rows of figures by name."""
    plain = {name: value for name, value in figures.items() if not isinstance(value, dict)}
    if plain:
        yield from _table(("figure", "value"), list(plain.items()))
    for name, rows in figures.items():
        if isinstance(rows, dict):
            yield ""
            yield from _rows(name, rows)


def _rows(name: str, rows: Mapping[str, JsonValue]) -> Iterator[str]:
    nested = {row: cells for row, cells in rows.items() if isinstance(cells, dict)}
    if len(nested) < len(rows):
        yield from _table((name, "value"), list(rows.items()))
        return
    columns = list(dict.fromkeys(column for cells in nested.values() for column in cells))
    yield from _table((name, *columns), [(row, *map(cells.get, columns)) for row, cells in nested.items()])


def _table(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    for row in (header, ("---",) * len(header), *rows):
        yield "| " + " | ".join(_cell(value) for value in row) + " |"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "\\|").replace("\n", " ")
