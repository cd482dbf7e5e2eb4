"""Outside development no process starts with a secret that others could know, and it says which one it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from deploy.checks.configuration import READERS
from services.common.basics import clock
from services.common.edge import keys, signatures
from services.common.runtime.config import ConfigError
from services.logistics.adapters.carriers import CARRIERS, Carrier, easypost
from services.orders.adapters.payments import PROVIDERS, PaymentProvider

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
ROWS = {row.env: row for reader in READERS.values() for row in reader.describe()}
KNOWN = {
    **{env: [row.known, *([""] if row.default == row.known else [])] for env, row in ROWS.items() if row.known},
    "PLEDGE_AMQP_URI": [
        "amqp://guest:guest@broker/", "amqps://guest:guest@broker", "amqp://broker", "amqp://orders@broker/pledge",
        "amqp://orders:orders@192.0.2.7", "amqp://orders:Password@[2001:db8::7]", "amqp://o:%67uest@broker",
    ],
    "PLEDGE_ORDERS_DATABASE_URL": [
        "postgresql://orders:orders@db/orders", "postgresql+psycopg2://postgres:postgres@db.example/orders",
        "postgresql://orders@db/orders",
    ],
}  # fmt: skip


def refused(name: str, environ: Mapping[str, str]) -> list[str]:
    try:
        READERS[name].load(environ)
    except ConfigError as error:
        return error.problems
    return []


def test_a_secret_is_known_and_refused_or_empty_and_of_no_use() -> None:
    """The other secrets are given to us. While one is empty, its adapter accepts no webhook and makes no call."""
    of_adapters = {row.env for reader in READERS.values() for part in reader.parts for row in part.describe()}
    secrets = {env: row for env, row in ROWS.items() if row.secret}

    assert {"PLEDGE_SECRET", "PLEDGE_SANDBOX_SECRET", "PLEDGE_EASYPOST_WEBHOOK_SECRET"} <= KNOWN.keys()
    assert all(row.default == "" and env in of_adapters for env, row in secrets.items() if env not in KNOWN)
    assert not any(refused(name, SOUND) for name in READERS)


@pytest.mark.parametrize("adapter", [*CARRIERS, *PROVIDERS], ids=lambda adapter: adapter.name)
def test_an_adapter_with_empty_secrets_accepts_no_webhook(adapter: type[Carrier | PaymentProvider]) -> None:
    secrets = [each.name for each in fields(adapter) if each.metadata.get("secret") and each.name != "amqp_uri"]
    empty: dict[str, Any] = dict.fromkeys(secrets, "")
    bare = replace(adapter(amqp_uri="amqps://broker"), **empty)
    signed = signatures.sign("", b"{}", clock.now())
    headers = [f"{adapter.name}-signature", "stripe-signature", "x-hmac-signature"]

    assert not bare.verify({}, b"{}", clock.now())
    assert not bare.verify(dict.fromkeys(headers, signed), b"{}", clock.now())
    assert not bare.verify(dict.fromkeys(headers, easypost.sign("", b"{}")), b"{}", clock.now())


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
    environ = {"PATH": os.environ["PATH"], "PLEDGE_AMQP_URI": "amqp://guest:guest@broker/"}

    done = subprocess.run(
        [sys.executable, "-m", "services", name],
        env=environ, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert f"{variable} is not set" in done.stderr
    assert "PLEDGE_AMQP_URI has no password, or one that everybody would try" in done.stderr
    assert "Traceback" not in done.stderr
