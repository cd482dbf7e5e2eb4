"""Both kinds of mailbox do the same: a maildir, and a real IMAP server of its own (Dovecot, where it is installed)."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from services.common.testing import eventually
from services.support.adapters.mailbox.places import MailboxAway
from services.support.adapters.mailbox.settings import MailInSettings, opened
from services.support.tests.letters import a_letter

DOVECOT = os.environ.get("PLEDGE_DOVECOT") or shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
SETTINGS = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
mail_location = maildir:{folder}/box
first_valid_uid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password=sec/ret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
"""


@contextmanager
def dovecot(folder: Path) -> Iterator[str]:
    """Run an IMAP server on this machine; gives the URL of its mailbox. It reads no mail as root."""
    own = os.geteuid() or pwd.getpwnam("nobody").pw_uid
    user = pwd.getpwuid(own)
    names = {"user": user.pw_name, "group": grp.getgrgid(user.pw_gid).gr_name}
    (folder / "box").mkdir()
    shutil.chown(folder / "box", own)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "dovecot.conf").write_text(SETTINGS.format(folder=folder, port=port, **names))
    process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(folder / "dovecot.conf")])
    try:
        eventually(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0 or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield f"imap://ada:sec%2Fret@127.0.0.1:{port}/INBOX"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(params=["maildir", "imap"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[MailInSettings, Path]]:
    with TemporaryDirectory() as made:  # no folder of pytest: others may not enter those
        folder = Path(made)
        folder.chmod(0o755)
        if request.param == "maildir":
            yield MailInSettings(mail_in=f"maildir:{folder / 'box'}"), folder / "box"
            return
        if DOVECOT is None:
            pytest.skip("no dovecot here: install dovecot-imapd")
        with dovecot(folder) as url:
            yield MailInSettings(mail_in=url), folder / "box"


def test_mails_are_read_and_moved(place: tuple[MailInSettings, Path]) -> None:
    settings, folder = place
    with opened(settings) as box:
        assert box.waiting(10) == []
        (folder / "new").mkdir(exist_ok=True)
    raw = [a_letter(text=f"Letter {each}, for all to read.") for each in range(3)]
    for each, content in enumerate(raw):
        (folder / "new" / f"{each}.mail").write_bytes(content.replace(b"\r\n", b"\n"))

    with opened(settings) as box:
        waiting = box.waiting(10)
        assert len(waiting) == 3
        assert sorted(box.read(each.name).replace(b"\r\n", b"\n") for each in waiting) == sorted(
            each.replace(b"\r\n", b"\n") for each in raw
        )
        assert all(each.size >= len(box.read(each.name)) - 40 for each in waiting)
        assert box.read(waiting[0].name, 20) == box.read(waiting[0].name)[:20]
        box.done(waiting[0].name)
        box.aside(waiting[1].name)
        assert box.count_aside() == 1
        with pytest.raises(FileNotFoundError):  # as where another replica has moved it
            box.read(waiting[0].name)
    with opened(settings) as box:
        assert len(box.waiting(10)) == 1, "what was only read waits still"
        box.forget(datetime.now(UTC) - timedelta(days=2))
        assert kept(folder, "Done") == 1
        box.forget(datetime.now(UTC) + timedelta(days=2))
        assert (kept(folder, "Done"), kept(folder, "Aside")) == (0, 1)
        assert len(box.waiting(10)) == 1


def test_who_may_not_read_it_is_told_without_the_password(place: tuple[MailInSettings, Path]) -> None:
    settings, _ = place
    if settings.mail_in.startswith("maildir:"):
        wrong = MailInSettings(mail_in="maildir:/proc/nowhere")
    else:
        wrong = MailInSettings(mail_in=settings.mail_in.replace("sec%2F", "oth%2F"))

    with pytest.raises(MailboxAway) as told, opened(wrong) as box:
        box.waiting(1)

    assert "oth" not in str(told.value)


def kept(folder: Path, name: str) -> int:
    return sum(1 for each in ("new", "cur") for _ in (folder / f".{name}" / each).iterdir())
