"""How redaction is measured: on labels as offsets, and on invented resumes."""

from scoring.spans import Span
from training.invented import invent
from training.labelled import labelled_documents
from training.redaction import field_rows, read_documents, redaction_rows, render

TEXT = "Zuleika Dobson\nzuleika@example.org\nExperience\n2019 - 2021: Head Chef, Northwind Ltd.\n"


def labels(*wanted: tuple[str, str]) -> tuple[Span, ...]:
    return tuple(Span(kind, TEXT.index(value), TEXT.index(value) + len(value)) for kind, value in wanted)


def test_a_label_half_covered_is_touched_and_not_found() -> None:
    half = labels(("email", "zuleika@example.org\nExp"))
    row = redaction_rows(read_documents([(TEXT, half)]))["email"]
    assert (row["labels"], row["found"], row["touched"]) == (1, 0, 1)


def test_a_span_on_nothing_personal_is_wrong_unless_it_can_be_read_either_way() -> None:
    nothing = redaction_rows(read_documents([(TEXT, ())]))["name"]
    either_way = redaction_rows(read_documents([(TEXT, labels(("ignore", "Zuleika Dobson")))]))["name"]
    assert (nothing["spans"], nothing["right"]) == (1, 0)
    assert either_way["spans"] == 0


def test_fields_are_counted_by_kind() -> None:
    rows = field_rows(
        read_documents([(TEXT, labels(("title", "Head Chef"), ("employer", "Northwind"), ("degree", "2021")))])
    )
    assert [rows[kind]["recall"] for kind in ("title", "employer", "degree")] == [1, 1, 0]
    assert rows["all"]["labels"] == 3


def test_invented_resumes_are_the_same_for_a_seed_and_mostly_redacted() -> None:
    resumes = list(invent(30, seed=4))
    assert resumes == list(invent(30, seed=4))
    assert all(resume.text[span.start : span.end].strip() for resume in resumes for span in resume.spans)
    rows = redaction_rows(read_documents((resume.text, resume.spans) for resume in resumes))
    assert rows["all"]["recall"] > 0.9
    assert rows["all"]["precision"] > 0.9


def test_sixty_resumes_are_labelled_by_offsets_alone() -> None:
    assert len(set(labelled_documents())) == 60


def test_the_tables_are_written_from_the_figures() -> None:
    documents = read_documents([(TEXT, labels(("name", "Zuleika Dobson")))])
    figures = {
        "documents": 1,
        "left_out": 0,
        "leaks": 0,
        "redaction": redaction_rows(documents),
        "fields": field_rows(documents),
    }
    page = render({"real": figures, "invented": figures, "megabytes_a_second": 1.0})
    assert "| name | 1 | 1 | 1.000 | 1 | 1 | 1 | 1.000 |" in page
