"""How a path becomes requests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client import sources
from client.bodies import FileBody, FormBody
from client.errors import WinnowError
from client.sources import read_source


def _write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def test_a_folder_gives_its_documents_under_their_paths(tmp_path: Path) -> None:
    _write(tmp_path, "b.PDF", "team/a.txt", "team/photo.jpg", ".hidden/c.txt", "__MACOSX/d.pdf", "README")
    source = read_source(tmp_path)
    assert source.bodies == (FormBody((("b.PDF", tmp_path / "b.PDF"), ("team/a.txt", tmp_path / "team" / "a.txt"))),)
    assert source.skipped == ((".jpg", 1), ("no ending", 1))
    assert source.size == sum(len(name) for name in ("b.PDF", "team/a.txt"))


@pytest.mark.parametrize(("name", "may_carry_jobs"), [("a.csv", True), ("a.ndjson", True), ("a.zip", False)])
def test_a_table_or_archive_is_one_request(tmp_path: Path, name: str, may_carry_jobs: bool) -> None:
    _write(tmp_path, name)
    source = read_source(tmp_path / name)
    assert source.bodies == (FileBody(tmp_path / name),)
    assert source.may_carry_jobs is may_carry_jobs


@pytest.mark.parametrize("name", ["missing.pdf", "photo.jpg", "."])
def test_nothing_to_send_is_said(tmp_path: Path, name: str) -> None:
    _write(tmp_path, "photo.jpg")
    with pytest.raises(WinnowError):
        read_source(tmp_path / name)


@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=40))
def test_batches_hold_every_file_once_within_their_bounds(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    for number, size in enumerate(sizes):
        (folder / f"{number:03}.txt").write_bytes(b"x" * size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "_BATCH_FILES", 7)
        patch.setattr(sources, "_BATCH_BYTES", 50)
        bodies = read_source(folder).bodies
    forms = [body for body in bodies if isinstance(body, FormBody)]
    assert [name for form in forms for name, _ in form.files] == [f"{number:03}.txt" for number in range(len(sizes))]
    assert all(len(form.files) <= 7 and form.size <= 50 for form in forms)
