"""The sample pool is what its README says, and can be made again from its sources."""

import csv
import json
import runpy
from pathlib import Path

from parsing.errors import ParseError
from parsing.sandbox import extract

SAMPLES = Path(__file__).parents[2] / "samples"


def outcome(path: Path) -> str:
    """The document's text, or the code of its error."""
    try:
        return extract(path.read_bytes(), path.name).text
    except ParseError as error:
        return error.code


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file)) if path.suffix == ".csv" else [json.loads(line) for line in file]


def test_every_document_but_the_damaged_one_can_be_read() -> None:
    outcomes = {path.name: outcome(path) for path in (SAMPLES / "resumes").iterdir()}
    assert len(outcomes) == 24
    assert [name for name, text in outcomes.items() if len(text) < 300] == ["anders-vik-data-engineer.pdf"]
    assert outcomes["anders-vik-data-engineer.pdf"] == "damaged"


def test_rows_have_ids_of_their_own() -> None:
    resumes = rows(SAMPLES / "resumes.csv") + rows(SAMPLES / "resumes.ndjson")
    assert len({row["external_id"] for row in resumes}) == len(resumes) == 16
    assert all(row.get("text") or row.get("skills") for row in resumes)


def test_jobs_are_the_same_in_both_forms_and_complete() -> None:
    jobs = rows(SAMPLES / "jobs.ndjson")
    assert jobs == rows(SAMPLES / "jobs.csv")
    assert len({job["external_id"] for job in jobs}) == 6
    assert all(job["title"] and job["description"] and job["skills"] for job in jobs)


def test_the_generated_files_are_made_from_the_sources(tmp_path: Path) -> None:
    runpy.run_path(str(SAMPLES / "build.py"))["main"](tmp_path)
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(made) == 18 + 2 + 6
    for path in made:
        committed = SAMPLES / path.relative_to(tmp_path)
        if path.suffix in (".pdf", ".docx"):  # another version of the library may write other bytes
            assert outcome(path) == outcome(committed), path.name
        else:
            assert path.read_bytes() == committed.read_bytes(), path.name
