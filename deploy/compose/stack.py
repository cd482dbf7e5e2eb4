"""The composed platform as a test handles it: brought up, scaled, looked into, hurt, taken down.

Containers are found by their labels, since Compose 1.29 and 2 name them differently.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from deploy.compose import engine
from deploy.compose.docker import Failed, address, docker, health, inspect, run
from deploy.run import processes

ROOT = Path(__file__).parents[2]
FILES = ("docker-compose.yml", "deploy/compose/development.yml", "deploy/compose/tests/apart.yml")
PROFILES = ("--profile", "monitoring", "--profile", "mail")
METRICS = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:9100/metrics').read().decode())"


class Stack:
    """One Compose project, with settings of its own and nothing of the operator's."""

    def __init__(self, compose: Sequence[str], project: str, settings: Mapping[str, str], folder: Path):
        nothing = folder / "nothing.env"  # instead of the .env of the person who runs the test
        nothing.touch()
        self.project = project
        files = [part for name in FILES for part in ("-f", str(ROOT / name))]
        directory = ["--project-directory", str(ROOT), "--env-file", str(nothing)]
        self._files = [*files, *directory, "-p", project]
        self._compose = [*compose]
        self._kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLEDGE_", "COMPOSE_"))}
        self.settings = {**settings}

    def compose(self, *arguments: str, seconds: float = 300) -> str:
        return run([*self._compose, *self._files, *arguments], seconds, {**self._kept, **self.settings})

    def is_accepted(self) -> None:
        """Check that every installed Compose reads the files, with all profiles."""
        for command in engine.composes():
            run([*command, *self._files, *PROFILES, "config", "-q"], 60, {**self._kept, **self.settings})
            print(f"{'':40} {' '.join(command)}")

    def up(self, *arguments: str, **scale: int) -> None:
        scaled = [part for name, count in scale.items() for part in ("--scale", f"{name}={count}")]
        self.compose("up", "-d", *arguments, *scaled)

    def down(self) -> None:
        """Remove everything, also volumes and what an earlier run left."""
        self.compose(*PROFILES, "down", "-v", "--remove-orphans", "--timeout", "35")

    def containers(self, service: str, *, stopped: bool = False) -> list[str]:
        """Return the ids of a service's containers."""
        labels = (f"project={self.project}", f"service={service}")
        filters = [part for label in labels for part in ("--filter", f"label=com.docker.compose.{label}")]
        return docker("ps", "-q", "--no-trunc", *(["-a"] if stopped else []), *filters).split()

    def one(self, service: str) -> str:
        found = self.containers(service)
        if not found:
            raise Failed(f"no container of {service} is running")
        return found[0]

    def await_healthy(self, service: str, count: int = 1, seconds: float = 180) -> None:
        def healthy() -> bool:
            return [health(each) for each in self.containers(service)] == ["healthy"] * count

        if not processes.until(healthy, seconds):
            raise Failed(f"{service} is not healthy:\n{self.compose('logs', '--tail', '40', service)}")

    def crash(self, container: str) -> None:
        """Kill everything in it but its init, which ends then: a crash, which the restart policy repairs."""
        before = inspect(container)["RestartCount"]
        subprocess.run(["docker", "exec", container, "sh", "-c", "kill -9 -1"], capture_output=True, check=False)
        if not processes.until(lambda: inspect(container)["RestartCount"] > before, 30):
            raise Failed("a crashed container was not started again")

    def cut(self, service: str) -> None:
        """Take a service's container off the network where broker and databases are."""
        self._was = self.address(service)
        docker("network", "disconnect", f"{self.project}_inside", self.one(service))

    def mend(self, service: str) -> None:
        """Connect it again under another address, so that its old connections stay dead without notice."""
        inside, container = f"{self.project}_inside", self.one(service)
        docker("network", "connect", "--alias", service, inside, container)
        if self.address(service) == self._was:
            docker("network", "disconnect", inside, container)
            docker("network", "connect", inside, self.one("apart"))  # takes the free one
            docker("network", "connect", "--alias", service, inside, container)
            docker("network", "disconnect", inside, self.one("apart"))
        if self.address(service) == self._was:
            raise Failed(f"{service} has its old address again: its old connections may have survived")

    def metrics(self, container: str) -> dict[tuple[str, ...], float]:
        """Return the platform's own metrics of one container: {(name, label values in order of label names): value}."""
        text = docker("exec", container, "python", "-c", METRICS)
        families = text_string_to_metric_families(text)
        return {
            (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
            for family in families
            for sample in family.samples
            if sample.name.startswith("pledge_")
        }

    def sql(self, database: str, statement: str) -> list[str]:
        """Return rows, as text, as the superuser sees them."""
        command = ("exec", self.one("postgres"), "psql", "-U", "postgres", "-d", database, "-Atqc", statement)
        return docker(*command).splitlines()

    def broker(self, *command: str) -> str:
        """Return what rabbitmqctl answers."""
        return docker("exec", self.one("rabbitmq"), "rabbitmqctl", "-q", *command)

    def address(self, service: str, network: str = "inside") -> str:
        """Return where we reach a service's (first) container."""
        return address(self.one(service), f"{self.project}_{network}")
