"""From a record that was read to the rows that are kept: checked, cleaned, hashed."""

import json
from collections.abc import Iterable, Iterator, Mapping

from api.columns import (
    JOB_COLUMNS,
    JOB_FORM,
    MATCH_FIELDS,
    RESUME_COLUMNS,
    RESUME_FORM,
    canonical,
    listed,
    unknown_reason,
)
from api.literals import flatten, tidy
from api.records import BadRecord, Record
from api.wishes import WISHES, WishError, packed
from db.rows import JobRow, Kind, RejectedRow, ResumeRow, Row, content_hash, derived_id, estimated_tokens

LONGEST = {"external_id": 200, "name": 300, "title": 300, "text": 500_000}
LONGEST_FIELD = 100_000
"""Characters: a resume of 500,000 fills over a hundred pages."""

NO_TEXT = "The resume holds no text. Fill `text`, or columns such as `skills` and `career_objective`."
NO_DESCRIPTION = "The job has no description. Fill `description` (in resume_data.csv's columns: `responsibilities.1`)."
NO_TITLE = "The job has no title. Fill `title` (in resume_data.csv's columns: `job_position_name`)."


class _RejectedError(Exception):
    """The row cannot be kept."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code, self.reason = code, reason


Values = Mapping[str, str]


def resume_rows(records: Iterable[Record | BadRecord]) -> Iterator[Row]:
    """Every record as a resume, and as a job where it has a job's columns too."""
    for record in records:
        values = _checked(record, "resume", RESUME_COLUMNS)
        if isinstance(values, RejectedRow):
            yield values
            continue
        yield _kept(record, values, "resume")
        if any(values.get(column) for column in JOB_FORM):
            yield _kept(record, {name: values.get(column, "") for column, name in JOB_FORM.items()}, "job")


def job_rows(records: Iterable[Record | BadRecord]) -> Iterator[Row]:
    """Every record as a job, in our columns or in those of resume_data.csv."""
    for record in records:
        values = _checked(record, "job", JOB_COLUMNS)
        if isinstance(values, RejectedRow):
            yield values
            continue
        form = {name: values[column] for column, name in JOB_FORM.items() if values.get(column)}
        yield _kept(record, {**values, **form}, "job")


def _checked(record: Record | BadRecord, kind: Kind, known: frozenset[str]) -> dict[str, str] | RejectedRow:
    if isinstance(record, BadRecord):
        return RejectedRow(record.number, kind, record.source, None, record.code, record.reason)
    try:
        values = {canonical(name): _text(name, value) for name, value in record.values.items()}
        if unknown := sorted(values.keys() - known):
            raise _RejectedError("unknown_column", unknown_reason(unknown, known))
        return values
    except _RejectedError as error:
        return RejectedRow(record.number, kind, record.source, _shown_id(record.values), error.code, error.reason)


def _text(name: str, value: object) -> str:
    if canonical(name) in WISHES:
        return _wishes(canonical(name), value)
    if isinstance(value, str):
        if "\0" in value:
            reason = "The row holds a NUL character (U+0000), which no text can. Remove it and send the row again."
            raise _RejectedError("invalid_character", reason)
        return value
    try:
        return ", ".join(flatten(value))
    except (TypeError, RecursionError) as error:
        reason = f"{listed([name])} must be text, a number, null or a list of these."
        raise _RejectedError("invalid_value", reason) from error


def _wishes(name: str, value: object) -> str:
    try:
        return packed(name, value)
    except WishError as error:
        raise _RejectedError("invalid_value", str(error)) from error


def _kept(record: Record | BadRecord, values: Values, kind: Kind) -> Row:
    """The row, or its rejection."""
    number, source = record.number, record.source
    try:
        return _resume(number, source, values) if kind == "resume" else _job(number, source, values)
    except _RejectedError as error:
        code, reason = error.code, error.reason
    except UnicodeEncodeError:
        code, reason = "invalid_character", "The row holds half of a surrogate pair. Send whole characters."
    return RejectedRow(number, kind, source, _shown_id(values), code, reason)


def _resume(number: int, source: str, values: Values) -> ResumeRow:
    form = {column: tidy(values[column]) for column in RESUME_FORM if values.get(column)}
    fields = {column: form[column] for column in MATCH_FIELDS if form.get(column)}
    text = values.get("text", "").strip() or _rendered(form)
    if not text:
        raise _RejectedError("no_text", NO_TEXT)
    name = values.get("name", "").strip()
    packed = json.dumps(fields, ensure_ascii=False) if fields else "{}"
    _check_lengths(text=text, name=name, **fields)
    hashed = content_hash(name, text, packed)
    return ResumeRow(number, source, _id(values, hashed), name, text, packed, hashed, estimated_tokens(text))


def _job(number: int, source: str, values: Values) -> JobRow:
    title, description = values.get("title", "").strip(), values.get("description", "").strip()
    if not description:
        raise _RejectedError("job_without_description", NO_DESCRIPTION)
    if not title:
        raise _RejectedError("job_without_title", NO_TITLE)
    education, experience, skills = (tidy(values.get(name, "")) for name in ("education", "experience", "skills"))
    _check_lengths(title=title, description=description, education=education, experience=experience, skills=skills)
    texts = (title, description, education, experience, skills)
    wishes = (values.get("weights", "{}"), values.get("must_haves", "{}"))
    hashed = content_hash(*texts, *(wish for wish in wishes if wish != "{}"))
    return JobRow(number, source, _id(values, hashed), *texts, *wishes, hashed, estimated_tokens(*texts))


def _rendered(form: Values) -> str:
    """A resume's columns as one readable text."""
    return "\n\n".join(f"{RESUME_FORM[column]}\n{value}" for column, value in form.items() if value)


def _id(values: Values, hashed: str) -> str:
    given = values.get("external_id", "").strip()
    _check_lengths(external_id=given)
    given.encode()  # refuses what UTF-8 cannot hold
    return given or derived_id(hashed)


def _shown_id(values: Mapping[str, object]) -> str | None:
    """An external id fit to be stored and shown beside a rejection."""
    given = values.get("external_id")
    if not isinstance(given, str):
        return None
    shortened = given.replace("\0", "").strip()[: LONGEST["external_id"]]
    return shortened.encode(errors="replace").decode() or None


def _check_lengths(**texts: str) -> None:
    for name, text in texts.items():
        longest = LONGEST.get(name, LONGEST_FIELD)
        if len(text) > longest:
            reason = f"`{name}` has {len(text):,} characters; {longest:,} are the most. Send a shorter one."
            raise _RejectedError("too_long", reason)
