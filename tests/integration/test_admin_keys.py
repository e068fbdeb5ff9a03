"""The operator's commands over API keys."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from conftest import Caller
from fastapi.testclient import TestClient

from api.app import app
from db.keys import list_keys
from local.deployment import Deployment, DeploymentError


def opens(key: str) -> int:
    with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as api:
        return api.get("/v1/pools").status_code


def test_a_key_is_made_listed_and_revoked(database: Deployment) -> None:
    key = database.administer("create-key", "--tenant", "Example Ltd", "--name", "their ATS").strip()
    database.administer("create-key", "--tenant", "Example Ltd", "--name", "a script")
    lines = database.administer("list-keys", "--tenant", "Example Ltd").splitlines()
    assert [line.split("\t")[2] for line in lines] == ["their ATS", "a script"]
    assert key not in "".join(lines)
    assert opens(key) == 200
    key_id = lines[0].split("\t")[0]
    assert key_id in database.administer("revoke-key", key_id)
    assert opens(key) == 401
    assert "revoked" in database.administer("list-keys", "--tenant", "Example Ltd").splitlines()[0]
    with pytest.raises(DeploymentError, match="no active API key"):
        database.administer("revoke-key", key_id)


def test_a_key_gets_a_limit_of_its_own_and_loses_it(database: Deployment, tenant: Caller) -> None:
    [key] = [key for key in list_keys() if key.tenant.startswith("tenant") and key.rate_limit is None]
    database.administer("limit-key", str(key.id), "90")
    assert _limit_of(key.id) == 90
    database.administer("limit-key", str(key.id), "default")
    assert _limit_of(key.id) is None
    with pytest.raises(DeploymentError, match="no API key"):
        database.administer("limit-key", str(uuid4()), "5")


def _limit_of(key_id: UUID) -> int | None:
    return next(key.rate_limit for key in list_keys() if key.id == key_id)
