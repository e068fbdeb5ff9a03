"""The sections of a resume: where its experience, its education and the rest of it stand."""

import re
from bisect import bisect_right
from collections.abc import Sequence

_HEADINGS = (
    ("experience", r"(?:work|professional|relevant|employment|career|job|working)?\s?(?:experience"
        r"|history|employment)(?: and participated projects)?|work|experience and projects"
        r"|positions held|military service|berufserfahrung|expérience(?: professionnelle)?"
        r"|experiencia(?: laboral| profesional)?"),
    ("education", r"(?:my )?education(?: (?:and|&) (?:training|courses|certifications?))?|academic (?:background"
        r"|qualifications?|history|credentials|profile)|educational (?:background|qualifications?"
        r"|details)|training|qualifications|ausbildung|bildung|formation|formación"
        r"|educación|studium"),
    ("certifications", r"certifications?(?:[/ ](?:and |& )?licenses?)?|licenses?(?: (?:and|&) certifications?)?"
        r"|certificates?|licensure|professional certifications?"),
    ("languages", r"(?:foreign |spoken )?languages?(?: known| knowledge| skills)?|sprachen|sprachkenntnisse"
        r"|langues|idiomas"),
    ("skills", r"(?:technical |professional |key |core |hard |soft |it |computer |other |additional )?(?:skills?"
        r"|competenc(?:ies|es)|expertise)(?: summary| set)?|areas of expertise|highlights"
        r"|tools|technologies|skills (?:and|&) tools"),
    ("other", r"summary(?: of (?:skills|qualifications))?|(?:professional |executive |career )?(?:summary"
        r"|profile|objective|focus|overview)|profile|accomplishments|achievements|links"
        r"|additional information|interests|hobbies|affiliations|professional affiliations"
        r"|projects|publications|references?|recommendations|personal (?:information"
        r"|details|data)|volunteer(?:ing)?(?: experience)?|activities|awards|contacts?"
        r"|assessments|community service|patents|groups"),
)  # fmt: skip
_LINE = re.compile(
    "|".join(rf"(?P<{kind}>^[ \t•*#-]*(?:{names})[ \t]*[:.]?[ \t]*$)" for kind, names in _HEADINGS),
    re.IGNORECASE | re.MULTILINE,
)
_INLINE = re.compile(
    r"(?<=[\w.)%] )(?:(?P<experience>Work Experience)|(?P<education>Education(?=\s[A-Z]))"
    r"|(?P<skills>Skills(?=\s[A-Z.]))|(?P<certifications>Certifications/Licenses)"
    r"|(?P<other>Links(?= http)|Additional Information|Military Service|Awards(?=\s[A-Z])"
    r"|Publications(?=\s[A-Z])|Assessments(?=\s[A-Z])|Groups(?=\s[A-Z])|Patents(?=\s[A-Z])))\b"
)
_FLOWING = 500


class Sections:
    """The section of an offset: experience, education, certifications, languages, skills, other, "" before any."""

    def __init__(self, text: str) -> None:
        """Find the headings: lines of their own, or capitalised words where the text has hardly any lines."""
        self.flowing = max(map(len, text.split("\n"))) > max(_FLOWING, len(text) // 2)
        matches = list((_INLINE if self.flowing else _LINE).finditer(text))
        self._starts: Sequence[int] = [match.end() for match in matches]
        self._kinds: Sequence[str] = [match.lastgroup or "" for match in matches]
        self._begins: Sequence[int] = [match.start() for match in matches]
        self._length = len(text)

    def at(self, offset: int) -> str:
        """The kind of section that the offset lies in."""
        index = bisect_right(self._starts, offset) - 1
        return self._kinds[index] if index >= 0 else ""

    def start(self, offset: int) -> int:
        """Where the body of the section around the offset begins."""
        index = bisect_right(self._starts, offset) - 1
        return self._starts[index] if index >= 0 else 0

    def bodies(self, kind: str) -> list[tuple[int, int]]:
        """Start and end of every section of a kind, without its heading."""
        ends = [*self._begins[1:], self._length][: len(self._starts)]
        return [
            (start, end) for start, end, found in zip(self._starts, ends, self._kinds, strict=True) if found == kind
        ]
