"""Outside development no process starts with a secret that others could know, and it says which one it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from deploy.checks.configuration import READERS
from gateway.settings import SANDBOX_SECRET
from services.common.edge import keys
from services.common.runtime.config import DEVELOPMENT_SECRET, ConfigError
from services.logistics.settings import DEVELOPMENT_EASYPOST_SECRET

pytestmark = pytest.mark.pure

SOUND: Mapping[str, str] = {
    "PLEDGE_AMQP_URI": "amqps://orders:8f0c2e7a51b94d63@broker.example/pledge",
    "PLEDGE_SECRET": "6d1f0a83c2be4975",
    "PLEDGE_SIGNING_KEYS": keys.private_keys(keys.OF_SUPPORT, "2026-03-02", b"of this test"),
    "PLEDGE_PUBLIC_KEYS": keys.public_keys(keys.private_keys(keys.OF_SUPPORT, "2026-03-02", b"of this test")),
    "PLEDGE_GATEWAY_KEYS": keys.private_keys(keys.OF_GATEWAY, "2026-03-02", b"of this test"),
    "PLEDGE_SANDBOX_SECRET": "b7c4f20e9d8a4136",
    "PLEDGE_EASYPOST_WEBHOOK_SECRET": "e01d6b5f7c2a4893",
    "PLEDGE_ORDERS_DATABASE_URL": "postgresql+psycopg2://orders:27ac8be1d05f4396@db.example/orders?sslmode=verify-full",
}
KNOWN = {
    "PLEDGE_SECRET": ["", DEVELOPMENT_SECRET],
    "PLEDGE_SIGNING_KEYS": ["", keys.DEVELOPMENT_SUPPORT_KEYS],
    "PLEDGE_PUBLIC_KEYS": ["", keys.DEVELOPMENT_PUBLIC_KEYS],
    "PLEDGE_GATEWAY_KEYS": ["", keys.DEVELOPMENT_GATEWAY_KEYS],
    "PLEDGE_SANDBOX_SECRET": ["", SANDBOX_SECRET],
    "PLEDGE_EASYPOST_WEBHOOK_SECRET": [DEVELOPMENT_EASYPOST_SECRET],
    "PLEDGE_AMQP_URI": [
        "amqp://guest:guest@broker/", "amqps://guest:guest@broker", "amqp://broker", "amqp://orders@broker/pledge",
        "amqp://orders:orders@192.0.2.7", "amqp://orders:Password@[2001:db8::7]", "amqp://o:%67uest@broker",
    ],
    "PLEDGE_ORDERS_DATABASE_URL": [
        "postgresql://orders:orders@db/orders", "postgresql+psycopg2://postgres:postgres@db.example/orders",
        "postgresql://orders@db/orders",
    ],
}  # fmt: skip
GIVEN_BY_OTHERS = {  # empty is safe, there is no default, and others make them
    "PLEDGE_EASYPOST_API_KEY", "PLEDGE_SIMULATOR_WEBHOOK_SECRET", "PLEDGE_SMTP_URL",
}  # fmt: skip


def refused(name: str, environ: Mapping[str, str]) -> list[str]:
    try:
        READERS[name].load(environ)
    except ConfigError as error:
        return error.problems
    return []


def test_every_secret_there_is_has_been_thought_of() -> None:
    secrets = {
        each.metadata["env"] for reader in READERS.values() for each in fields(reader) if each.metadata.get("secret")
    }

    assert secrets == {*KNOWN, *GIVEN_BY_OTHERS} - {"PLEDGE_ORDERS_DATABASE_URL", "PLEDGE_PUBLIC_KEYS"}
    assert not any(refused(name, SOUND) for name in READERS)


@pytest.mark.parametrize(("variable", "value"), [(name, value) for name, values in KNOWN.items() for value in values])
def test_a_known_secret_is_refused_outside_development(variable: str, value: str) -> None:
    environ = {**SOUND, variable: value, "PLEDGE_SANDBOX": "1"}

    told = [problem for name in READERS for problem in refused(name, environ)]

    assert told
    assert {problem.partition(" ")[0] for problem in told} == {variable}
    assert not any(part in " ".join(told) for part in (value, "guest:") if part)
    assert not any(refused(name, {**environ, "PLEDGE_DEV": "1"}) for name in READERS)


@pytest.mark.parametrize("variable", ["PLEDGE_AMQP_URI", "PLEDGE_ORDERS_DATABASE_URL"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_a_local_server_may_keep_its_first_password(variable: str, host: str) -> None:
    scheme = "amqp" if variable == "PLEDGE_AMQP_URI" else "postgresql"

    assert refused("orders", {**SOUND, variable: f"{scheme}://guest:guest@{host}/x"}) == []


def test_a_database_may_know_us_by_our_certificate_alone() -> None:
    url = "postgresql://orders@db/orders?sslmode=require&sslcert="

    assert [
        problem.split()[0] for problem in refused("orders", {**SOUND, "PLEDGE_ORDERS_DATABASE_URL": url + "/no"})
    ] == ["PLEDGE_ORDERS_DATABASE_URL"]
    assert "no password" not in str(refused("orders", {**SOUND, "PLEDGE_ORDERS_DATABASE_URL": url + "/no"}))


def test_a_gateway_that_serves_no_sandbox_needs_no_secret_for_it() -> None:
    assert refused("gateway", {**SOUND, "PLEDGE_SANDBOX_SECRET": ""}) == []


@pytest.mark.parametrize(("name", "variable"), [("gateway", "PLEDGE_GATEWAY_KEYS"), ("support", "PLEDGE_SECRET")])
def test_the_process_does_not_start_and_names_every_variable(name: str, variable: str) -> None:
    environ = {"PATH": os.environ["PATH"], "PLEDGE_AMQP_URI": SOUND["PLEDGE_AMQP_URI"]}

    done = subprocess.run(
        [sys.executable, "-m", "services", name],
        env=environ, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert f"{variable} is not set" in done.stderr
