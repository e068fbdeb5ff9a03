"""Members that the server leaves null where there is nothing to tell, read as empty."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BeforeValidator

T = TypeVar("T")
Many = Annotated[tuple[T, ...], BeforeValidator(lambda value: () if value is None else value)]
Named = Annotated[dict[str, T], BeforeValidator(lambda value: {} if value is None else value)]
