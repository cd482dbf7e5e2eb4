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
import trustme

from deploy.checks.configuration import READERS
from services import SERVICES
from services.common.basics import clock
from services.common.edge import keys, signatures
from services.common.runtime.config import ConfigError
from services.common.runtime.stored import JOURNAL_KEYS, require_sealed
from services.logistics.adapters.carriers import CARRIERS, Carrier, aftership, easypost, seventeen_track, shippo
from services.orders.adapters.payments import PROVIDERS, PaymentProvider

pytestmark = pytest.mark.pure

SOUND: Mapping[str, str] = {
    "PLEDGE_AMQP_URI": "amqps://orders:8f0c2e7a51b94d63@broker.example/pledge",
    "PLEDGE_SECRET": "6d1f0a83c2be4975",
    "PLEDGE_SIGNING_KEYS": keys.private_keys(keys.OF_SUPPORT, "2026-03-02", b"of this test"),
    "PLEDGE_PUBLIC_KEYS": keys.public_keys(keys.private_keys(keys.OF_SUPPORT, "2026-03-02", b"of this test")),
    "PLEDGE_GATEWAY_KEYS": keys.private_keys(keys.OF_GATEWAY, "2026-03-02", b"of this test"),
    "PLEDGE_JOURNAL_KEYS": "2026-03-02:5d1e0f8a7b3c92648c0e4a71d95b362fb1907f6e2c84ad53e93b6d2058fc714a",
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
    assert all(
        row.default == "" and env in of_adapters for env, row in secrets.items() if env not in {*KNOWN, JOURNAL_KEYS}
    )
    assert not any(refused(name, SOUND) for name in READERS)


@pytest.mark.parametrize("name", SERVICES)
def test_a_journal_is_sealed_outside_development(name: str) -> None:
    plain = {each: value for each, value in SOUND.items() if each != JOURNAL_KEYS}

    with pytest.raises(ConfigError, match=f"{JOURNAL_KEYS} is not set"):
        require_sealed(READERS[name].load(plain))
    for more in ({JOURNAL_KEYS: SOUND[JOURNAL_KEYS]}, {"PLEDGE_SEAL_JOURNAL": "0"}, {"PLEDGE_DEV": "1"}):
        require_sealed(READERS[name].load({**plain, **more}))


@pytest.mark.parametrize("adapter", [*CARRIERS, *PROVIDERS], ids=lambda adapter: adapter.name)
def test_an_adapter_with_empty_secrets_accepts_no_webhook(adapter: type[Carrier | PaymentProvider]) -> None:
    secrets = [each.name for each in fields(adapter) if each.metadata.get("secret") and each.name != "amqp_uri"]
    empty: dict[str, Any] = dict.fromkeys(secrets, "")
    bare = replace(adapter(amqp_uri="amqps://broker"), **empty)
    signed = signatures.sign("", b"{}", clock.now())
    of_carriers = [aftership.HEADER, seventeen_track.HEADER, shippo.HEADER]
    headers = [f"{adapter.name}-signature", "stripe-signature", "x-hmac-signature", *of_carriers]

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


@pytest.mark.parametrize("variable", ["PLEDGE_SIGNING_KEYS", "PLEDGE_GATEWAY_KEYS", "PLEDGE_PUBLIC_KEYS"])
def test_a_known_key_is_refused_beside_a_good_one_too(variable: str) -> None:
    known, purpose = ROWS[variable].known, SOUND[variable].partition(":")[0]
    listed = f"{SOUND[variable]}, {known}"
    renamed = f"{SOUND[variable]}, {purpose}:2026-03-03:{known.rpartition(':')[2]}"

    for value in (listed, renamed):
        told = [problem for name in READERS for problem in refused(name, {**SOUND, variable: value})]
        assert told, value
        assert {problem.partition(" ")[0] for problem in told} == {variable}


ROTATED = "whsec_9Kd2mQx7Lr0TzV4b,whsec_Hf3yWn8sPc6JgU1e\n"
GUESSED = {
    "PLEDGE_SECRET": f"{SOUND['PLEDGE_SECRET']}, a-secret-for-development-of-ours",
    "PLEDGE_SANDBOX_SECRET": "a-bank-for-development",
    "PLEDGE_SIMULATOR_WEBHOOK_SECRET": "a-simulator-secret-for-development", "PLEDGE_EASYPOST_WEBHOOK_SECRET": "abcabc",
    "PLEDGE_AFTERSHIP_WEBHOOK_SECRET": "abcabc", "PLEDGE_SHIPPO_WEBHOOK_SECRET": "abcabc",
    "PLEDGE_STRIPE_WEBHOOK_SECRETS": "whsec_9Kd2mQx7Lr0TzV4b, whsec_change-me",
    "PLEDGE_ADYEN_HMAC_KEYS": f"{'ab' * 32}, 5d1e0f8a7b3c92648c0e4a71d95b362fb1907f6e2c84ad53e93b6d2058fc714a",
    "PLEDGE_SIGNING_KEYS": f"access:2026-03-02:{'0' * 64}, order:2026-03-02:{'0123456789abcdef' * 4}",
    "PLEDGE_JOURNAL_KEYS": f"2026-03-02:{'ab' * 32}",
    "PLEDGE_UPLOADS_S3_SECRET": "change-me",
    "PLEDGE_GATEWAY_KEYS": f"{SOUND['PLEDGE_GATEWAY_KEYS']}, stream:2026-03-01:{'ab' * 32}",
}  # fmt: skip


@pytest.mark.parametrize("variable", GUESSED)
def test_a_key_that_can_be_guessed_is_refused(variable: str) -> None:
    told = [problem for name in READERS for problem in refused(name, {**SOUND, variable: GUESSED[variable]})]

    assert {problem.partition(" ")[0] for problem in told} == {variable}
    assert not any(refused(name, {**SOUND, "PLEDGE_STRIPE_WEBHOOK_SECRETS": ROTATED}) for name in READERS)
    assert {
        env for env, row in ROWS.items() if row.secret and env.endswith(("_SECRET", "_SECRETS", "_KEYS"))
    } == GUESSED.keys()


@pytest.fixture
def files(tmp_path: Path) -> Mapping[str, str]:
    """Give every secret of a sound configuration as a file of its owner's, `PLEDGE_…_FILE` by `PLEDGE_…`."""
    for name, value in SOUND.items():
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(value)
    return {f"{name}_FILE": str(tmp_path / name) for name in SOUND}


SECRET_FILES = sorted(f"{name}_FILE" for name in SOUND.keys() - {"PLEDGE_PUBLIC_KEYS"})
OPEN = (0o604, 0o620, 0o602, 0o660, 0o666, 0o441, 0o450, 0o444, 0o777)


@pytest.mark.parametrize(("mode", "variables"), [(0o644, SECRET_FILES), *((mode, SECRET_FILES[:1]) for mode in OPEN)])
def test_a_file_with_a_secret_is_closed_to_others(
    files: Mapping[str, str], mode: int, variables: list[str], tmp_path: Path
) -> None:
    assert not any(refused(name, files) for name in READERS)
    link = tmp_path / "link"

    for variable in variables:
        path = Path(files[variable])
        path.chmod(mode)
        link.unlink(missing_ok=True)
        link.symlink_to(path)
        for given in (files, {**files, variable: str(link)}):
            told = [problem for name in READERS for problem in refused(name, given)]
            assert {problem.partition(" ")[0] for problem in told} == {variable}
            assert f"{mode:04o}" in told[0]
            assert not any(refused(name, {**given, "PLEDGE_DEV": "1"}) for name in READERS)
        path.chmod(0o400)


STRANGER, US = 4711, os.geteuid()


@pytest.mark.parametrize(
    ("owner", "mode", "taken"),
    [
        *((owner, mode, True) for owner in {0, US} for mode in (0o440, 0o640, 0o040)),
        *((owner, mode, False) for owner in {0, US} for mode in (0o444, 0o644, 0o460, 0o442, 0o441, 0o450)),
        (STRANGER, 0o400, True), (STRANGER, 0o600, True), (STRANGER, 0o440, False), (STRANGER, 0o640, False),
    ],
)  # fmt: skip
def test_a_group_may_read_what_is_roots_or_ours(
    files: Mapping[str, str], owner: int, mode: int, taken: bool, tmp_path: Path
) -> None:
    """As Kubernetes does it: a link to a link of the folder, which is root's and its group's."""
    if US and owner != US:
        pytest.skip("only root can give files away")
    (tmp_path / "..data").mkdir()
    Path(files["PLEDGE_SECRET_FILE"]).rename(tmp_path / "..data" / "secret")
    (tmp_path / "secret").symlink_to("..data/secret")
    os.chown(tmp_path / "secret", owner, STRANGER)
    (tmp_path / "secret").chmod(mode)

    told = refused("support", {**files, "PLEDGE_SECRET_FILE": str(tmp_path / "secret")})

    assert bool(told) != taken, told
    assert taken or (len(told) == 1 and told[0].startswith("PLEDGE_SECRET_FILE is ") and f"{mode:04o}" in told[0])


def test_a_file_that_holds_no_secret_may_be_read_by_all(files: Mapping[str, str], tmp_path: Path) -> None:
    Path(files["PLEDGE_PUBLIC_KEYS_FILE"]).chmod(0o644)
    (tmp_path / "terms").write_text("{}")
    (tmp_path / "terms").chmod(0o644)

    assert not any(refused(name, {**files, "PLEDGE_TERMS_FILE": str(tmp_path / "terms")}) for name in READERS)


def test_a_private_key_for_tls_is_its_owners_alone(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("orders@shop.example")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "own.pem")
    (tmp_path / "own.key").touch(mode=0o600)
    issued.private_key_pem.write_to_path(tmp_path / "own.key")
    bus = f"{SOUND['PLEDGE_AMQP_URI']}?certfile={tmp_path}/own.pem&keyfile={tmp_path}/own.key"
    database = f"{SOUND['PLEDGE_ORDERS_DATABASE_URL']}&sslcert={tmp_path}/own.pem&sslkey={tmp_path}/own.key"
    environ = {**SOUND, "PLEDGE_AMQP_URI": bus, "PLEDGE_ORDERS_DATABASE_URL": database}

    assert refused("orders", environ) == []
    missing = refused("orders", {**environ, "PLEDGE_AMQP_URI": bus.replace("own.key", "none.key")})
    assert [problem.partition(" ")[0] for problem in missing] == ["PLEDGE_AMQP_URI"]
    (tmp_path / "own.key").chmod(0o644)

    assert [problem.partition(" is ")[0] for problem in refused("orders", environ)] == [
        "the key in PLEDGE_AMQP_URI", "the key in PLEDGE_ORDERS_DATABASE_URL",
    ]  # fmt: skip


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
def test_no_process_starts_with_secrets_that_others_can_read(files: Mapping[str, str], name: str) -> None:
    for path in files.values():
        Path(path).chmod(0o644)

    done = subprocess.run(
        [sys.executable, "-m", "services", name],
        env={"PATH": os.environ["PATH"], **files}, cwd=Path(__file__).parents[2], capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "PLEDGE_AMQP_URI_FILE" in done.stderr
    assert "mode 0644" in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(value in done.stderr for value in SOUND.values())


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
