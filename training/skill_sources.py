"""Names of skills as their sources give them: ESCO, O*NET, and the lists of skills in the training sets."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from scoring.text import clean_field, normalise
from training.skill_esco import concepts, stems
from training.skill_labels import LABELS, SEARCH_HIT

WORDS = Path(__file__).with_name("skill_words")
_YEARS = re.compile(r"(?:^|[,\n])\s*([^,()\n]{1,50}?)\s*\((?:Less than 1 year|\d+\+? years?)\)")
"""An entry of a skills section of the corpus: "Java (3 years), SQL (Less than 1 year)"."""
_ACRONYM = re.compile(r"^(?P<words>.*[a-z].*) (?P<short>[A-Z][A-Za-z0-9/]*[A-Z0-9]s?)$")
_MAKERS = (
    "Adobe|Amazon|Apache|Apple|Atlassian|Autodesk|Bentley|Cisco|Citrix|Corel|Dassault Systemes|ESRI|Google"
    "|Hewlett-Packard|IBM|Intuit|Microsoft|National Instruments|Oracle|PTC|Qlik Tech|SAP|Siemens|StataCorp|Symantec"
    "|The MathWorks|Trimble"
)
_MADE = re.compile(f"^(?:{_MAKERS}) (.+)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One skill of a source: the name to call it by, and its names, that one among them."""

    name: str
    names: tuple[str, ...]
    technology: bool


def synonyms() -> Iterator[Entry]:
    """Skills whose names no other source joins; kept by hand in skill_words/synonyms.txt."""
    technology = True
    for line in (WORDS / "synonyms.txt").read_text(encoding="utf-8").splitlines():
        technology = technology and line != "# practices"
        if not line.startswith("#"):
            name, _, others = line.partition(" = ")
            yield Entry(name, (name, *others.split("; ")), technology)


def esco(folder: Path) -> Iterator[Entry]:
    """ESCO's cross-sector skills and knowledge: preferred and other labels of up to six words.

    Other labels of one or two words are kept when they share a word with the preferred one; the rest are loose, such as
    "be responsible".
    """
    for preferred, others in concepts(folder / "esco_skills_en.csv"):
        close = (name for name in others if len(name.split()) > 2 or stems(name) & stems(preferred))
        names = tuple(name for name in dict.fromkeys((preferred, *close)) if 0 < len(name.split()) <= 6)
        if names:
            yield Entry(preferred, names, technology=False)


def onet(folder: Path) -> Iterator[Entry]:
    """O*NET's technology skills, the most used first: with and without maker, acronym and the word "software"."""
    frame = pd.read_csv(folder / "onet_technology_skills.txt", sep="\t", dtype=str, keep_default_na=False)
    for example in frame["Example"].value_counts().index:
        bare = re.sub(r"(?i) (?:software|systems?)$", "", example)
        names = [example, *_forms(bare if " " in bare or not example[1:].islower() else example)]
        yield Entry(min(names[1:], key=len), tuple(dict.fromkeys(names)), technology=not example[1:].islower())


def _forms(name: str) -> Iterator[str]:
    """A product's name with its acronym apart, each also without its maker."""
    acronym = _ACRONYM.match(name)
    parts = [name]
    if acronym and _abbreviates(acronym["short"], acronym["words"]):
        parts = [acronym["words"], acronym["short"]]
    for part in parts:
        yield part
        if made := _MADE.match(part):
            yield made[1]


def _abbreviates(short: str, words: str) -> bool:
    initials = iter(word[0].lower() for word in re.split(r"[\s\-/]+", words) if word)
    return len(short) > 1 and all(letter in initials for letter in short.rstrip("s").lower())


def corpus_skills(path: Path, least: int) -> Iterator[Entry]:
    """Entries of the corpus's skills sections in at least `least` resumes, the most frequent first.

    No resume that the matcher is measured on is read.
    """
    held = {json.loads(line)["document"].partition("#")[2] for line in LABELS.read_text(encoding="utf-8").splitlines()}
    frame = pd.read_parquet(path, columns=["id", "text"])
    texts = frame.loc[~frame["id"].isin(held), "text"]
    lists = (map(normalise, _YEARS.findall(SEARCH_HIT.sub("", text))) for text in texts)
    return _frequent(lists, least)


def resume_skills(path: Path, least: int) -> Iterator[Entry]:
    """Entries of the column `skills` in at least `least` different resumes."""
    return _frequent((clean_field(value).split(", ") for value in _column(path, "skills")), least)


def job_skills(path: Path) -> Iterator[Entry]:
    """Lines of the column `skills_required`."""
    return _frequent((re.split(r"[\n•]", value) for value in _column(path, "skills_required")), least=1)


def _column(path: Path, column: str) -> Iterable[str]:
    """The different values of one column of a CSV file."""
    frame = pd.read_csv(path, usecols=lambda name: name.strip("\ufeff ") == column, dtype=str, keep_default_na=False)
    return frame.iloc[:, 0].unique()


def _frequent(lists: Iterable[Iterable[str]], least: int) -> Iterator[Entry]:
    """Names by the number of lists they stand in, each in its most frequent spelling."""
    spellings: dict[str, Counter[str]] = {}
    for names in lists:
        for name in dict.fromkeys(cleaned for entry in names if (cleaned := _clean(entry))):
            spellings.setdefault(name.lower(), Counter())[name] += 1
    for forms in sorted(spellings.values(), key=lambda forms: -forms.total()):
        if forms.total() >= least:
            yield Entry(_usual(forms), (_usual(forms),), technology=any(map(_branded, forms)))


_WRAPPING = re.compile(
    r"(?i)^(?:(?:excellent|strong|good|great|advanced|basic|effective|proficient in|knowledge of|experience with) )+"
    r"|(?<=\w\w\w) (?:skills?|experience|knowledge|proficiency)$"
)


def _clean(entry: str) -> str:
    """An entry of a list without praise and stray signs; empty when it is no name."""
    name = _WRAPPING.sub("", entry.strip(" \t\n.-*&'\"")).strip()
    name = re.sub(r"(?i)^and ", "", name)
    return name if re.search("[A-Za-z]", name) and len(name.split()) <= 5 and not re.search(r"[(),;:|\t]", name) else ""


def _usual(forms: Counter[str]) -> str:
    """The most frequent spelling, one that does not shout before one that does."""
    return max(forms, key=lambda form: (not (form.isupper() and len(form) > 5), forms[form], form))


def _branded(form: str) -> bool:
    """Whether a spelling looks like a product's: capitals inside, digits, signs, or a short acronym."""
    inside = re.search(r"[a-z][A-Z]|[\d+#]|\w\.\w|^\.", form) is not None
    return inside or (form.isupper() and len(form) <= 5)
