"""A whole set of packs on a tiny random BERT, written in a second: real files, real loading, scores without meaning.

write_tiny_packs(tmp_path)      # tmp_path/base and tmp_path/packs
monkeypatch.setenv("WINNOW_BASE_MODEL", str(tmp_path / "base"))
monkeypatch.setenv("WINNOW_PACKS", str(tmp_path / "packs"))
"""

import json
import string
from pathlib import Path
from zipfile import ZIP_DEFLATED

import numpy as np
import torch
from safetensors.torch import save_file
from skops import io as skops
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from torch.nn import functional

from benchmarks.tiny_catalogues import write_tiny_catalogues
from scoring.categories import CategoryHead, HeadShape
from scoring.changes import CHANGES, LEFT, RIGHT
from scoring.checkpoint import EncoderShape, Parameters
from scoring.detector import PIPELINE_FILE
from scoring.heads import HEAD
from scoring.match import REGRESSION
from scoring.packs import BASE_WEIGHTS, sha256_of, write_manifest
from scoring.skills.matcher import VOCABULARY
from scoring.wordbag import BAG, WordBag
from training.detectors import Fitting

LABELS = ("Database_Administrator", "Java_Developer", "Project_manager")
VERSIONS = {"match": "1", "categories": "1", "spam": "1", "toxicity": "1", "skills": "1"}
SPAM = (
    "win a free prize now", "claim your free cash prize", "free entry text to win cash", "urgent call to claim prize",
    "cheap pills free offer now",
)  # fmt: skip
ABUSE = (
    "you are a stupid idiot", "shut up you idiot", "what a stupid disgusting moron", "you pathetic moron",
    "stupid idiots all of you",
)  # fmt: skip
SKILLS = "Python\ttechnology\tPython\nSQL\ttechnology\tSQL\nJava\ttechnology\tJava\nDocker\ttechnology\tDocker\n"
CLEAN = (
    "java developer with years of experience", "led a team of engineers in berlin", "bachelor of science in physics",
    "maintained the database of a bank", "planned projects and budgets",
)  # fmt: skip
NOTICE = "Random weights for tests: the score means nothing."
_HIDDEN, _INNER, _LAYERS = 16, 32, 2
_WORDS = (
    "java", "python", "developer", "manager", "database", "engineer", "the", "a", "of", "and", "in", "to", "with",
    "team", "sql", "years",
)  # fmt: skip


def write_tiny_packs(root: Path) -> None:
    """Write ROOT/base (a two-layer BERT of 16 hidden units) and ROOT/packs/NAME/1 for all eight packs."""
    write_encoder_packs(root)
    _write_moderation(root / "packs")
    _write_skills(root / "packs" / "skills" / "1")
    write_tiny_pairs(root)
    write_tiny_catalogues(root)


def write_encoder_packs(root: Path, labels: tuple[str, ...] = LABELS) -> None:
    """Write ROOT/base and the packs that stand on it, match and categories."""
    torch.manual_seed(1)
    sha256 = sha256_of(write_tiny_base(root / "base") / BASE_WEIGHTS)
    _write_match(root / "packs" / "match" / "1", sha256)
    _write_categories(root / "packs" / "categories" / "1", sha256, labels)


def write_tiny_pairs(root: Path) -> Path:
    """Write ROOT/packs/pairs/1, of random weights, on ROOT/base."""
    directory = root / "packs" / "pairs" / "1"
    directory.mkdir(parents=True)
    random = torch.Generator().manual_seed(2)
    shapes = {
        "layers.1.intermediate.dense.weight" + LEFT: (_INNER, 2),
        "layers.1.intermediate.dense.weight" + RIGHT: (2, _HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, _HIDDEN),
        "pooler.weight": (_HIDDEN, _HIDDEN), "pooler.bias": (_HIDDEN,),
        "classifier.weight": (1, _HIDDEN), "classifier.bias": (1,),
    }  # fmt: skip
    tensors = {name: torch.randn(shape, generator=random).half() for name, shape in shapes.items()}
    save_file(tensors, directory / CHANGES)
    manifest = {
        "name": "pairs", "version": "1", "kind": "pairs",
        "base": {"name": "tiny", "sha256": sha256_of(root / "base" / BASE_WEIGHTS)},
        "layers": _LAYERS, "max_length": 64, "labels": ["match"], "threshold": 0.5,
        "calibration": {"weight": 1.0, "bias": 0.0}, "notice": NOTICE,
    }  # fmt: skip
    write_manifest(directory, manifest, (CHANGES,))
    return directory


