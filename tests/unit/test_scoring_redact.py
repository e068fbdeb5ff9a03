"""Redaction: what goes, what stays, and the way back to the original."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.leaks import leaks
from scoring.redact import Redacted, placeholder, redact
from scoring.spans import Span, without_overlaps

RESUME = """Jane Q. Doe
12 Harbour Street, Portland, OR 97201 | (503) 555-0147 | jane.doe@example.org
linkedin.com/in/jane-doe
Profile
Jane has run kitchens for nine years; her teams follow her.
Experience
Head Chef, Doe & Sons Restaurant Group, 2015 - 2019
Sales Manager, Oracle Corporation, 2012 - 2015
"""


_PERSONAL = (("name", "Zuleika Dobson"), ("email", "zuleika.dobson@example.org"), ("phone", "503 555 0147"))


def found(text: str, kind: str) -> list[str]:
    return [text[span.start : span.end] for span in redact(text).spans if span.kind == kind]


def test_a_header_is_replaced_and_the_work_stays() -> None:
    text = redact(RESUME).text
    for personal in ("Jane", "Harbour", "97201", "555-0147", "example.org", "linkedin", " her "):
        assert personal not in text
    for work in ("Head Chef", "Doe & Sons Restaurant Group", "Sales Manager", "Oracle Corporation", "2012 - 2015"):
        assert work in text


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Name: Grace Young\nSkills", "name", "Grace Young"),
        ("Supervisor: Chuck Diener, 301-555-0155", "name", "Chuck Diener"),
        ("Thanks to Mr. Edmonds for it", "name", "Edmonds"),
        ("Reach me at ada (at) example.org", "email", "ada (at) example.org"),
        ("Tel. 0171 234 56 78", "phone", "0171 234 56 78"),
        ("call +44 20 7946 0958 today", "phone", "+44 20 7946 0958"),
        ("see https://jane.example/cv.", "link", "https://jane.example/cv"),
        ("code at github.com/jdoe", "link", "github.com/jdoe"),
        ("lives at 409 Lindsey Ct. Berry, VA 22611", "address", "409 Lindsey Ct. Berry, VA 22611"),
        ("Hauptstraße 12, 10115 Berlin", "address", "Hauptstraße 12, 10115 Berlin"),
        ("Address: Petah-Tikva, Hadera 1\nSkills", "address", "Petah-Tikva, Hadera 1"),
        ("Date of birth: 2nd October, 1981\n", "birth_date", "2nd October, 1981"),
        ("I am 27 years old.", "birth_date", "27"),
        ("Nationality: Indian\n", "nationality", "Indian"),
        ("I am a US citizen.", "nationality", "US citizen"),
        ("Marital status: Married with 1 kid\n", "marital_status", "Married with 1 kid"),
        ("Photograph attached.", "photo", "Photograph attached"),
        ("He led it.", "pronoun", "He"),
        ("Sex: Female\n", "pronoun", "Female"),
    ],
)
def test_each_kind(text: str, kind: str, value: str) -> None:
    assert found(text, kind) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "Used Python, Oracle, Jenkins, Spring Boot 2.7 and MS Office",
        "Chairman of the women's chess club",
        "Sales Manager at Robert Half from 2012 to 2015",
        "Worked with HIS and EHR systems",
        "Raised revenue from 1200000 to 1850000 between 2014 and 2017",
        "Host 192.168.10.24, ASP.NET, Node.js, Booking.com",
        "Java Developer, Jordan Telecom, 2012 - 2014",
        "Single sign on for 40,000 accounts",
        "Managed teams aged across three offices in Austin, Charlotte and Madison",
    ],
)
def test_skills_titles_and_companies_stay(text: str) -> None:
    assert redact(text).text == text


def test_swapping_who_somebody_is_changes_nothing() -> None:
    body = "Profile\n{} cooks well; {} teams agree.\nExperience\nHead Chef, 2015 - 2019\n"
    jane = "Jane Doe\njane@example.org | (503) 555-0147\nNationality: Indian\n" + body.format("She", "her")
    omar = "Omar Haddad\nomar.haddad@example.com | (212) 555-0199\nNationality: French\n" + body.format("He", "his")
    assert redact(jane).text == redact(omar).text


def test_a_name_is_found_again_where_only_a_part_of_it_stands() -> None:
    text = "Zuleika Dobson\nzuleika@example.org\nSkills\nZULEIKA cooks.\nFile: Dobson_CV.pdf"
    assert redact(text).text == "[name]\n[email]\nSkills\n[name] cooks.\nFile: [name]_CV.pdf"


def test_offsets_lead_back_to_the_original() -> None:
    redacted = redact(RESUME)
    for word in ("Profile", "Oracle Corporation", "2012"):
        assert redacted.original(redacted.text.index(word)) == RESUME.index(word)
    inside = redacted.text.index("[phone]") + 3
    assert RESUME[redacted.original(inside) :].startswith("(503)")


def test_leaks_names_what_was_missed() -> None:
    text = "Zuleika Dobson, zuleika.dobson@example.org, 503 555 0147; zdobson.txt; zuleikadobson; 5035550147"
    spans = [(kind, text.index(value), len(value)) for kind, value in _PERSONAL]
    missed = Redacted(
        "[name], [email], [phone]; zdobson.txt; zuleikadobson; 5035550147",
        tuple(Span(kind, start, start + length) for kind, start, length in spans),
    )
    assert {text[leak.start : leak.end] for leak in leaks(text, missed)} == {"dobson", "zuleika", "5550147"}


def test_what_is_redacted_leaks_no_more() -> None:
    assert [leak.kind for leak in leaks(RESUME, redact(RESUME))] == ["name"]  # "Doe & Sons", the employer


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("aJé 1@./:-+(\n,|'Mrx5") | st.characters(), max_size=200))
def test_any_text_comes_back_whole_outside_of_its_spans(text: str) -> None:
    redacted = redact(text)
    rebuilt, position = "", 0
    for span in redacted.spans:
        assert position <= span.start < span.end <= len(text)
        rebuilt += text[position : span.start] + placeholder(span.kind)
        position = span.end
    assert redacted.text == rebuilt + text[position:]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(lambda start, length: Span("name", start, start + length), st.integers(0, 40), st.integers(1, 9))
    )
)
def test_spans_without_overlaps_cover_the_same_characters(spans: list[Span]) -> None:
    kept = without_overlaps(spans)
    assert {at for span in kept for at in range(span.start, span.end)} == {
        at for span in spans for at in range(span.start, span.end)
    }
    assert all(first.end <= second.start for first, second in pairwise(kept))


@pytest.mark.parametrize("name", ["Jordana Bullock", "Charity Eze", "April Wong", "Lan Phạm"])
def test_a_name_alone_on_the_first_line_is_found(name: str) -> None:
    assert redact(f"{name}\nI keep books and prepare tax filings.").text.startswith("[name]\n")


@pytest.mark.parametrize("line", ["Career Objective", "Registered Nurse", "Work History", "Spring Boot"])
def test_other_words_alone_on_the_first_line_stay(line: str) -> None:
    assert redact(f"{line}\nI keep books and prepare tax filings.").text.startswith(line)
