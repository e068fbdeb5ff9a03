"""GET /v1/packs tells every version, which is current, and what its model card says."""

import json
from pathlib import Path

from conftest import Caller
from fastapi.testclient import TestClient

from db import admin_packs

CARD = {"summary": "Says yes.", "limits": ["Says nothing else."], "metrics": {"held out": {"auc": 0.5}}}


def test_versions_are_listed_with_the_current_one_and_their_cards(
    client: TestClient, tenant: Caller, tmp_path: Path
) -> None:
    assert client.get("/v1/packs", headers=tenant.headers).json() == {"packs": []}
    for version, card in (("9", {}), ("10", {"card": CARD})):
        directory = tmp_path / "match" / version
        directory.mkdir(parents=True)
        manifest = {"name": "match", "version": version, "kind": "match", "files": {}, **card}
        (directory / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "match" / "9" / "source.json").write_text(json.dumps({"address": "https://hub.example/"}))
    admin_packs.register(tmp_path)
    admin_packs.promote("match", "9")
    (match,) = client.get("/v1/packs", headers=tenant.headers).json()["packs"]
    assert (match["name"], match["kind"], match["current"]) == ("match", "match", "9")
    newest, older = match["versions"]
    assert (newest["version"], newest["current"], newest["fetched_from"]) == ("10", False, None)
    assert {name: newest[name] for name in CARD} == CARD
    assert (older["current"], older["summary"], older["fetched_from"]) == (True, None, "https://hub.example/")
    assert admin_packs.rollback("match") == "10"
    assert client.get("/v1/packs", headers=tenant.headers).json()["packs"][0]["current"] == "10"
