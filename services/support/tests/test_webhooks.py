"""Webhooks that we send: where nothing is sent to, what is left out, when it is tried again, and when it ends."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import dns.resolver
import pytest
import sqlalchemy as sa
from eventlet.event import Event as GreenEvent
from eventlet.support import greendns
from sqlalchemy.dialects import postgresql
from standardwebhooks import Webhook

from services.common.basics.clock import now, rfc3339
from services.common.basics.personal import paths_of
from services.common.edge.schemas import load
from services.common.runtime.parallel import in_thread, within
from services.common.store.idempotency import IdempotencyKeyReused
from services.common.store.tables import idempotency_keys
from services.common.testing import staff
from services.orders.api.events import OrderPlaced
from services.support.adapters import hooks
from services.support.adapters.hooks import Answer, Refused, addresses_of, post
from services.support.api.webhook_events import DisabledReason
from services.support.api.webhooks import (
    AddEndpoint,
    ChangeEndpoint,
    DeliveryState,
    ListDeliveries,
    WebhookEndpointNotFound,
    WebhookUrlRefused,
)
from services.support.domain import Staff
from services.support.domain.webhooks import (
    FAILING_FOR,
    OVERLAP,
    PAUSES,
    WebhookDelivery,
    WebhookEndpoint,
    body_of,
    headers_of,
    new_secret,
    problem_of_url,
)
from services.support.follows import FOLLOWS
from services.support.handlers import delivering, webhooks
from services.support.repository import webhooks as repository
from services.support.sent_out import SENT_OUT
from services.support.tests.builders import NOW, add_staff, message_of, order_placed
from services.support.tests.receiver import receiving
from services.support.tests.scene import Scene, a_scene

ROOT = staff("admin", email="root@pledge.example")
HOSTILE = (
    "http://a-shop.com/", "ftp://a-shop.com/", "https://", "https:///x", "https://localhost/",
    "https://LOCALHOST./", "https://app.localhost/", "https://printer.local/", "https://metadata.google.internal/",
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://017700000001/",
    "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://0.0.0.0/", "https://10.0.0.7/", "https://172.16.0.1/",
    "https://192.168.1.1/", "https://100.64.0.1/", "https://169.254.169.254/latest/meta-data/", "https://224.0.0.1/",
    "https://255.255.255.255/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[2002:7f00:1::]/",
    "https://[64:ff9b::7f00:1]/", "https://user:pass@a-shop.com/", "https://a-shop.com@127.0.0.1/",
    "https://a-shop.com#@127.0.0.1/", "https://a-shop.com\\@127.0.0.1/", "https://a-shop.com:0/",
    "https://a-shop.com:99999/", "https://shop .example/", "https://sh\u00f6p.example/", "https://\u2460.0.0.1/",
)  # fmt: skip


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


@pytest.mark.parametrize("url", HOSTILE)
def test_an_address_that_is_not_public_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        addresses_of(url, here=False, resolved=lambda host, _: ["127.0.0.1"])

    assert problem_of_url("https://hooks.a-shop.com:8443/pledge?key=1", here=False) is None


def test_a_name_that_is_looked_up_for_ever_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "SECONDS", 0.05)

    with pytest.raises(Refused, match=hooks.NO_HOST):
        addresses_of("https://a-shop.com/", here=False, resolved=lambda *_: GreenEvent().wait())


@pytest.mark.filterwarnings("ignore:please use dns.resolver:DeprecationWarning")  # eventlet's way to ask
def test_look_ups_that_are_given_up_hold_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server of names answers. There are fewer threads than look-ups, and files and mails need them."""
    asked = dns.resolver.Resolver(configure=False)
    monkeypatch.setattr(hooks, "SECONDS", 0.05)
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(5)
        asked.nameservers, asked.port = ["127.0.0.1"], silent.getsockname()[1]
        monkeypatch.setattr(greendns.resolver, "_resolver", asked)

        for _ in range(25):
            with pytest.raises(Refused, match=hooks.NO_HOST):
                addresses_of("https://a-shop.com/", here=False)

        assert b"a-shop" in silent.recv(512)
        assert within(5.0, lambda: in_thread(len, "done")) == 4


