"""How the vocabulary of skills is put together from its sources, and the texts it is measured on."""

import csv
from pathlib import Path

import pytest

pytest.importorskip("pandas")

from scoring.skills.contexts import Sense
from scoring.skills.matcher import Name, SkillMatcher
from training.skill_esco import concepts
from training.skill_samples import TRAPS, samples
from training.skill_sources import Entry, onet
from training.skill_vocabulary import Vocabulary, sense


def test_labels_that_slid_up_find_their_concept_again(tmp_path: Path) -> None:
    rows = [
        ("load cargo", "load cargo\ncargo loading"),
        ("Georgian", "weld pipes\nwelding pipes"),
        ("weld pipes", "read charts\nreading of charts"),
        ("read charts", ""),
    ]
    path = tmp_path / "esco.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("preferredLabel", "altLabels"), *rows])
    assert dict(concepts(path)) == {
        "load cargo": ("load cargo", "cargo loading"),
        "Georgian": (),
        "weld pipes": ("weld pipes", "welding pipes"),
        "read charts": ("read charts", "reading of charts"),
    }


def test_onet_names_lose_maker_acronym_and_the_word_software(tmp_path: Path) -> None:
    lines = ["O*NET-SOC Code\tExample", "1\tStructured query language SQL", "1\tApache Solr", "1\tEmail software"]
    (tmp_path / "onet_technology_skills.txt").write_text("\n".join(lines), encoding="utf-8")
    names = {entry.names for entry in onet(tmp_path)}
    assert names == {
        ("Structured query language SQL", "Structured query language", "SQL"),
        ("Apache Solr", "Solr"),
        ("Email software",),
    }


def test_entries_with_a_name_in_common_are_one_skill() -> None:
    vocabulary = Vocabulary()
    vocabulary.add([Entry("React", ("React", "React.js"), technology=True)])
    vocabulary.add_words(
        [Entry("ReactJS", ("ReactJS",), technology=True), Entry("Painter", ("Painter",), technology=False)]
    )
    vocabulary.add([Entry("Java Developer", ("React JS", "react library"), technology=False)])
    assert "React\ttechnology\t~React|React.js|ReactJS|react library" in list(vocabulary.lines())


def test_one_spelling_belongs_to_one_skill_and_stops_to_none() -> None:
    vocabulary = Vocabulary()
    vocabulary.add(
        [Entry("Spark", ("Spark", "Apache Spark"), True), Entry("Apache Spark", ("Apache Spark", "skills"), True)]
    )
    assert list(vocabulary.lines()) == ["Spark\ttechnology\t~Spark|Apache Spark"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("R", Sense.LETTER),
        ("Go", Sense.LETTER),
        ("Access", Sense.NAMED),
        ("security", Sense.LISTED),
        ("Python", Sense.PLAIN),
    ],
)
def test_how_much_a_name_says(name: str, expected: Sense) -> None:
    assert sense(name) is expected


def test_samples_are_seeded_and_know_where_their_skills_stand() -> None:
    spellings = ("Python", "project management", "SQL", "Java", "C++")
    names = [Name(form, form, Sense.PLAIN, True) for form in spellings] + [Name("R", "R", Sense.LETTER, True)]
    made = list(samples(names, 20, seed=1))
    assert made == list(samples(names, 20, seed=1))
    for sample in made:
        for skill, start, end in sample.skills:
            assert sample.text[start:end].replace("-", " ").lower() == skill.lower()


@pytest.mark.parametrize("trap", TRAPS)
def test_traps_hold_none_of_the_short_names(trap: str) -> None:
    names = [Name(form, form, Sense.LETTER, True) for form in ("C", "R", "Go")]
    names += [Name(form, form, Sense.NAMED, True) for form in ("Access", "Excel", "Word", "Spring", "Less", "REST")]
    names += [Name(form, form, Sense.PLAIN, True) for form in ("Java", "Python", "SQL")]
    assert SkillMatcher(names).find(trap) == ()
