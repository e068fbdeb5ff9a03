"""Files of postings as they are read for import."""

from pathlib import Path

import pytest

from workers.postings import PostingsError, read


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_columns_may_have_their_other_names_and_may_be_missing(tmp_path: Path) -> None:
    lines = '{"id": 7, "positionName": "Cook", "description": "You cook.", "salary": "x", "company": null}\n'
    [posting] = read(written(tmp_path, "a.ndjson", lines))
    assert (posting.external_id, posting.title, posting.company, posting.url) == ("7", "Cook", "", "")
    assert posting.text == "Cook\nYou cook."


def test_without_an_id_equal_postings_are_one_and_others_are_not(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", "\ufefftitle,description\nCook,You cook.\nCook,You cook.\nCook,You bake.\n")
    assert [posting.description for posting in read(file)] == ["You cook.", "You bake."]


def test_of_one_id_the_last_counts(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", "id,title,description\n1,Cook,old\n1,Cook,new\n")
    assert [posting.description for posting in read(file)] == ["new"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "title,description\nCook,\n"),
        ("a.csv", "name,text\nCook,You cook.\n"),
        ("a.ndjson", "[1, 2]\n"),
        ("a.ndjson", "{\n"),
        ("a.jsonl", '{"title": "Cook"}\n'),
    ],
)
def test_what_cannot_be_imported_is_refused_whole(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises((PostingsError, ValueError)):
        list(read(written(tmp_path, name, text)))
