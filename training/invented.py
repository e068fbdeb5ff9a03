"""Invented resumes whose personal data is known by construction: many countries' names, addresses and phones.

The same seed gives the same resumes (with the same Faker). Names come from Faker's lists, which the redactor does not
know; the layouts and the sentences are few, so that these figures flatter: they show what breaks, not what is found.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from faker import Faker

from scoring.spans import Span

LOCALES = {
    "en_US": "American",
    "en_GB": "British",
    "en_IN": "Indian",
    "en_NG": "Nigerian",
    "en_AU": "Australian",
    "en_CA": "Canadian",
    "de_DE": "German",
    "de_AT": "Austrian",
    "fr_FR": "French",
    "fr_CA": "Canadian",
    "es_ES": "Spanish",
    "es_MX": "Mexican",
    "it_IT": "Italian",
    "pt_BR": "Brazilian",
    "pt_PT": "Portuguese",
    "nl_NL": "Dutch",
    "pl_PL": "Polish",
    "sv_SE": "Swedish",
    "no_NO": "Norwegian",
    "da_DK": "Danish",
    "fi_FI": "Finnish",
    "cs_CZ": "Czech",
    "ro_RO": "Romanian",
    "hu_HU": "Hungarian",
    "hr_HR": "Croatian",
    "tr_TR": "Turkish",
    "vi_VN": "Vietnamese",
    "id_ID": "Indonesian",
    "yo_NG": "Nigerian",
    "zu_ZA": "South African",
}
"""Locales of Faker, and the nationality that goes with each."""
_TITLES = (
    "Sales Manager",
    "Senior Java Developer",
    "Registered Nurse",
    "Staff Accountant",
    "Project Manager",
    "Data Analyst",
    "Head Chef",
    "HR Generalist",
)
_EMPLOYERS = (
    "Oracle Corporation",
    "Robert Half",
    "St. John's Hospital",
    "Morgan Stanley",
    "Marcus Thomas LLC",
    "Jackson County Schools",
    "Charles Schwab",
    "Johnson & Johnson",
    "Austin Energy",
    "Northwind Traders Ltd.",
    "Madison Square Clinic",
    "Jordan Telecom",
)
_LINES = (
    "Built services in Python, Java and Oracle SQL, deployed with Jenkins and Docker.",
    "Chairman of the works council and captain of the women's chess club.",
    "Used MS Office, Ms Excel and Visual Studio daily; wrote Selenium and Jasmine tests.",
    "Managed a budget of $2,500,000 and 12 direct reports in Austin and Charlotte.",
    "Raised revenue from 1200000 to 1850000 between 2014 and 2017.",
    "Worked with the HIS and EHR systems of four hospitals.",
    "Configured DNS for 192.168.10.24 and moved 350 servers to AWS.",
    "Won the Marie Curie scholarship; studied at Johns Hopkins University.",
    "Led the migration to Spring Boot 2.7 and Hibernate 5.6.",
    "Prepared month-end close, payroll and tax filings under US GAAP.",
    "Trained new hires and wrote the safety handbook.",
    "Single Sign On for 40,000 accounts with Active Directory.",
)
_LINK_FORMS = (
    "https://www.linkedin.com/in/{slug}",
    "linkedin.com/in/{slug}-{number}",
    "github.com/{slug}",
    "www.{slug}.com",
    "https://{slug}.github.io",
)
_MAIL_HOSTS = ("gmail.com", "yahoo.co.in", "outlook.com", "web.de", "mail.example.org", "hotmail.fr")


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented resume with the spans of everything personal in it."""

    text: str
    spans: tuple[Span, ...]
    locale: str
    layout: str


@dataclass(slots=True)
class _Page:
    text: str = ""
    spans: list[Span] = field(default_factory=list)

    def add(self, text: str, kind: str = "") -> "_Page":
        if kind:
            self.spans.append(Span(kind, len(self.text), len(self.text) + len(text)))
        self.text += text
        return self


@dataclass(frozen=True, slots=True)
class _Person:
    first: str
    last: str
    title: str
    pronouns: tuple[str, str, str]
    email: str
    phone: str
    link: str
    address: str
    born: str
    nationality: str
    married: str


def invent(count: int, seed: int) -> Iterator[Invented]:
    """So many resumes, over all locales and layouts in turn."""
    rng = random.Random(seed)
    fakers = {locale: Faker(locale) for locale in LOCALES}
    for index in range(count):
        locale, layout = tuple(LOCALES)[index % len(LOCALES)], rng.choice(sorted(_LAYOUTS))
        fakers[locale].seed_instance(rng.getrandbits(32))
        page = _Page()
        _LAYOUTS[layout](page, _person(fakers[locale], locale, rng), rng)
        if rng.random() < 0.4:
            _referee(page, _person(fakers[locale], locale, rng), rng)
        yield Invented(page.text, tuple(page.spans), locale, layout)


def _person(faker: Faker, locale: str, rng: random.Random) -> _Person:
    woman = rng.random() < 0.5
    first = (faker.first_name_female() if woman else faker.first_name_male()).strip()
    last = faker.last_name().strip()
    plain = "".join(
        character
        for character in f"{first}.{last}".lower()
        if character.isascii() and (character.isalpha() or character == ".")
    )
    slug = plain.replace(".", rng.choice(("", "-")))
    user = rng.choice((plain, plain.replace(".", "_"), plain[0] + plain.partition(".")[2] + str(rng.randint(1, 99))))
    return _Person(
        first,
        last,
        rng.choice(("Mr.", "Mr") if not woman else ("Mrs.", "Ms.", "Ms")),
        ("She", "her", "her") if woman else ("He", "his", "him"),
        f"{user}@{rng.choice(_MAIL_HOSTS)}",
        faker.phone_number(),
        rng.choice(_LINK_FORMS).format(slug=slug, number=rng.randint(100, 99999)),
        " ".join(faker.address().split())
        if rng.random() < 0.3
        else ", ".join(part.strip() for part in faker.address().split("\n")),
        rng.choice(("{:%d/%m/%Y}", "{:%d.%m.%Y}", "{:%B %d, %Y}", "{:%Y-%m-%d}", "{:%d %B %Y}")).format(
            faker.date_of_birth(minimum_age=20, maximum_age=62)
        ),
        LOCALES[locale],
        rng.choice(("Single", "Married", "Divorced", "married, two children", "Widowed", "single")),
    )


