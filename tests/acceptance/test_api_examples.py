"""The examples of docs/API.md and README.md are run as they stand, against the running system."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from db.keys import create_key
from local.deployment import REPOSITORY
from local.system import System


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (REPOSITORY / page).read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def reader(awake: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader's folder, with an address and a key of their own in the environment."""
    monkeypatch.setenv("WINNOW_URL", awake.url)
    monkeypatch.setenv("WINNOW_API_KEY", create_key(tmp_path.name, "test")[1])
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bash(script: str) -> str:
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_curl_calls_of_the_api_page(reader: Path) -> None:
    printed = bash("\n".join(blocks("docs/API.md", "sh")))
    assert "Ada Example" in printed
    assert re.search(r'"retry_of": ?"', printed)
    assert "unauthenticated" in printed
    assert (reader / "results.csv").read_text().count("\n") == 1 + (reader / "results.ndjson").read_text().count("\n")


def test_the_python_calls_of_the_api_page(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (reader / "carol.txt").write_text("Carol Example\nDatabase administrator: PostgreSQL, backups. Eight years.\n")
    exec("\n".join(blocks("docs/API.md", "python")), {"__name__": "reader"})
    printed = capsys.readouterr().out
    assert "404 not_found" in printed
    assert "\nTrue ScreeningCounts(" in printed, "nothing was tried again"
    assert re.search(r"^Dan Example +0\.\d{3} (Match|No match)", printed, re.MULTILINE)
    assert (reader / "results.csv").read_text().count("\n") >= 3


def test_the_calls_of_the_readme(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile("resumes.zip", "w") as archive:
        for name in ("noor-haddad-intensive-care-nurse.txt", "tomas-lindqvist-network-administrator.pdf"):
            archive.write(REPOSITORY / "samples" / "resumes" / name, f"applicants/{name}")
    shutil.copy(REPOSITORY / "samples" / "jobs.ndjson", reader)
    shutil.copy(REPOSITORY / "samples" / "jobs.csv", reader)

    [python] = blocks("README.md", "python")
    exec(python, {"__name__": "reader"})
    assert len(capsys.readouterr().out.splitlines()) == 2 * 6

    printed = bash("\n".join(block for block in blocks("README.md", "sh") if "api " in block))
    assert '"probability"' in printed
    assert "whsec_" in printed
