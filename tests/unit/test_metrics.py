"""The documents and the alerts speak of metrics that processes serve, and tell what to do for every alert."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from promql_parser import Expr, VectorSelector

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "OPERATIONS.md").read_text()
RULES = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())
CONFIG = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
ALERTS: list[dict[str, Any]] = [rule for group in RULES["groups"] for rule in group["rules"]]
TABLE = PAGE[PAGE.index("| question | PromQL |") :].partition("\n\n")[0]
QUESTIONS = re.findall(r"^\| [^|`]+ \| `([^`]+)` \|$", TABLE, re.MULTILINE)
SCRAPED = {"instance", "job", "process"}
"""Labels that Prometheus gives to every series."""
OF_THE_LIBRARY = {"up": set[str](), "process_start_time_seconds": set[str]()}


@pytest.fixture(scope="module")
def labels() -> dict[str, set[str]]:
    """The labels of every series that a process serves, by the series' name."""
    asked = [sys.executable, str(ROOT / "docs" / "metrics.py"), "--json"]
    told = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    found: dict[str, set[str]] = dict(OF_THE_LIBRARY)
    for process in told.values():
        for name, (kind, names, meaning) in process.items():
            assert meaning
            if kind == "histogram":
                found |= {f"{name}_bucket": {"le", *names}, f"{name}_sum": set(names), f"{name}_count": set(names)}
            else:
                found[name] = set(names)
    return found


def selectors(query: str) -> list[VectorSelector]:
    """Every series that a query names. Raises ValueError when it is no PromQL."""
    found: list[VectorSelector] = []

    def visit(expr: Expr) -> None:
        if isinstance(expr, VectorSelector):
            found.append(expr)

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def strangers(query: str, labels: dict[str, set[str]]) -> Iterator[str]:
    """Series, and labels of series, that nobody serves."""
    for selector in selectors(query):
        if selector.name not in labels:
            yield str(selector.name)
            continue
        for matcher in selector.matchers.matchers:
            if matcher.name not in labels[selector.name] | SCRAPED:
                yield f"{selector.name}{{{matcher.name}}}"


def test_the_table_of_metrics_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "docs" / "metrics.py"), "--check"], check=False)
    assert done.returncode == 0, "write it anew: python docs/metrics.py"


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_asks_for_what_is_served(alert: dict[str, Any], labels: dict[str, set[str]]) -> None:
    assert selectors(alert["expr"])
    assert list(strangers(alert["expr"], labels)) == []
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert alert["annotations"]["summary"]
    if "for" in alert:
        promql_parser.parse_duration(alert["for"])


def test_every_question_of_the_page_can_be_asked(labels: dict[str, set[str]]) -> None:
    assert len(QUESTIONS) >= 8
    assert [stranger for query in QUESTIONS for stranger in strangers(query, labels)] == []


def test_a_series_that_nobody_serves_is_noticed(labels: dict[str, set[str]]) -> None:
    assert list(strangers("sum(rate(winnow_tokens_totals[5m])) > 1", labels)) == ["winnow_tokens_totals"]
    assert list(strangers('winnow_work_due{tenant="a"}', labels)) == ["winnow_work_due{tenant}"]
    with pytest.raises(ValueError, match=r".+"):
        selectors("sum(winnow_work_due")


def test_every_alert_tells_what_to_do() -> None:
    told = re.findall(r"^### (Winnow\w+)\n([^#]+)", PAGE, re.MULTILINE)
    assert [name for name, _ in told] == [alert["alert"] for alert in ALERTS]
    assert all(len(advice.split()) >= 10 for _, advice in told)


def test_every_process_of_the_compose_file_is_scraped() -> None:
    (job,) = CONFIG["scrape_configs"]
    (services,) = job["dns_sd_configs"]
    assert set(services["names"]) == set(COMPOSE["services"]) - {"postgres", "redis", "migrate"}
    assert str(services["port"]) == COMPOSE["x-environment"]["WINNOW_METRICS_PORT"]
    assert job["job_name"] == "winnow"
