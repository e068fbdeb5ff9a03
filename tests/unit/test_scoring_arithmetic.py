"""What an encoder is loaded with: a format by its name, and for int8 what is known of the base."""

from types import SimpleNamespace

import pytest
import torch

from db.settings import FORMATS, SettingsError, scoring_format
from scoring.arithmetic import arithmetic, spread_file
from scoring.checkpoint import EncoderShape
from scoring.formats import Format
from scoring.packs import BASE_WEIGHTS, PackError, base_directory, sha256_of
from training.formats import Change


def _pack(sha256):
    return SimpleNamespace(manifest={"base": {"sha256": sha256}})


def test_a_format_that_nobody_knows_is_refused():
    with pytest.raises(PackError, match="torch-fp12"):
        arithmetic(_pack("0" * 64), format="torch-fp12")


def test_the_installed_base_is_known_and_no_other():
    sha256, shape = sha256_of(base_directory() / BASE_WEIGHTS), EncoderShape.read(base_directory())
    spread = arithmetic(_pack(sha256), format=Format.INT8).spread
    assert spread is not None
    assert spread.shape == (2, shape.num_hidden_layers, shape.hidden_size)
    assert torch.isfinite(spread).all()
    assert (spread > 0).all()
    assert arithmetic(_pack(sha256)).spread is None
    assert not spread_file("0" * 64).exists()
    assert arithmetic(_pack("0" * 64), format=Format.INT8).spread is None


def test_the_database_knows_the_formats_by_the_same_names(monkeypatch):
    assert set(FORMATS) == set(Format)
    assert scoring_format() == Format.FP32
    monkeypatch.setenv("WINNOW_FORMAT", "int8")
    with pytest.raises(SettingsError, match="torch-int8"):
        scoring_format()


def test_a_change_of_scores_in_words():
    plain, other = torch.tensor([0.1, 0.49, 0.8]).numpy(), torch.tensor([0.1, 0.51, 0.8]).numpy()
    assert Change.of(plain, other, 0.5).cells() == ("0.0000", "0.0196", "0.0200", "33.33%", "3")
