import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsing.names import UniqueNames, is_noise, member_path


def path_of(name: str, utf8: bool = True) -> str:
    entry = zipfile.ZipInfo()
    entry.filename = name
    entry.flag_bits = 0x800 if utf8 else 0
    return member_path(entry)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("2024/nurses/cv.pdf", "2024/nurses/cv.pdf"),
        ("/etc/passwd", "etc/passwd"),
        ("../../cv.pdf", "cv.pdf"),
        ("C:\\cvs\\Łukasz.pdf", "cvs/Łukasz.pdf"),
        ("a//./b .pdf", "a/b .pdf"),
        ("evil\u202egpj.pdf\n", "evilgpj.pdf"),
        ("..", "unnamed"),
        ("\ud800", "unnamed"),
    ],
)
def test_paths_are_cleaned(name: str, cleaned: str) -> None:
    assert path_of(name) == cleaned


def test_utf8_without_its_flag_is_recognised() -> None:
    assert path_of("Zoë Łódź.pdf".encode().decode("cp437"), utf8=False) == "Zoë Łódź.pdf"


def test_cp437_stays_cp437() -> None:
    assert path_of("Zoë.pdf", utf8=False) == "Zoë.pdf"


@given(st.text(st.characters(exclude_categories=[])), st.booleans())
def test_any_name_comes_out_relative_and_storable(name: str, utf8: bool) -> None:
    path = path_of(name, utf8)
    assert path.encode()
    assert len(path) <= 500
    assert not {"", ".", ".."} & set(path.split("/"))
    assert "\0" not in path


@pytest.mark.parametrize("path", ["__MACOSX/._cv.pdf", ".DS_Store", "a/.DS_Store", ".git/config", "a/Thumbs.db"])
def test_noise(path: str) -> None:
    assert is_noise(path)


def test_a_resume_is_no_noise() -> None:
    assert not is_noise("a.b/cv.pdf")


def test_repeated_paths_get_numbers() -> None:
    names = UniqueNames()
    given_names = ["a/cv.pdf", "a/cv.pdf", "a/cv (2).pdf", "a/cv.pdf", "b/cv.pdf", "readme", "readme"]
    assert [names.unique(name) for name in given_names] == [
        "a/cv.pdf",
        "a/cv (2).pdf",
        "a/cv (2) (2).pdf",
        "a/cv (3).pdf",
        "b/cv.pdf",
        "readme",
        "readme (2)",
    ]
