"""The documents agree with the code: links lead somewhere, every setting and call is told, the notice stands."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from api.app import app
from api.notice import NOTICE

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")})
PACKAGES = ("api", "client", "db", "scoring", "parsing", "telemetry", "workers")
SETTING = re.compile(r'"((?:WINNOW|DATABASE|REDIS)_[A-Z_]+)"')


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [target.partition("#") for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text())]
    broken = []
    for target, _, heading in targets:
        if "://" in target:
            continue
        aim = page.parent / target if target else page
        if not aim.exists() or (heading and heading not in _headings(aim)):
            broken.append(f"{target}#{heading}")
    assert broken == []


def _headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_setting_is_told() -> None:
    read = {
        name
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        for name in SETTING.findall(file.read_text())
    }
    told = (ROOT / "docs" / "OPERATIONS.md").read_text()
    assert len(read) >= 10
    assert sorted(name for name in read if f"`{name}`" not in told) == []


def test_every_call_is_told() -> None:
    told = re.sub(r"\$[a-z]+", "ID", (ROOT / "docs" / "API.md").read_text())
    paths = [re.sub(r"\{\w+\}", "ID", path) for path in app.openapi()["paths"]]
    assert [path for path in paths if not re.search(re.escape(f"$WINNOW_URL{path}") + r"(?![/\w])", told)] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "API.md"], ids=lambda page: page.name)
def test_the_notice_stands_where_people_read(page: Path) -> None:
    unwrapped = re.sub(r"[\s>*]+", " ", page.read_text())
    for sentence in NOTICE.split(". "):
        assert re.sub("^This score ", "", sentence).rstrip(".") in unwrapped


def test_the_tree_of_the_architecture_has_every_package() -> None:
    told = set(runpy.run_path(str(ROOT / "docs" / "tree.py"))["PACKAGES"])
    files = chain.from_iterable((ROOT / package).rglob("*.py") for package in told if "/" not in package)
    assert {str(file.parent.relative_to(ROOT)) for file in files} - {"migrations/versions"} == told


def test_the_tree_of_the_architecture_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "docs" / "tree.py"), "--check"], check=False)
    assert done.returncode == 0, "write it anew: make tree"
