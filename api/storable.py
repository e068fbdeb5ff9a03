"""Text that the database can hold: anything but NUL."""

from typing import Annotated

from pydantic import StringConstraints

Storable = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""For every text of a request that a statement names; Postgres refuses U+0000, in comparisons too."""
