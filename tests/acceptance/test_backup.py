"""docs/OPERATIONS.md on backup: what was dumped is there after a restore, and a screening goes on where it stood."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import app
from client import Winnow
from db.keys import create_key
from local.deployment import Deployment
from local.postgres import postgres_programs
from local.system import running

POSTING = {"external_id": "java-1", "title": "Java developer", "description": "Spring services. Five years of Java."}


def screening_begun(key: str) -> str:
    """A screening that no worker has seen: only the API exists."""
    with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as http:
        pool = http.post("/v1/pools", json={"name": "kept"}).json()["id"]
        rows = [{"external_id": str(number), "text": f"Java developer for {number} years."} for number in range(20)]
        assert http.post(f"/v1/pools/{pool}/resumes", json=rows).status_code == 201
        assert http.post("/v1/jobs", json=[POSTING]).status_code == 201
        made = http.post("/v1/screenings", json={"pool_id": pool, "job_external_ids": ["java-1"]})
        assert made.status_code == 202, made.text
        return str(made.json()["id"])


def restored(deployment: Deployment, dump: Path) -> Deployment:
    """Another database with what the first one held, by the commands of the page."""
    copy = replace(deployment, database=f"{deployment.database}_restored")
    server = deployment.servers.superuser_url.replace("+psycopg2", "").removesuffix("/postgres")
    programs = postgres_programs(None)
    subprocess.run(
        [programs / "pg_dump", "--format=custom", f"--file={dump}", f"{server}/{deployment.database}"], check=True
    )
    copy.create_roles()
    subprocess.run([programs / "pg_restore", "--exit-on-error", f"--dbname={server}/{copy.database}", dump], check=True)
    return copy


def test_a_screening_goes_on_after_a_restore(
    database: Deployment, tiny_packs: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    deployment = replace(database, settings=tiny_packs)
    deployment.administer("register-packs")
    key = create_key("kept", "test")[1]
    screening_id = screening_begun(key)
    copy = restored(deployment, tmp_path / "winnow.dump")
    with running(copy, tmp_path / "logs") as system, Winnow(system.url, key) as winnow:
        screening = winnow.screenings.wait(screening_id, timeout=300)
        results = list(winnow.screenings.results(screening_id))
    assert (screening.counts.scored, screening.counts.errored) == (20, 0)
    assert {result.resume_external_id for result in results} == {str(number) for number in range(20)}
