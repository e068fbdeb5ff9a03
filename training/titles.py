"""Takes job titles, or the names of the labels alone, out of resumes: labels were made from titles, anywhere in a text.

A title is a run of trade words with a role behind it ("Sr. Java/J2EE Full Stack Developer" loses all but "Sr."); the
roles that tell a label by themselves ("developer", "administrator", "programmer", "DBA", "webmaster", "sysadmin") are
titles wherever they stand. Trade words that no role follows ("Java", "firewalls") stay: they are skills. Nothing is put
in a title's place, as a mark would tell that one stood there. Read on word pieces, as the models read resumes.
"""

import re

import numpy as np

from scoring.tokens import Tokenizer
from training.data import LABELS

TRADES = (
    "database databases data base db sql oracle etl bi big hadoop spark warehouse ms server servers software "
    "application applications app apps program programs front end frontend back backend full stack fullstack mean web "
    "website internet ui ux html html5 css css3 javascript js angular angularjs react reactjs node nodejs java j2ee "
    "jee ee core spring android ios mobile python django flask php wordpress drupal ruby rails ror golang scala net "
    "asp c c# c++ vb visual basic cobol mainframe sharepoint salesforce servicenow mulesoft aem rpa sap cloud aws "
    "azure devops sre site reliability qa test automation embedded firmware machine learning game development "
    "solution solutions integration system systems windows linux unix vmware citrix storage infrastructure operations "
    "computer desktop helpdesk support network networks networking lan wan telecom cisco wireless voip security cyber "
    "cybersecurity infosec information assurance soc risk vulnerability threat incident response penetration project "
    "projects portfolio product release implementation scrum agile technical technology tech it"
)
"""Words that may stand before a role."""
ROLES = (
    "engineer engineers analyst analysts manager managers mgr architect architects specialist specialists consultant "
    "consultants designer designers technician technicians coordinator coordinators director directors officer "
    "officers lead leads leader leaders master masters intern interns"
)
ALONE = (
    "administrator administrators admin admins developer developers programmer programmers dba dbas webmaster "
    "webmasters sysadmin sysadmins"
)
"""Roles that need no trade before them."""
JOINERS = "/ - & and"
SPELT = (("_", " "), ("front end", "front-end"), ("front end", "frontend"), ("systems", "system"))
"""How the name of a label may be spelt otherwise: what stands there, and what in its place."""
_TITLE = re.compile(rb"t[tj]*[ra](?:j?[ra])*|a(?:j?[ra])*")


class Titles:
    """Finds the titles among a tokenizer's word pieces."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._kinds = np.full(tokenizer.words.get_vocab_size(), ord("o"), dtype=np.uint8)
        self._spelt: list[tuple[np.ndarray, int]] = []
        for kind, words in (("t", TRADES), ("j", JOINERS), ("r", ROLES), ("a", ALONE)):
            for pieces in tokenizer.encode(words.split()):
                if kind == "t" or len(pieces) == 1:
                    self._kinds[pieces] = ord(kind)
                else:
                    self._spelt.append((pieces, ord(kind)))

    def outside(self, ids: np.ndarray) -> np.ndarray:
        """Which of a text's word pieces, integer[tokens], belong to no title: bool[tokens]."""
        kinds = self._kinds[ids]
        for pieces, kind in self._spelt:
            for start in np.flatnonzero(ids == pieces[0]):
                if np.array_equal(ids[start : start + len(pieces)], pieces):
                    kinds[start : start + len(pieces)] = kind
        kept = np.ones(len(ids), dtype=np.bool_)
        for title in _TITLE.finditer(kinds.tobytes()):
            kept[title.start() : title.end()] = False
        return kept


class LabelNames:
    """Finds the names of the ten labels, and nothing else, among a tokenizer's word pieces."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        names = [label.lower().replace("_", " ") for label in LABELS]
        spelt = {name.replace(old, new) + ending for name in names for old, new in SPELT for ending in ("", "s")}
        longest = sorted(map(_spelling, tokenizer.encode(sorted(spelt))), key=len, reverse=True)
        self._names = re.compile("|".join(map(re.escape, longest)))

    def outside(self, ids: np.ndarray) -> np.ndarray:
        """Which of a text's word pieces, integer[tokens], belong to no label's name: bool[tokens]."""
        kept = np.ones(len(ids), dtype=np.bool_)
        for name in self._names.finditer(_spelling(ids)):
            kept[name.start() : name.end()] = False
        return kept


def _spelling(ids: np.ndarray) -> str:
    """One character a word piece, so that names can be looked for with an expression."""
    return ids.astype("<u4").tobytes().decode("utf-32-le")
