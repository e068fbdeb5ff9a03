"""What an uploaded file is, by its media type or its name."""

from enum import Enum
from pathlib import PurePosixPath

from api.problems import Problem
from api.settings import Settings

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MULTIPART = "multipart/form-data"


class Form(Enum):
    """How a file is read: rows at once, documents and archives by the parse workers."""

    CSV = "csv"
    NDJSON = "ndjson"
    JSON = "json"
    DOCUMENT = "document"
    ARCHIVE = "archive"

    def limit(self, settings: Settings) -> int:
        """The most bytes that such a file may have."""
        match self:
            case Form.JSON:
                return settings.max_json
            case Form.DOCUMENT:
                return settings.max_file
            case Form.ARCHIVE:
                return settings.max_archive
        return settings.max_upload

    def advice(self) -> str:
        """What to do about one that has more."""
        if self is Form.JSON:
            return "Send NDJSON, one object a line: it is read row by row."
        return "Send it in parts." if self in (Form.ARCHIVE, Form.CSV, Form.NDJSON) else "Send a smaller file."


BY_TYPE = {
    "text/csv": Form.CSV,
    "application/x-ndjson": Form.NDJSON,
    "application/ndjson": Form.NDJSON,
    "application/jsonl": Form.NDJSON,
    "application/json": Form.JSON,
    "application/pdf": Form.DOCUMENT,
    DOCX: Form.DOCUMENT,
    "text/plain": Form.DOCUMENT,
    "application/zip": Form.ARCHIVE,
    "application/x-zip-compressed": Form.ARCHIVE,
}
BY_SUFFIX = {
    ".csv": Form.CSV,
    ".ndjson": Form.NDJSON,
    ".jsonl": Form.NDJSON,
    ".json": Form.JSON,
    ".zip": Form.ARCHIVE,
}


def form_of_body(media_type: str, filename: str) -> Form:
    """By media type; bytes without one (application/octet-stream) by name. Raises Problem 415."""
    if (form := BY_TYPE.get(media_type)) is not None:
        return form
    suffix = PurePosixPath(filename).suffix.lower()
    if media_type in ("", "application/octet-stream"):
        if suffix in (".pdf", ".docx", ".txt"):
            return Form.DOCUMENT
        if suffix in BY_SUFFIX:
            return BY_SUFFIX[suffix]
    accepted = [*BY_TYPE, MULTIPART]
    detail = f"Set Content-Type to one of {', '.join(accepted)}."
    raise Problem(415, "unsupported_media_type", "Unsupported media type", detail, accepted=accepted)


def form_of_part(media_type: str, filename: str) -> Form:
    """By name, then by media type; anything else is a document, which the parser knows by its content or refuses."""
    suffix = PurePosixPath(filename).suffix.lower()
    return BY_SUFFIX.get(suffix) or (Form.DOCUMENT if suffix else BY_TYPE.get(media_type, Form.DOCUMENT))
