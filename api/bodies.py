"""How the bodies of bulk uploads stand in the OpenAPI document."""

import json
from typing import Any

from api.media import DOCX, MULTIPART

_FILE = {"schema": {"type": "string", "format": "binary"}}
_RESUME = {"external_id": "a-17", "name": "Ada Example", "text": "Ada Example\nPython developer, eight years."}
_JOB = {
    "external_id": "backend-1",
    "title": "Backend developer",
    "description": "You build and run our payment services in Python.",
    "education": "Bachelor in computer science",
    "experience": "At least 3 years",
    "skills": "Python, PostgreSQL, Docker",
}
_WISHES = {"weights": {"skills": 2, "title": 1}, "must_haves": {"skills": ["Python"], "years": 3}}


def upload_body(noun: str) -> dict[str, Any]:
    """`openapi_extra` of a route that takes rows or files of this noun, with an example of each form of rows."""
    row = _RESUME if noun == "resume" else _JOB
    full = row if noun == "resume" else row | _WISHES
    rows = {"type": "array", "items": {"type": "object", "example": full}}
    table = ",".join(row) + "\n" + ",".join('"' + value.replace('"', '""') + '"' for value in row.values()) + "\n"
    form = {"type": "object", "properties": {"files": {"type": "array", "items": _FILE["schema"]}}}
    content = {
        "application/json": {"schema": rows, "example": [full]},
        "application/x-ndjson": {"schema": {"type": "string"}, "example": json.dumps(full) + "\n"},
        "text/csv": {"schema": {"type": "string"}, "example": table},
        MULTIPART: {"schema": form},
        "application/zip": _FILE,
        "application/pdf": _FILE,
        DOCX: _FILE,
        "text/plain": {"schema": {"type": "string"}},
    }
    return {"requestBody": {"required": True, "content": content}}
