"""Whether a pack is whole: its files are the manifest's and no others, it loads, and it carries its model card."""

from collections.abc import Callable
from pathlib import Path

from scoring.cards import CardError, read_card
from scoring.categories import CategoryModel
from scoring.detector import Detector
from scoring.match import MatchModel
from scoring.occupations import Occupations
from scoring.packs import Pack, PackError, find_pack
from scoring.pairs import PairModel
from scoring.skills.matcher import SkillMatcher
from scoring.tfidf import Tfidf

LOADERS: dict[str, Callable[[Pack], object]] = {
    "match": MatchModel.load,
    "pairs": PairModel.from_pack,
    "categories": CategoryModel.load,
    "spam": Detector.load,
    "toxicity": Detector.load,
    "skills": SkillMatcher.load,
    "occupations": Occupations.load,
    "tfidf": Tfidf.load,
}
"""By kind, what reads a pack in service."""
BESIDE = {"manifest.json", "source.json"}
"""What a pack's folder holds beside the files that the manifest lists."""


def faults(root: Path, name: str, version: str) -> list[str]:
    """Everything that is wrong with ROOT/NAME/VERSION, in words; empty when nothing is."""
    try:
        pack = find_pack(root, name, version)
    except PackError as error:
        return [str(error)]
    return [*_strangers(pack), *_loading(pack), *_card(pack)]


def _strangers(pack: Pack) -> list[str]:
    found = {path.name for path in pack.directory.iterdir()} - BESIDE - set(pack.manifest["files"])
    return [f"{pack.directory / name} is not in the manifest" for name in sorted(found)]


def _loading(pack: Pack) -> list[str]:
    load = LOADERS.get(pack.manifest["kind"])
    if load is None:
        return [f"nothing here reads packs of the kind {pack.manifest['kind']}"]
    try:
        load(pack)
    except Exception as error:  # whatever it is, this pack cannot be served
        return [f"it does not load: {error}"]
    return []


def _card(pack: Pack) -> list[str]:
    try:
        read_card(pack.manifest)
    except CardError as error:
        return [str(error)]
    return []