def test_a_name_that_leads_elsewhere_is_refused() -> None:
    def both(host: str, port: int) -> list[str]:
        return ["93.184.215.14", "169.254.169.254"]

    assert post("https://a-shop.com/", "{}", {}, here=False, resolved=both) == Answer(None, problem=hooks.NOT_PUBLIC)
    assert post("http://a-shop.com/", "{}", {}, here=True, resolved=both).problem == hooks.NOT_PUBLIC


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    """The address that was checked is the one that is called, whatever the name means by then."""
    with receiving(302) as receiver, receiving() as other:
        receiver.location = other.url
        port = receiver.server.server_address[1]

        answer = post(
            f"http://shop.localhost:{port}/", "{}", {"webhook-id": "1"}, here=True, resolved=lambda *_: ["127.0.0.1"]
        )

        assert (answer.status, answer.reply) == (302, "I have read it")
        assert receiver.take().headers["host"] == f"shop.localhost:{port}"
        assert other.came == []


def test_a_certificate_of_no_known_authority_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    made = [
        *command,
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        key,
        "-out",
        certificate,
    ]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with receiving() as receiver:
        receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)

        receiver.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # it need not tell of it
        secured = partial(post, receiver.url.replace("http:", "https:"), "{}", {}, here=True)

        answer = secured()

        assert (answer.status, answer.problem, receiver.came) == (None, "TLS: CERTIFICATE_VERIFY_FAILED", [])
        monkeypatch.setattr(hooks, "_trusting", lambda: ssl.create_default_context(cafile=certificate))
        assert secured().status == 200


def test_a_receiver_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "SECONDS", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"

        assert post(url, "{}", {}, here=True).problem == "no answer within 0 seconds"


def test_what_is_personal_is_not_sent() -> None:
    event = order_placed()

    sent = body_of("order_placed", NOW, event.body(), paths_of(OrderPlaced))

    told = json.loads(sent)
    assert (told["type"], told["data"]["order_number"]) == ("order_placed", event.order_number)
    assert told["data"]["delivery"]["country"] == event.delivery.country
    for secret in (event.customer.email, event.customer.name, event.delivery.line1, event.delivery.postal_code):
        assert secret not in sent


def test_the_official_library_accepts_both_secrets() -> None:
    old, new = new_secret(b"o" * 32), new_secret(b"n" * 32)
    body = '{"type":"order_placed"}'

    headers = headers_of("evt", body, [new, old], now())

    for secret in (old, new):
        assert Webhook(secret).verify(body, dict(headers)) == {"type": "order_placed"}


def test_it_is_tried_for_three_days_and_then_given_up() -> None:
    delivery = WebhookDelivery("d", "e", "evt", "order_placed", None, "{}", NOW, NOW, NOW)

    pauses = []
    for tries in range(1, len(PAUSES) + 2):
        delivery.tries = tries
        delivery.note(delivery.next_attempt_at, 500, "", None, NOW)
        pauses.append(delivery.next_attempt_at and delivery.next_attempt_at - NOW)

    assert pauses == [*PAUSES, None]
    assert delivery.state is DeliveryState.FAILED
    assert sum(PAUSES, timedelta()) > timedelta(days=3)


def test_a_late_outcome_leaves_a_replay_to_be_sent() -> None:
    lease = NOW + timedelta(minutes=5)
    delivery = WebhookDelivery("d", "e", "evt", "order_placed", None, "{}", NOW, NOW, lease, tries=1)
    delivery.replay(NOW)

    delivery.note(lease, 200, "", None, NOW)

    assert (delivery.state, delivery.next_attempt_at) == (DeliveryState.PENDING, NOW)
    assert [each["status"] for each in delivery.attempts] == [200]


