"""Skills in a text: which names count where, by a small vocabulary made here."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.packs import Pack, PackError, load_pack, write_manifest
from scoring.skills.matcher import VOCABULARY, Found, SkillMatcher

LINES = """\
# Made for these tests.
JavaScript\ttechnology\tJavaScript|Java Script
Java\ttechnology\tJava
React\ttechnology\t~React|ReactJS|React JS
.NET\ttechnology\t.NET|dot net
ASP.NET\ttechnology\tASP.NET
C\ttechnology\t!C
C++\ttechnology\tC++
C#\ttechnology\tC#
R\ttechnology\t!R
Go\ttechnology\t!Go|Golang
Python\ttechnology\tPython
SQL\ttechnology\tSQL
Excel\ttechnology\t~Excel|Microsoft Excel
Access\ttechnology\t~Access
REST\ttechnology\t~REST|REST API
Project management\tpractice\tproject management
Problem solving\tpractice\tproblem solving|problem-solver
Relational database\tpractice\trelational database
Training and development\tpractice\ttraining and development
Security\tpractice\t?security
"""


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> SkillMatcher:
    return SkillMatcher.load(_pack(tmp_path_factory.mktemp("skills"), LINES))


def _pack(directory: Path, lines: str, kind: str = "skills") -> Pack:
    (directory / VOCABULARY).write_text(lines, encoding="utf-8")
    return write_manifest(directory, {"name": "skills", "version": "1", "kind": kind}, (VOCABULARY,))


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Skills: C, R, Go", ["C", "R", "Go"]),
        ("Languages: C/C++/C#, R and Go.", ["C", "C++", "C#", "R", "Go"]),
        ("Wrote services in Go and Python; statistics in R.", ["Go", "Python", "R"]),
        ("C (5 years), SQL (2 years)", ["C", "SQL"]),
        ("ASP.NET, .NET and C#", ["ASP.NET", ".NET", "C#"]),
        ("React.js ReactJS React-JS react js", ["React", "React", "React", "React"]),
        ("Built with React, SQL", ["React", "SQL"]),
        ("Java Script/Java", ["JavaScript", "Java"]),
        ("managed relational databases", ["Relational database"]),
        ("Project-Management; project\nmanagement", ["Project management", "Project management"]),
        ("Problem solving, Problem Solvers", ["Problem solving", "Problem solving"]),
        ("Training & Development", ["Training and development"]),
        ("Python, excel, access, SQL", ["Python", "Excel", "Access", "SQL"]),
        ("Microsoft Office: Excel, Access", ["Excel", "Access"]),
        ("Security, training, SQL", ["Security", "SQL"]),
        ("REST services and SQL", ["REST", "SQL"]),
        ("x=C++;y", ["C++"]),
        ("JavaScript, no more", ["JavaScript"]),
    ],
)
def test_named(matcher: SkillMatcher, text: str, skills: list[str]) -> None:
    assert [found.skill for found in matcher.find(text)] == skills


@pytest.mark.parametrize(
    "text",
    [
        "javascripting is not the island: javanese coffee",
        "Our go to market strategy; ready to go. Go to market with software.",
        "Go-to-market plans for software, and R&D, using tools",
        "Programming for R & D laboratories",
        "C-level executives, Vitamin C, software for D.C. offices",
        "Software developer John C. Smith",
        "Excel in people skills",
        "I excel in communication and have access to databases",
        "The rest, of the software",
        "improves the security of buildings",
        "see https://python.org/sql or mail java@sql.net",
        "behance.net",
        "relational. Database",
        "SQLite, MySQL",
    ],
)
def test_not_named(matcher: SkillMatcher, text: str) -> None:
    assert matcher.find(text) == ()


def test_offsets_are_those_of_the_text(matcher: SkillMatcher) -> None:
    text = "É — İstanbul: Node, ReactJS & ASP.NET."
    assert matcher.find(text) == (Found("React", 20, 27), Found("ASP.NET", 30, 37))


@given(st.text(alphabet="CRGo+#.&-/, \nJavascript", max_size=60))
def test_any_text_gives_ordered_parts_of_it(matcher: SkillMatcher, text: str) -> None:
    ends = 0
    for found in matcher.find(text):
        assert ends <= found.start < found.end <= len(text)
        assert matcher.skill(text[found.start : found.end]) == found.skill
        ends = found.end


def test_time_grows_with_the_length_alone(matcher: SkillMatcher) -> None:
    began = time.process_time()
    matcher.find("a." * 50_000)  # might be an e-mail address, up to the last letter
    assert time.process_time() - began < 2


def test_threads_share_a_matcher(matcher: SkillMatcher) -> None:
    texts = [f"{number}: Python, SQL and C++ ({number})" for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(matcher.find, texts)) == [matcher.find(text) for text in texts]


def test_skill_knows_other_names(matcher: SkillMatcher) -> None:
    assert matcher.skill("React.js") == matcher.skill("reactjs") == "React"
    assert matcher.skill("Relational Databases") == "Relational database"
    assert matcher.skill("juggling") is None
    assert matcher.skill("") is None


def test_a_pack_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no skills"):
        SkillMatcher.load(_pack(tmp_path, LINES, kind="match"))


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="line 2"):
        SkillMatcher.load(_pack(tmp_path, "# remark\nPython\n"))


def test_the_shipped_vocabulary_keeps_its_attribution() -> None:
    directory = Path(__file__).parents[2] / "packs" / "skills" / "1"
    lines = (directory / VOCABULARY).read_text(encoding="utf-8").splitlines()
    remarks = [line for line in lines if line.startswith("#")]
    assert any("ESCO" in line and "CC BY 4.0" in line for line in remarks)
    assert any("O*NET" in line and "CC BY 4.0" in line for line in remarks)
    card = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))["card"]
    assert card["metrics"]["the vocabulary"]["skills"] > 5000


@pytest.fixture(scope="module")
def shipped() -> SkillMatcher:
    return SkillMatcher.load(load_pack(Path(__file__).parents[2] / "packs" / "skills" / "1"))


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Languages: C, R, Go, C++, .NET, Python", ["C", "R", "Go", "C++", ".NET", "Python"]),
        (
            "We wrote services in Go and models in R, using Python and C++ on .NET.",
            ["Go", "R", "Python", "C++", ".NET"],
        ),
        ("React.js, ReactJS, React-JS", ["React", "React", "React"]),
        ("Skills: JavaScript", ["JavaScript"]),
        ("Planned the go to market of a new product", []),
        ("Planned the go-to-market of a new product", []),
        ("relational databases; object-oriented programming", ["RDBMS", "Object-oriented programming"]),
    ],
)
def test_the_shipped_vocabulary_tells_names_from_words(shipped: SkillMatcher, text: str, skills: list[str]) -> None:
    assert [found.skill for found in shipped.find(text)] == skills
