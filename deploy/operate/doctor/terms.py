"""Whether all processes promise the same: each is asked for the fingerprint of the PLEDGE_TERMS it was started with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

from kombu.exceptions import OperationalError as BrokerAway

from deploy.operate.doctor.finding import Finding, warning
from deploy.run.queues import look
from services import SERVICES
from services.common.basics.caller import SYSTEM
from services.common.basics.errors import ServiceError
from services.common.bus.rpc import RpcClient
from services.common.commitments import fingerprint
from services.common.runtime.config import Settings

SECONDS = 2.0


def examine(settings: Settings) -> Iterator[Finding]:
    """Compare with the terms of these settings. The embedded form is one process, which has one set of terms.

    Who does not answer is left out: other findings tell of that.
    """
    if settings.embedded:
        return
    ours = fingerprint(settings.terms)
    told = {**_of_services(settings.amqp_uri), **_of_gateway(settings.public_url)}
    for where, theirs in sorted(told.items()):
        if theirs != ours:
            yield warning(
                "other_terms", where, f"its PLEDGE_TERMS are not those of this command: {theirs}, not {ours}",
                "give every process the same PLEDGE_TERMS and start it anew; clocks that run keep their terms",
            )  # fmt: skip


def _of_services(uri: str) -> dict[str, str]:
    """Return what each process says of itself. Replicas take turns at their queue, so each is asked twice."""
    told: dict[str, str] = {}
    try:
        depths = look(uri, [f"rpc-{service}" for service in SERVICES])
    except BrokerAway:
        return told
    client = RpcClient(uri)
    try:
        for service in SERVICES:
            depth = depths[f"rpc-{service}"]
            for _ in range(2 * depth.consumers if depth else 0):
                try:
                    health = client.call(service, "get_health", caller=SYSTEM, timeout=SECONDS)
                except ServiceError:
                    break
                if "terms" in health:
                    told[f"{service} ({health.get('process', '?')})"] = health["terms"]
    finally:
        client.close()
    return told


def _of_gateway(url: str) -> dict[str, str]:
    try:
        return {"gateway": json.loads(_read(f"{url}/v1/health"))["terms"]}
    except (OSError, ValueError, KeyError):
        return {}


def _read(url: str) -> bytes:
    try:
        with urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 (an http address, by the form of the setting)
            return bytes(answer.read())
    except HTTPError as degraded:
        return bytes(degraded.read())