def _header(page: _Page, who: _Person, rng: random.Random) -> None:
    name = f"{who.first} {who.last}"
    page.add(name.upper() if rng.random() < 0.3 else name, "name").add("\n")
    if rng.random() < 0.5:
        page.add(rng.choice(_TITLES) + "\n")
    page.add(who.address, "address").add("\n").add(who.phone, "phone").add(rng.choice((" | ", "  ", " • ", "\n"))).add(
        who.email, "email"
    ).add("\n")
    page.add(who.link, "link").add("\n")
    _body(page, rng)


def _one_line(page: _Page, who: _Person, rng: random.Random) -> None:
    page.add(f"{who.first} {who.last}", "name").add(" | ").add(who.email, "email").add(" | ").add(
        who.phone, "phone"
    ).add(" | ").add(who.link, "link").add("\n\n")
    _body(page, rng)


def _labelled(page: _Page, who: _Person, rng: random.Random) -> None:
    page.add("Curriculum Vitae\n\nPersonal details\n")
    if rng.random() < 0.3:
        page.add(rng.choice(("[Photo]", "Photo: portrait.jpg", "Photograph attached")), "photo").add("\n")
    page.add("Name: ").add(f"{who.first} {who.last}", "name").add("\nDate of birth: ").add(who.born, "birth_date")
    page.add("\nNationality: ").add(who.nationality, "nationality").add("\nMarital status: ").add(
        who.married, "marital_status"
    )
    page.add("\nSex: ").add("Female" if who.pronouns[0] == "She" else "Male", "pronoun")
    page.add("\nAddress: ").add(who.address, "address").add("\nPhone: ").add(who.phone, "phone").add("\nE-mail: ").add(
        who.email, "email"
    ).add("\n\n")
    _body(page, rng)


def _flowing(page: _Page, who: _Person, rng: random.Random) -> None:
    title, employer = rng.choice(_TITLES), rng.choice(_EMPLOYERS)
    page.add(
        f"{title} {title} {title} - {employer} Work Experience {title} {employer}"
        f" - Springfield, IL March 2015 to Present "
    )
    page.add(f"{rng.choice(_LINES)} {rng.choice(_LINES)} ").add(f"{who.first} {who.last}", "name").add(" - ").add(
        who.phone, "phone"
    ).add(" • ")
    page.add(who.email, "email").add(
        f" {rng.choice(_LINES)} {rng.choice(_LINES)} Education Bachelor of Science Ohio State University May 2009 "
    )
    page.add("Skills Java (5 years), SQL (3 years) Links ").add(who.link, "link").add(
        f" Additional Information {' '.join(_LINES)}"
    )


def _biography(page: _Page, who: _Person, rng: random.Random) -> None:
    he, his, him = who.pronouns
    page.add(f"{who.first} {who.last}", "name").add("\nProfile\n").add(f"{who.first} {who.last}", "name").add(
        f" is a {rng.choice(_TITLES).lower()} at "
    )
    page.add(f"{rng.choice(_EMPLOYERS)}. ").add(he, "pronoun").add(" leads a team of six, and ").add(
        his, "pronoun"
    ).add(" customers ask for ")
    page.add(him, "pronoun").add(" by name. ").add(who.title, "pronoun").add(" ").add(who.last, "name").add(
        " was born on "
    ).add(who.born, "birth_date")
    page.add(" and is a ").add(f"{who.nationality} citizen", "nationality").add(".\nContact: ").add(
        who.email, "email"
    ).add(", ").add(who.phone, "phone").add("\n")
    _body(page, rng)
    page.add("File: ").add(f"{who.first}_{who.last}".replace(" ", "_"), "name").add("_CV.pdf\n")


def _body(page: _Page, rng: random.Random) -> None:
    page.add("Experience\n")
    for first_year in sorted(rng.sample(range(2004, 2020), 3), reverse=True):
        page.add(f"{rng.choice(_TITLES)}, {rng.choice(_EMPLOYERS)}, {first_year} - {first_year + 2}\n")
        page.add("".join(f"- {line}\n" for line in rng.sample(_LINES, 3)))
    page.add(
        "Education\nBachelor of Science, Ohio State University, 2003\nSkills\nPython,"
        " Oracle, Jenkins, MS Office, Spring\nLanguages\nEnglish, German\n"
    )


def _referee(page: _Page, who: _Person, rng: random.Random) -> None:
    page.add("\nReferences\n").add(who.title, "pronoun").add(" ").add(f"{who.first} {who.last}", "name").add(
        f", {rng.choice(_TITLES)} at {rng.choice(_EMPLOYERS)}, "
    )
    page.add(who.phone, "phone").add(", ").add(who.email, "email").add("\n")


_LAYOUTS: dict[str, Callable[[_Page, _Person, random.Random], None]] = {
    "header": _header,
    "one line": _one_line,
    "labelled": _labelled,
    "flowing": _flowing,
    "biography": _biography,
}