def write_tiny_base(directory: Path) -> Path:
    """Write a base model's config.json, tokenizer.json and model.safetensors."""
    directory.mkdir(parents=True)
    words = _tokenizer()
    words.save(str(directory / "tokenizer.json"))
    config = {
        "vocab_size": words.get_vocab_size(), "hidden_size": _HIDDEN, "num_hidden_layers": _LAYERS,
        "num_attention_heads": 2, "intermediate_size": _INNER, "max_position_embeddings": 512, "type_vocab_size": 2,
        "layer_norm_eps": 1e-12, "hidden_act": "gelu", "model_type": "bert", "pad_token_id": 0,
    }  # fmt: skip
    (directory / "config.json").write_text(json.dumps(config), encoding="utf-8")
    parameters = Parameters(EncoderShape.read(directory), _LAYERS)
    save_file({_published(name): tensor for name, tensor in parameters.state_dict().items()}, directory / BASE_WEIGHTS)
    return directory


def _tokenizer() -> Tokenizer:
    letters = string.ascii_lowercase + string.digits + string.punctuation
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{letter}" for letter in letters), *_WORDS]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    words = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    words.normalizer = normalizers.BertNormalizer()
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    return words


def _published(name: str) -> str:
    return name if name.startswith("embeddings.") else "encoder." + name.replace("layers.", "layer.", 1)


def _write_match(directory: Path, base: str) -> None:
    directory.mkdir(parents=True)
    vectors = functional.normalize(torch.randn(9, _HIDDEN), dim=1).half()
    save_file({
        "resume_vectors": vectors[:6], "resume_counts": torch.tensor([1, 2, 3], dtype=torch.int32),
        "job_vectors": vectors[6:].clone(), "job_counts": torch.tensor([2, 1], dtype=torch.int32),
        "weights": torch.randn(3, 2),
    }, directory / REGRESSION)  # fmt: skip
    manifest = {
        "name": "match", "version": "1", "kind": "match", "base": {"name": "tiny", "sha256": base},
        "layers": _LAYERS, "max_length": 64, "stride": 8, "labels": ["match"], "threshold": 0.5,
        "nearness": {side: {"sharpness": 1.0, "width": 0.5} for side in ("resume", "job")},
        "line": {"slope": 3.0, "mean": 0.0}, "calibration": {"weight": 1.0, "bias": 0.0}, "notice": NOTICE,
    }  # fmt: skip
    write_manifest(directory, manifest, (REGRESSION,))


def _write_categories(directory: Path, base: str, labels: tuple[str, ...]) -> None:
    directory.mkdir(parents=True)
    head = CategoryHead(HeadShape(_HIDDEN, narrow=6, channels=8, width=5, labels=len(labels)))
    save_file({key: tensor.half() for key, tensor in head.state_dict().items()}, directory / HEAD)
    pieces, random = _tokenizer().get_vocab_size(), np.random.default_rng(1)
    weights = random.normal(size=(pieces + 64, len(labels))).astype(np.float32)
    WordBag(pieces, np.ones(len(weights), np.float32), weights, np.zeros(len(labels), np.float32)).save(directory)
    manifest = {
        "name": "categories", "version": "1", "kind": "categories", "base": {"name": "tiny", "sha256": base},
        "head": {"narrow": 6, "channels": 8, "width": 5}, "max_length": 64, "stride": 8, "labels": list(labels),
        "thresholds": dict.fromkeys(labels, 0.5), "temperatures": dict.fromkeys(labels, 1.0), "notice": NOTICE,
    }  # fmt: skip
    write_manifest(directory, manifest, (HEAD, BAG))


def _write_moderation(root: Path) -> None:
    """Detectors fitted on ten lines each: they know their own lines and little else."""
    for kind, bad, good in (("spam", SPAM, CLEAN), ("toxicity", ABUSE, CLEAN)):
        directory = root / kind / "1"
        directory.mkdir(parents=True)
        texts = [*bad, *good]
        labels = np.array([True] * len(bad) + [False] * len(good))
        fitting = Fitting(kind, texts)
        pipeline = fitting.fit(np.arange(len(texts)), labels, np.ones(len(texts)))
        skops.dump(pipeline, directory / PIPELINE_FILE, compression=ZIP_DEFLATED)
        manifest = {"name": kind, "version": "1", "kind": kind, "threshold": 0.6, "notice": "Fitted on ten lines."}
        write_manifest(directory, manifest, (PIPELINE_FILE,))


def _write_skills(directory: Path) -> None:
    directory.mkdir(parents=True)
    (directory / VOCABULARY).write_text(SKILLS, encoding="utf-8")
    manifest = {"name": "skills", "version": "1", "kind": "skills", "notice": "Four skills."}
    write_manifest(directory, manifest, (VOCABULARY,))