def test_a_description_is_cleared_by_an_empty_one() -> None:
    endpoint = WebhookEndpoint("e", "https://shop.example/", ["order_placed"], "The stock", "s", NOW, "root")
    told = load(ChangeEndpoint, {"description": ""})

    assert endpoint.change(told.url, None, None) == []
    assert len(endpoint.change(told.url, None, told.description)) == 1
    assert endpoint.description is None


def test_days_of_failing_disable_an_address() -> None:
    endpoint = WebhookEndpoint("e", "https://shop.example/", ["order_placed"], None, "s", NOW, "root")

    assert endpoint.note(500, NOW, well=False) == []
    assert endpoint.note(200, NOW + timedelta(days=1), well=True) == []
    assert endpoint.note(500, NOW + timedelta(days=2), well=False) == []
    assert endpoint.note(None, NOW + timedelta(days=2) + FAILING_FOR, well=False)[0].reason is DisabledReason.FAILING


def test_what_can_be_subscribed_to_is_followed() -> None:
    assert {event.type for event in SENT_OUT} <= {each.event.type for each in FOLLOWS}
    assert len({each.key for each in FOLLOWS}) == len(FOLLOWS)


def test_an_address_with_much_is_disabled_and_removed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some at a time; and the lock that an outcome takes lets events go on to be queued."""
    monkeypatch.setattr(repository, "SOME", 2)
    root = partial(scene.work, ROOT)
    with root() as work:
        work.webhooks.add(WebhookEndpoint("e", "https://shop.example/x", ["order_placed"], None, "s", NOW, "root"))
        work.webhooks.queue(
            WebhookDelivery(str(at), "e", str(at), "order_placed", None, "{}", NOW, NOW, NOW) for at in range(5)
        )

    webhooks.change_endpoint(root, "e", ChangeEndpoint(enabled=False), [])

    with root(reading=True) as work:
        assert {each["state"] for each in webhooks.list_deliveries(work, ListDeliveries())["items"]} == {"failed"}
    webhooks.remove_endpoint(root, "e")
    with root() as work, pytest.raises(WebhookEndpointNotFound):
        work.webhooks.lock("e")
    locked = sa.select(WebhookEndpoint).with_for_update(key_share=repository.BESIDE_QUEUEING["key_share"])
    assert str(locked.compile(dialect=postgresql.dialect())).endswith("FOR NO KEY UPDATE")


def test_a_repeat_is_answered_though_its_host_is_gone(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    root = partial(scene.work, replace(ROOT, idempotency_key="K"))
    endpoint = webhooks.add_endpoint(root, AddEndpoint("https://93.184.215.14/", ["order_placed"]), ["order_placed"])
    of, wish = endpoint["endpoint"]["id"], ChangeEndpoint(url="https://93.184.215.15/")
    changed = webhooks.change_endpoint(root, of, wish, [])
    monkeypatch.setattr(webhooks, "addresses_of", gone)

    assert webhooks.change_endpoint(root, of, wish, []) == changed
    with pytest.raises(WebhookUrlRefused):
        webhooks.change_endpoint(partial(scene.work, replace(ROOT, idempotency_key="L")), of, wish, [])
    with pytest.raises(IdempotencyKeyReused):
        webhooks.change_endpoint(root, of, replace(wish, url="https://93.184.215.16/"), [])


def gone(_url: str, *, here: bool) -> list[str]:
    raise Refused(hooks.NO_HOST)


def test_a_secret_is_kept_sealed_and_no_longer_than_it_signs(scene: Scene) -> None:
    """No reply with a secret in it is kept for a repeat."""
    root = partial(scene.work, replace(ROOT, idempotency_key="K"))
    (wish, known) = AddEndpoint("https://93.184.215.14/", ["order_placed"]), ["order_placed"]
    endpoint = webhooks.add_endpoint(root, wish, known)["endpoint"]["id"]
    secrets = {webhooks.renew_secret(root, endpoint)["secret"] for _ in range(2)}

    with scene.work(at=NOW + OVERLAP) as work:
        delivering.forget(work)

    with scene.work(reading=True) as work:
        (kept,) = work.webhooks.endpoints()
        replies = work.session.scalar(sa.select(sa.func.count()).select_from(idempotency_keys))
    assert (len(secrets), replies, kept.old_secret, kept.old_until) == (2, 0, None, None)


def test_a_secret_that_cannot_be_opened_is_told(scene: Scene) -> None:
    with scene.work() as work:
        sealed = f"~2026-03-02-ab12.{'A' * 60}"
        work.webhooks.add(WebhookEndpoint("e", "https://shop.example/x", [], None, sealed, NOW, "root"))
        work.webhooks.queue([WebhookDelivery("d", "e", "evt", "order_placed", None, "{}", NOW, NOW, NOW)])

    delivering.send_due(scene.work, Later())

    with scene.work(reading=True) as work:
        (told,) = webhooks.list_deliveries(work, ListDeliveries())["items"]
    assert [each["problem"] for each in told["attempts"]] == ["its secret cannot be opened"]
    assert told["next_attempt_at"] == rfc3339(NOW + PAUSES[0])


class Later:
    """Calls that are made when they are waited for, the last first: none has ended before."""

    def __init__(self) -> None:
        self.calls, self.most = list[Callable[[], None]](), 0

    def run(self, call: Callable[[], None]) -> None:
        self.calls.append(call)
        self.most = max(self.most, len(self.calls))

    def wait(self) -> bool:
        if self.calls:
            self.calls.pop()()
        return bool(self.calls)


def test_an_address_gets_few_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Later()
    monkeypatch.setattr(delivering, "post", lambda *_, **__: Answer(200))
    with scene.work() as work:
        for name in ("a", "b"):
            url = f"https://{name}.example/"
            work.webhooks.add(WebhookEndpoint(name, url, [], None, new_secret(b"s" * 32), NOW, "root"))
            work.webhooks.queue(
                WebhookDelivery(f"{name}{at}", name, str(at), "order_placed", None, "{}", NOW, NOW, NOW)
                for at in range(7)
            )

    delivering.send_due(scene.work, calls)

    assert calls.most == 2 * delivering.AT_ONCE < delivering.CALLS
    with scene.work(reading=True) as work:
        states = [each["state"] for each in webhooks.list_deliveries(work, ListDeliveries())["items"]]
    assert states == ["delivered"] * 14


def test_an_address_that_is_gone_is_disabled_and_admins_are_told(scene: Scene) -> None:
    add_staff(scene.store, Staff("root@pledge.example", "Root", ["admin"]))
    with scene.work(ROOT) as work:
        work.webhooks.add(WebhookEndpoint("e", "https://shop.example/x", ["order_placed"], None, "s", NOW, "root"))
    event = order_placed()
    message = message_of(event)
    for _ in range(2):  # twice is once
        with scene.work() as work:
            delivering.queue_event(work, event, message)
    with scene.work() as work:
        due = work.webhooks.claim_due([])
        assert due is not None
        claimed = due[0]
    with scene.work() as work:
        assert work.webhooks.claim_due([]) is None  # another replica takes nothing

    with scene.work() as work:
        assert delivering.note(work, claimed, Answer(410, "gone"))
    delivering.give_up(scene.work)

    with scene.work(ROOT, reading=True) as work:
        (endpoint,) = work.webhooks.endpoints()
        assert endpoint.disabled_reason is DisabledReason.GONE
        (sent,) = webhooks.list_deliveries(work, ListDeliveries())["items"]
        assert (sent["state"], sent["attempts"][0]["status"]) == ("failed", 410)
    assert [mail.recipient for mail in scene.owed() if mail.about == "webhook_stopped"] == ["root@pledge.example"]
    with scene.work(at=NOW + timedelta(days=31)) as work:
        delivering.forget(work)
        assert webhooks.list_deliveries(work, ListDeliveries())["items"] == []
