"""The fields of a resume, in flowing text and in lines."""

import pytest

from scoring.fields.fields import read_fields

FLOWING = (
    "Web Developer Web Developer Web Developer - Acme Inc Dayton, OH Builds shops. Work Experience "
    "Web Developer Acme Inc - Columbus, OH June 2017 to Present Built shops in React and kept them fast. "
    "Senior IT Technician Hill & Dale LLC - Akron, OH May 2013 to June 2017 "
    "Ran the help desk with 7 years of experience. "
    "Education Bachelor's in Computer Science Ohio University - Athens, OH 2009 to 2013 "
    "Skills PHP (5 years), React (2 years) Certifications/Licenses CompTIA A+, CCNA Additional Information "
    + "Fluent in Spanish. Worked with people of many trades and kept good notes of all that was done. "
    * 3
)
LINES = """Senior Data Analyst
Over 12 years of experience in retail
Experience
2019 - now: Data Analyst, Northwind Ltd. (Leeds)
Cut the cost of stock.
Sales Associate/Cashier
03/2016
to
02/2018
Company Name
City, State
Education
Master of Science in Statistics, University of Leeds, 2015
Languages
English, Hindi
"""


def values(text: str, kind: str) -> list[str]:
    return [text[span.start : span.end] for span in read_fields(text).spans() if span.kind == kind]


def test_positions_in_flowing_text() -> None:
    held = [position for position in read_fields(FLOWING).positions if position.dates]
    parts = [(position.title, position.employer, position.dates) for position in held]
    assert [tuple(part and FLOWING[part.start : part.end] for part in each) for each in parts] == [
        ("Web Developer", "Acme Inc", "June 2017 to Present"),
        ("Senior IT Technician", "Hill & Dale LLC", "May 2013 to June 2017"),
    ]
    assert [(position.first_year, position.last_year) for position in held] == [(2017, None), (2013, 2017)]


def test_positions_in_lines() -> None:
    held = [position for position in read_fields(LINES).positions if position.dates]
    parts = [(position.title, position.employer) for position in held]
    assert [tuple(part and LINES[part.start : part.end] for part in each) for each in parts] == [
        ("Data Analyst", "Northwind Ltd"),
        ("Sales Associate/Cashier", None),
    ]


def test_a_placeholder_is_no_employer() -> None:
    assert "Company Name" not in values(LINES, "employer")


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (FLOWING, "years", ["7 years of experience"]),
        (FLOWING, "degree", ["Bachelor's in Computer Science"]),
        (FLOWING, "certification", ["CompTIA A+", "CCNA"]),
        (FLOWING, "language", ["Spanish"] * 3),
        (LINES, "years", ["Over 12 years of experience in"]),
        (LINES, "degree", ["Master of Science in Statistics"]),
        (LINES, "language", ["English", "Hindi"]),
        ("Programming languages: Java, Swift\nTaught English literature", "language", []),
        ("Kept a 2 years warranty and PHP (5 years)", "years", []),
        ("Fluent in German and Czech", "language", ["German", "Czech"]),
    ],
)
def test_qualifications(text: str, kind: str, expected: list[str]) -> None:
    assert values(text, kind) == expected


def test_spans_are_in_the_order_of_the_text() -> None:
    starts = [span.start for span in read_fields(LINES).spans()]
    assert starts == sorted(starts)
