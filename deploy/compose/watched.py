"""Whether the composed platform can be watched: Prometheus beside it, asked for all that dashboards and alarms ask for.

Where Prometheus's own image cannot be had, Debian's program is put into one like it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
import yaml

from deploy.compose import engine
from deploy.compose.docker import Failed, docker
from deploy.compose.stack import ROOT, Stack
from deploy.run import packages, processes

PUBLIC, OURS = "prom/prometheus:v3.5.0", "pledge/prometheus:test"
DASHBOARD = ROOT / "deploy/compose/grafana/dashboards/pledge.json"
ALARMS = ROOT / "deploy/compose/prometheus/alarms.yml"
SECONDS = 120.0
STAND_IN = """FROM python:3.11-slim-bookworm
COPY prometheus promtool /bin/
RUN install -d -o nobody /prometheus
USER nobody
VOLUME /prometheus
ENTRYPOINT ["/bin/prometheus"]
"""


def image() -> str:
    """Return the image to use. Raise packages.Missing if there is none and none can be made."""
    if engine.has_image(PUBLIC):
        return PUBLIC
    with TemporaryDirectory() as folder:
        (Path(folder) / "Dockerfile").write_text(STAND_IN)
        for program in ("prometheus", "promtool"):
            shutil.copy(packages.path_of(program), folder)
        docker("build", "-q", "-t", OURS, folder, seconds=120)
    return OURS


def alarms_go_off(name: str) -> None:
    """Check with promtool that each alarm goes off in its own case and none otherwise (tests/alarms_test.yml)."""
    rules = ("-v", f"{ROOT / 'deploy/compose'}:/rules:ro", "--entrypoint", "promtool")
    docker("run", "--rm", "--network", "none", *rules, name, "check", "config", "/rules/prometheus/prometheus.yml")
    docker("run", "--rm", "--network", "none", *rules, name, "test", "rules", "/rules/tests/alarms_test.yml")


class Watch:
    """Prometheus, as an operator and Grafana ask it."""

    def __init__(self, stack: Stack):
        self._stack = stack

    def sees_everybody(self, replicas: int) -> None:
        """Check that every replica and the broker are found by name and answer."""

        def seen() -> int:
            return sum(target["health"] == "up" for target in self._get("targets")["activeTargets"])

        if not processes.until(lambda: seen() == replicas + 1, SECONDS):
            raise Failed(f"Prometheus sees {seen()} of {replicas} replicas and the broker: {self._get('targets')}")

    def answers_every_question(self) -> None:
        """Check that each metric of a dashboard or an alarm exists, and that each expression can be computed."""
        names = {*self._get("label/__name__/values")}
        for where, expression in questions():
            asked = set(re.findall(r"\b(?:pledge|rabbitmq)_[a-z_]+", expression))
            if missing := asked - names:
                raise Failed(f"{where} asks for {missing}, which nobody serves")
            self._get("query", query=expression.replace("$__rate_interval", "1m"))
        rules = [rule for group in self._get("rules")["groups"] for rule in group["rules"]]
        if sick := [rule for rule in rules if rule["health"] != "ok"]:
            raise Failed(f"alarms that cannot be computed: {sick}")

    def raises(self, alarm: str, **labels: str) -> None:
        """Check that the alarm's case is noticed. It goes off after the time that its rule says."""

        def raised() -> bool:
            alerts = self._get("alerts")["alerts"]
            return any(each["labels"] == {"alertname": alarm, **labels} for each in alerts)

        if not processes.until(raised, SECONDS):
            raise Failed(f"{alarm} of {labels} is not raised: {self._get('alerts')}")

    def _get(self, what: str, **query: str) -> Any:
        url = f"http://{self._stack.address('prometheus')}:9090/api/v1/{what}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, params=query, timeout=30)
        if not answer.ok:
            raise Failed(f"Prometheus, {what} {query}: {answer.status_code} {answer.text[:500]}")
        return answer.json()["data"]


def questions() -> Iterator[tuple[str, str]]:
    """Yield (place, PromQL) of everything that the dashboard and the alarms ask."""
    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        for target in panel.get("targets", []):
            yield f"the panel {panel['title']!r}", target["expr"]
    for group in yaml.safe_load(ALARMS.read_text("utf-8"))["groups"]:
        for rule in group["rules"]:
            yield f"the alarm {rule['alert']}", rule["expr"]
