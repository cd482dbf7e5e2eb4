"""A new version of one service, without a pause: `python -m deploy.compose.roll orders`, or `make compose-deploy`.

Its database is brought up to date, then as many new containers are started beside the old ones; when they are healthy
the old ones are told to stop, and finish what they have begun. Both versions work for a while: events and replies only
gain fields, migrations only add (both are tested), and timers, relay and inbox are made for any number of replicas.

Not for the gateway: only one container can have its published port, and `docker compose up -d --no-deps gateway` costs
the seconds of its start.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from deploy.compose import engine
from deploy.compose.docker import Failed, docker, health, inspect, run
from deploy.run import packages, processes
from services import SERVICES

READY_SECONDS = 120.0
GRACE_SECONDS = 35

Compose = Callable[..., str]


def roll(compose: Compose, service: str) -> list[int]:
    """Replace every container of a service by one of what is configured now; how the old ones ended."""
    old = compose("ps", "-q", service).split()
    if not old:
        raise Failed(f"{service} does not run: there is nothing to take over from")
    compose("run", "-T", "--rm", "--no-deps", f"migrate-{service}")
    compose("up", "-d", "--no-deps", "--no-recreate", "--scale", f"{service}={2 * len(old)}", service)
    new = [each for each in compose("ps", "-q", service).split() if each not in old]
    if not processes.until(lambda: all(health(each) == "healthy" for each in new), READY_SECONDS):
        docker("rm", "-f", *new)
        raise Failed(f"the new {service} did not become healthy; the old one goes on, the new one was removed")
    docker("stop", "-t", str(GRACE_SECONDS), *old, seconds=GRACE_SECONDS * len(old) + 30)
    codes = [int(inspect(each)["State"]["ExitCode"]) for each in old]
    docker("rm", *old)
    return codes


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.compose.roll", description="a new version, without a pause")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("--build", action="store_true", help="make the image of what lies here first")
    given = parser.parse_args(arguments)
    try:
        command = engine.compose()

        def compose(*words: str) -> str:
            return run([*command, *words], seconds=900)

        if given.build:
            compose("build", given.service)
        codes = roll(compose, given.service)
    except (packages.Missing, Failed) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{given.service}: {len(codes)} replaced" + f"; some ended with {codes}" * any(codes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
