"""Model cards of the moderation packs."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.cards import Card, DataSet
from training.examples import FOLDS, HELD_OUT, Examples
from training.machine import describe
from training.messages import SPLIT_SEED, Documents

NOTICE = "A flag is a hint to look at one passage. It says nothing of the applicant. A person decides."
LICENCES = {
    "spam.csv": "CC BY 4.0 (SMS Spam Collection, T. A. Almeida and J. M. Gomez Hidalgo)",
    "toxic_wikipedia.csv": "none stated (comments: CC BY-SA 3.0)",
    "toxic_jigsaw.csv": "none stated (comments: CC BY-SA 3.0)",
}
SPLIT = (
    f"Messages: {FOLDS} folds by the hash of their group, where all that share a run of eight words are one; fold "
    f"{HELD_OUT} is held out. Documents: fifths by near-duplicate text, one to measure by, one for the threshold, "
    "three to learn from. The seed is another than that of version 1, whose held-out part had been looked at."
)
PASSAGES = "Reads passages of at most 50 words alone: what only the whole document gives away is not found."
NAMED = "The words that it names made the first look suspect a passage; the second one decides by more."
SECOND_LOOK = (
    "What that suspects is looked at again: logistic regression on its log-odds and the embedding of the passage by "
    "all-MiniLM-L6-v2 as published, learned from what models suspected that had not seen the message, of clean "
    "documents that the first look had not read, and from sentences that name an identity, judged by first looks that "
    "had not seen their template."
)


@dataclass(frozen=True, slots=True)
class About:
    """What a card says of one kind."""

    summary: str
    intended_use: str
    limits: tuple[str, ...]
    training: str


ABOUT = {
    "spam": About(
        "Finds passages of a document that read like advertising or fraud.",
        "Points a person at passages of resumes and postings that read like advertising or fraud.",
        (
            "Learned from English text messages of the 2000s and from resumes and postings, most of them of "
            "information technology; other kinds of spam may pass.",
            PASSAGES,
            NAMED,
        ),
        "Logistic regression on hashed TF-IDF of words, word pairs and pieces of words, of redacted texts; passages of "
        f"clean documents, the hardest of them, and sentences that name an identity are negatives. {SECOND_LOOK}",
    ),
    "toxicity": About(
        "Finds abusive passages of a document.",
        "Points a person at abusive passages of resumes and postings.",
        (
            "Learned from English comments of Wikipedia editors, whose labels are opinions: knows abusive words, not "
            "irony, threats in plain words or other languages.",
            PASSAGES,
            NAMED,
        ),
        "Logistic regression on hashed TF-IDF of words, word pairs and pieces of words, each scaled by its log-count "
        "ratio, of redacted texts; passages of clean documents, the hardest of them, and sentences that name an "
        f"identity are negatives. {SECOND_LOOK}",
    ),
}


def card(kind: str, examples: Examples, documents: Documents, metrics: Mapping[str, dict], seconds: float) -> Card:
    """The card of a pack of this kind, learned in so many seconds."""
    about, counts = ABOUT[kind], examples.counts | documents.counts
    data = [
        DataSet(name=name, sha256=sha256, rows=counts[name], licence=LICENCES.get(name, "none stated"))
        for name, sha256 in (examples.fingerprints | documents.fingerprints).items()
    ]
    return Card(
        summary=about.summary, intended_use=about.intended_use, limits=about.limits, data=tuple(data), split=SPLIT,
        counts={
            "messages learned from": len(examples.outside(HELD_OUT)),
            "messages held out": len(examples.measured_in(HELD_OUT)),
        },
        metrics=dict(metrics), training=about.training,
        command=f"python -m training.moderation {kind} --data-dir FOLDER", machine=describe(), seconds=seconds,
        seeds=(SPLIT_SEED,), licence="Apache-2.0", notice=NOTICE,
    )  # fmt: skip
