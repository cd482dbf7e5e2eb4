"""What is accepted can be mailed: real messages to a real mail server, with SMTPUTF8 and without."""

from __future__ import annotations

import mailbox
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from email.header import decode_header, make_header
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.basics.errors import Invalid
from services.common.edge.schemas import load
from services.common.testing import eventually
from services.support import api
from services.support.adapters.mail.composing import mailable
from services.support.adapters.mail.sending import MailSettings, Undeliverable, opened
from services.support.tests.builders import NOW, form_json

pytestmark = pytest.mark.pure

ACCEPTED = [
    "ada@example.com",
    "o'brien@example.com",
    "ada+shop@example.com",
    "a.b-c_d@example.co.uk",
    "!#$%&'*+-/=?^_`{|}~@example.com",
    "user@bücher.example",
    "user@xn--bcher-kva.example",
    "ada@公司.香港",
    "x" * 64 + "@example.com",
]
REFUSED = [
    "我買@example.com",
    "jürgen@mail.example",
    "伊昭傑@郵件.商務",
    '"ada lovelace"@example.com',
    "ada@[127.0.0.1]",
    "ada@shop.test",
    "ada@localhost",
    "x" * 65 + "@example.com",
    "ada..lovelace@example.com",
    ".ada@example.com",
]


class MailServer(NamedTuple):
    url: str
    mails: mailbox.Maildir


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "smtputf8"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """Start aiosmtpd as a process of its own, which keeps what it receives."""
    folder = tmp_path_factory.mktemp("mail") / "box"
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}"]
    command += ["--smtputf8"] if request.param else []
    process = subprocess.Popen([*command, "-c", "aiosmtpd.handlers.Mailbox", str(folder)], env=dict(os.environ))
    try:
        eventually(lambda: _listens(port))
        yield MailServer(f"smtp://127.0.0.1:{port}", mailbox.Maildir(folder))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def taken(typed: str) -> str:
    return load(api.ContactForm, {**form_json(), "email": typed}).email


def send(server: MailServer, recipient: str) -> str:
    """Send a mail, and return for whom the server took it."""
    server.mails.clear()
    with opened(MailSettings(smtp_url=server.url)) as post:
        post("support@pledge.example", recipient, "Grüße · news", "Hello\nñ", "<1@pledge>", NOW, ())
    (mail,) = server.mails
    return str(make_header(decode_header(mail["X-RcptTo"])))


@pytest.mark.parametrize("typed", ACCEPTED)
def test_an_accepted_mailbox_is_mailed_to(server: MailServer, typed: str) -> None:
    assert send(server, taken(typed)) == mailable(taken(typed))


@pytest.mark.parametrize("typed", REFUSED)
def test_an_unreachable_mailbox_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        taken(typed)

    assert [each["field"] for each in refused.value.details["errors"]] == ["email"]


letters = st.characters(codec="utf-8", categories=("Ll", "Lu", "Lo", "Nd", "Pd", "Po"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.text(letters, min_size=1, max_size=8) | st.from_regex(r"[a-z]{1,8}[.+'_-]?[a-z0-9]{1,8}", fullmatch=True),
    st.text(letters, min_size=1, max_size=8) | st.from_regex(r"[a-z]{1,8}", fullmatch=True),
)
def test_whatever_is_accepted_is_mailed_to(server: MailServer, local: str, domain: str) -> None:
    try:
        address = taken(f"{local}@{domain}.example")
    except Invalid:
        return

    assert send(server, address) == mailable(address)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("User@Bücher.example", "user@bücher.example"), ("user@XN--BCHER-KVA.example", "user@xn--bcher-kva.example")],
)
def test_a_domain_is_kept_as_it_was_typed(typed: str, kept: str) -> None:
    assert taken(typed) == kept


def test_an_older_address_needs_a_server_with_smtputf8(server: MailServer, request: pytest.FixtureRequest) -> None:
    """Such addresses were accepted once. Where they cannot be mailed to, that is certain, and not tried again."""
    if "smtputf8" in request.node.callspec.id:
        assert send(server, "我買@bücher.example") == "我買@xn--bcher-kva.example"
        return

    with pytest.raises(Undeliverable) as problem:
        send(server, "我買@bücher.example")

    assert problem.value.for_good


def test_an_older_address_is_written_to_a_file(tmp_path: Path) -> None:
    with opened(MailSettings(data_dir=tmp_path)) as post:
        post("support@pledge.example", "我買@bücher.example", "news", "Hello", "<1@pledge>", NOW, ())

    (written,) = (tmp_path / "mail").glob("*.eml")
    assert "To: 我買@xn--bcher-kva.example" in written.read_text("utf-8")
