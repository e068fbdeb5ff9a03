import io
import stat
import struct
import zipfile

import pytest
from parsing_files import SENTENCE, simple_docx, zipped

from parsing.archive import expand
from parsing.document import Member
from parsing.errors import ParseError
from parsing.limits import ArchiveLimits

TEXT = SENTENCE.encode()

DEFAULT = ArchiveLimits()


def members(content: bytes, limits: ArchiveLimits = DEFAULT) -> list[Member]:
    return list(expand(io.BytesIO(content), limits))


def codes(content: bytes, limits: ArchiveLimits = DEFAULT) -> dict[str, str]:
    return {each.name: each.error.code if each.error else "good" for each in members(content, limits)}


def test_members_in_order_without_folders_and_noise() -> None:
    names = ["b/", "b/cv.txt", "__MACOSX/b/._cv.txt", ".DS_Store", "a.txt", "b\\cv.txt"]
    archive = zipped({name: b"" if name.endswith("/") else TEXT for name in names})
    assert members(archive) == [Member("b/cv.txt", TEXT), Member("a.txt", TEXT), Member("b/cv (2).txt", TEXT)]


def test_a_docx_inside_is_a_document_and_a_zip_is_not() -> None:
    inside = {
        "cv.docx": simple_docx(SENTENCE),
        "more.zip": zipped({"a.txt": TEXT}),
        "old.gz": b"\x1f\x8b",
        "b.txt": TEXT,
    }
    assert codes(zipped(inside | {"b.txt": TEXT})) == {
        "cv.docx": "good",
        "more.zip": "archive_nested",
        "old.gz": "archive_nested",
        "b.txt": "good",
    }


def test_an_empty_archive_has_no_members() -> None:
    assert members(zipped({})) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"name,text\n", "unsupported_type"),
        (simple_docx(SENTENCE), "unsupported_type"),
        (zipped({"a.txt": TEXT, "b.txt": TEXT})[:-30], "damaged"),
        (zipped({"a.txt": TEXT})[:20], "damaged"),
    ],
)
def test_what_is_no_whole_archive(content: bytes, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        members(content)
    assert caught.value.code == code


def test_one_corrupt_member_costs_no_other() -> None:
    archive = bytearray(zipped({"a.txt": TEXT, "b.txt": TEXT}, zipfile.ZIP_STORED))
    archive[archive.index(TEXT) + 5] ^= 0xFF
    assert codes(bytes(archive)) == {"a.txt": "damaged", "b.txt": "good"}


def test_encrypted_members() -> None:
    archive = bytearray(zipped({"a.txt": TEXT, "b.txt": TEXT}))
    archive[archive.index(b"PK\x01\x02") + 8] |= 1
    assert codes(bytes(archive)) == {"a.txt": "password_protected", "b.txt": "good"}


def test_links_and_rare_methods() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("rare.txt", TEXT)
    content = bytearray(buffer.getvalue())
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", content, content.rindex(signature) + offset, 9)  # deflate64
    assert codes(bytes(content)) == {"link.txt": "archive_entry", "rare.txt": "archive_entry"}


def test_a_member_too_large_costs_no_other() -> None:
    archive = zipped({"bomb.txt": bytes(2_000_000), "a.txt": TEXT})
    assert codes(archive, ArchiveLimits(member_size=1_000_000)) == {"bomb.txt": "archive_bomb", "a.txt": "good"}


def test_a_ratio_counts_beyond_the_floor() -> None:
    archive = zipped({"bomb.txt": bytes(2_000_000)})
    assert codes(archive, ArchiveLimits(ratio_floor=1_000_000)) == {"bomb.txt": "archive_bomb"}
    assert codes(archive) == {"bomb.txt": "good"}


def test_the_total_ends_what_comes_after() -> None:
    archive = zipped({name: bytes(400) for name in ("a.txt", "b.txt", "c.txt")})
    assert codes(archive, ArchiveLimits(total_size=900)) == {"a.txt": "good", "b.txt": "good", "c.txt": "archive_bomb"}


def test_declared_sizes_are_not_believed() -> None:
    archive = bytearray(zipped({"bomb.txt": bytes(2_000_000), "a.txt": TEXT}))
    struct.pack_into("<I", archive, archive.index(b"PK\x01\x02") + 24, 100)
    outcome = codes(bytes(archive), ArchiveLimits(member_size=1_000_000))
    assert outcome["bomb.txt"] in ("archive_bomb", "damaged")
    assert outcome["a.txt"] == "good"


def test_too_many_members() -> None:
    with pytest.raises(ParseError, match="archive_bomb"):
        members(zipped({f"{number}.txt": TEXT for number in range(11)}), ArchiveLimits(members=10))
