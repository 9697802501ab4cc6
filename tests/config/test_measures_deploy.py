"""The Grafana board, the alert rules and the page of reference name metrics that exist, and the page names them all."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from luister.base import metrics
from luister.config import measures
from tests.factories import NOW

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SUFFIXES = re.compile(r"_(bucket|count|sum)$")


@pytest.fixture
def existing(db) -> set[str]:
    """The names of all metrics, as they are asked for."""
    families = [*metrics.PROCESS.collect(), *measures.Installation(NOW).collect()]
    ours = {family.name + {"counter": "_total", "info": "_info"}.get(family.type, "") for family in families}
    return {name for name in ours if name.startswith("luister_")}


def named(text: str) -> set[str]:
    return {SUFFIXES.sub("", name) for name in re.findall(r"\bluister_[a-z_]+", text)}


def test_board_and_alerts_ask_for_what_exists(existing: set[str]):
    board = json.loads((DEPLOY / "grafana.json").read_text())
    asked = {target["expr"] for panel in board["panels"] for target in panel["targets"]}
    rules = (DEPLOY / "prometheus-alerts.yaml").read_text()

    assert len(asked) > 15
    assert named(" ".join(asked)) - existing == set()
    assert named("\n".join(re.findall(r"expr: (.*)", rules))) - existing == set()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_page_names_every_metric(existing: set[str]):
    page = (ROOT / "docs/reference/metrics.md").read_text()

    assert set(re.findall(r"^\| `(luister_[a-z_]+)`", page, re.MULTILINE)) == existing


def test_every_alert_says_what_to_do():
    alerts = re.findall(r"alert: (\w+)", (DEPLOY / "prometheus-alerts.yaml").read_text())
    page = (ROOT / "docs/howto/operate.md").read_text()

    assert len(alerts) == 11
    assert [name for name in alerts if f"`{name}`" not in page] == []


@pytest.mark.skipif(not shutil.which("promtool"), reason="There is no promtool here.")
def test_prometheus_takes_the_alerts():
    command = ["promtool", "check", "rules", str(DEPLOY / "prometheus-alerts.yaml")]

    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
