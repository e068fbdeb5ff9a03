"""A pack that is not what its manifest says is never loaded."""

import json

import pytest

from benchmarks.tiny_packs import write_encoder_packs, write_tiny_base
from scoring.categories import CategoryModel
from scoring.match import MatchModel
from scoring.packs import PackError, find_pack, load_pack


@pytest.fixture
def packs(tmp_path, monkeypatch):
    write_encoder_packs(tmp_path)
    monkeypatch.setenv("WINNOW_BASE_MODEL", str(tmp_path / "base"))
    return tmp_path / "packs"


def _rewrite(directory, **changes):
    path = directory / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_flipped_bit_is_found(packs):
    path = packs / "match" / "1" / "regression.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(PackError, match="damaged"):
        find_pack(packs, "match", "1")


def test_a_missing_file_or_manifest_is_told(packs):
    (packs / "match" / "1" / "regression.safetensors").unlink()
    with pytest.raises(PackError, match="missing"):
        load_pack(packs / "match" / "1")
    with pytest.raises(PackError, match="cannot read"):
        find_pack(packs, "match", "2")


def test_a_pack_reads_nothing_outside_its_folder(packs):
    _rewrite(packs / "match" / "1", files={"../../../base/config.json": "0" * 64})
    with pytest.raises(PackError, match="inside"):
        load_pack(packs / "match" / "1")


def test_a_pack_under_another_name_is_refused(packs):
    _rewrite(packs / "match" / "1", version="3")
    with pytest.raises(PackError, match="not match 1"):
        find_pack(packs, "match", "1")


@pytest.mark.parametrize("manifest", ["[]", "{}", '"x"', "{"])
def test_a_manifest_that_is_none_is_refused(packs, manifest):
    (packs / "match" / "1" / "manifest.json").write_text(manifest)
    with pytest.raises(PackError):
        load_pack(packs / "match" / "1")


def test_another_base_model_is_refused(packs, tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_BASE_MODEL", str(write_tiny_base(tmp_path / "other")))
    with pytest.raises(PackError, match="was trained on"):
        CategoryModel.load(find_pack(packs, "categories", "1"))


def test_weights_of_another_shape_are_refused(packs):
    _rewrite(packs / "categories" / "1", head={"narrow": 6, "channels": 4, "width": 5})
    with pytest.raises(PackError, match="does not fit"):
        CategoryModel.load(find_pack(packs, "categories", "1"))


def test_a_pack_of_another_kind_is_refused(packs):
    with pytest.raises(PackError, match="no file"):
        MatchModel.load(find_pack(packs, "categories", "1"))
