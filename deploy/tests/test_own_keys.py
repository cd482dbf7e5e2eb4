"""An installation in one process makes its own keys at its first start, keeps them, and shares none with any other."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from deploy.checks.configuration import READERS
from deploy.demo import story
from deploy.demo.story import Demo
from deploy.run import own_keys
from deploy.run.embedded import only_process
from deploy.run.own_keys import as_made, with_own_keys
from services.common.basics import clock
from services.common.edge import keys, tokens
from services.common.runtime.config import ConfigError
from services.logistics.adapters.carriers import easypost

pytestmark = pytest.mark.pure


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "keys").iterdir()}


def public_keys(folder: Path) -> set[str]:
    return {part.strip() for part in (folder / "keys" / "public_keys").read_text().split(",")}


def test_the_first_start_makes_a_key_for_each_purpose(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    environ = with_own_keys({"PLEDGE_DATA_DIR": str(one)}, one)

    assert texts(one).keys() == {own_keys.file_name(name) for name in own_keys.variables()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (one / "keys").iterdir()} == {0o600}
    assert stat.S_IMODE((one / "keys").stat().st_mode) == 0o700
    assert not [name for reader in READERS.values() for name in reader.load(environ).known_secrets()]
    production = {**environ, "PLEDGE_AMQP_URI": "amqps://orders:8f0c2e7a51b94d63@broker.example/pledge"}
    for name, reader in READERS.items():
        assert reader.load({**production, "PLEDGE_PUBLIC_URL": "https://shop.example"}), name

    first = texts(one)
    assert (with_own_keys({"PLEDGE_DATA_DIR": str(one)}, one), texts(one)) == (environ, first)
    with_own_keys({}, other)
    assert not {*first.values()} & {*texts(other).values()}


def test_what_the_operator_gives_goes_before_a_made_key(tmp_path: Path) -> None:
    pair = {own_keys.SIGNING, own_keys.PUBLIC}
    for given in ("PLEDGE_SECRET", "PLEDGE_SECRET_FILE", own_keys.SIGNING, f"{own_keys.PUBLIC}_FILE"):
        name = given.removesuffix("_FILE")
        made = with_own_keys({given: "as the operator says"}, tmp_path / given)

        assert made[given] == "as the operator says"
        assert not {f"{each}_FILE" for each in (pair if name in pair else {name})} & made.keys() - {given}
        assert f"{own_keys.GATEWAYS}_FILE" in made


def test_a_start_that_ended_anywhere_is_finished_by_the_next(tmp_path: Path) -> None:
    with_own_keys({}, tmp_path)
    for name, before in texts(tmp_path).items():
        known = public_keys(tmp_path)
        (tmp_path / "keys" / name).unlink()
        (tmp_path / "keys" / f"{name}.part").write_text("half of")
        if name == "secret":
            (tmp_path / "keys" / name).touch()
        assert f"PLEDGE_{name.upper()}_FILE" not in as_made({}, tmp_path)
        environ = with_own_keys({}, tmp_path)

        assert len(Path(environ[f"PLEDGE_{name.upper()}_FILE"]).read_text()) > 60
        for reader in READERS.values():
            assert not reader.load(environ).known_secrets()
        assert known <= public_keys(tmp_path) or name == "public_keys"
        assert texts(tmp_path)[name] != before or name == "public_keys"


@pytest.mark.parametrize("damaged", ["signing_keys", "gateway_keys", "secret"])
def test_a_damaged_key_is_told_and_replaced_by_nothing(tmp_path: Path, damaged: str) -> None:
    with_own_keys({}, tmp_path)
    (tmp_path / "keys" / damaged).write_text("no key")

    with pytest.raises(ConfigError, match=f"holds no keys|PLEDGE_{damaged.upper()} has a value of another form"):
        READERS["support"].load(with_own_keys({}, tmp_path))

    assert (tmp_path / "keys" / damaged).read_text() == "no key"


def test_the_demo_signs_as_the_carrier_of_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEDGE_DATA_DIR", str(tmp_path))
    with_own_keys({}, tmp_path)
    made = (tmp_path / "keys" / "easypost_webhook_secret").read_text().strip()

    assert story.made_secret() == ""
    with only_process(tmp_path):
        assert story.made_secret() == made
        monkeypatch.setenv(story.EASYPOST, "told")
        assert (story.made_secret(), story.easypost_secret()) == ("", "told")


@contextmanager
def started(folder: Path, given: Mapping[str, str]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PLEDGE_")}
    told = {"PLEDGE_DATA_DIR": str(folder), "PLEDGE_HTTP_ADDRESS": address, "PYTHONUNBUFFERED": "1"}
    told["PLEDGE_PUBLIC_URL"] = f"http://{address}"
    command = [sys.executable, "-m", "deploy.run.embedded"]
    process = subprocess.Popen(
        command, env={**environ, **told, **given}, text=True, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout
        assert any("Ctrl-C" in line for line in process.stdout)
        yield f"http://{address}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def an_order(url: str) -> tuple[str, str]:
    """Place an order as a guest; returns its address and the token of its link."""
    demo = Demo(url)
    sku = demo.guest.get("/v1/products")["items"][0]["sku"]
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))
    return f"/v1/orders/{order['number']}", order["access_token"]


def status(address: str, token: str) -> int:
    return requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=20).status_code


def test_links_go_on_and_what_the_source_signs_opens_nothing(tmp_path: Path) -> None:
    """The first start is that of a release before: its keys stood in the source."""
    known = {row.env: row.known for reader in READERS.values() for row in reader.describe() if row.known}
    with started(tmp_path, known) as url:
        old, old_link = an_order(url)
        assert status(f"{url}{old}", old_link) == 200

    with started(tmp_path, {}) as url:
        ours, link = an_order(url)
        anybodys = keys.Signing.parse(keys.DEVELOPMENT_GATEWAY_KEYS)
        forged = tokens.order_token(anybodys, ours.rpartition("/")[2], clock.now())
        scan = json.dumps({"id": "evt_1", "object": "Event", "description": "tracker.updated", "result": {}}).encode()
        signed = {"X-Hmac-Signature": easypost.sign(easypost.DEVELOPMENT_SECRET, scan)}

        assert [status(f"{url}{place}", token) for place, token in ((ours, forged), (old, old_link))] == [401, 401]
        assert (
            requests.post(f"{url}/v1/webhooks/carriers/easypost", scan, headers=signed, timeout=20).status_code == 403
        )

    with started(tmp_path, {}) as url:
        assert status(f"{url}{ours}", link) == 200
