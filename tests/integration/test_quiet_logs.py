"""What a failing statement leaves behind holds nothing of a resume."""

from __future__ import annotations

import pytest
from conftest import Caller
from sqlalchemy import text
from sqlalchemy.exc import DataError

from db.engine import app_session
from local.servers import Servers

RESUME = "Ada Example, a resume that no log may hold"


def test_a_failing_statement_shows_no_text_to_whoever_logs_it(servers: Servers, tenant: Caller) -> None:
    with pytest.raises(DataError) as caught, app_session(tenant.tenant_id) as session:
        session.execute(text("SELECT length(:text) / 0"), {"text": RESUME})
    assert RESUME not in str(caught.value)
    log = (servers.home / "postgres.log").read_text()
    assert "division by zero" in log
    assert RESUME not in log
