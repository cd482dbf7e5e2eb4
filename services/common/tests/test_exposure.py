"""No process starts with what strangers could guess or should not see, and no log line is written by them."""

from __future__ import annotations

import logging
import os
import secrets
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.edge import keys
from services.common.runtime.config import ConfigError, Settings
from services.common.runtime.exposure import close_to_others, is_guessable
from services.common.runtime.telemetry import LineFormatter
from services.support.settings import SupportSettings

pytestmark = pytest.mark.pure

BROKER = {"PLEDGE_AMQP_URI": "amqps://orders:8f0c2e7a51b94d63@broker.example/pledge"}
SOUND = {
    **BROKER, "PLEDGE_SECRET": "6d1f0a83c2be4975", "PLEDGE_PUBLIC_URL": "https://shop.example",
    "PLEDGE_SIGNING_KEYS": keys.private_keys(keys.OF_SUPPORT, "2026-03-02", b"of this test"),
}  # fmt: skip


@pytest.mark.parametrize(
    "secret",
    [
        "aaaaaaaaaaaaaaaa", "abababababababab", "0123456789abcdef", "abcdefghijklmnop", "9876543210987654",
        "change-me-change-me", "please CHANGE ME now!", "changeit-changeit", "a-placeholder-for-it", "password-of-ours",
        "your-secret-goes-here", "qwertyuiopasdfgh", "1234567890123456", "secretsecretsecret", "aaaabbbbccccdddd",
        "                ", "xxxxxxxxxxxxxxxx", "pledge.example.of.it",
    ],
)  # fmt: skip
def test_a_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    with pytest.raises(ConfigError) as refused:
        SupportSettings.load({**SOUND, "PLEDGE_SECRET": secret})

    assert [problem.partition(" ")[0] for problem in refused.value.problems] == ["PLEDGE_SECRET"]
    assert secret not in str(refused.value)


@pytest.mark.parametrize("make", [secrets.token_urlsafe, secrets.token_hex], ids=["urlsafe", "hex"])
def test_a_random_secret_is_taken(make: type[str]) -> None:
    assert not any(is_guessable(str(make(32))) for _ in range(200))
    assert not is_guessable("8f3a012345d7c1e96b2f4d80a7c35e9146fb20d97ae8513c60b4f29d17e8a35c")  # by chance


@pytest.mark.parametrize("kept", ["", ", granite lantern moves upstream"])
def test_a_secret_of_several_words_is_taken_and_judged_whole(kept: str) -> None:
    for first in ("velvet otter counts nine maps", "2026-12-01:velvet otter counts nine maps"):
        assert SupportSettings.load({**SOUND, "PLEDGE_SECRET": first + kept}).secret == "velvet otter counts nine maps"
    with pytest.raises(ConfigError, match="PLEDGE_SECRET can be guessed"):
        SupportSettings.load({**SOUND, "PLEDGE_SECRET": f"2026-12-01:aaaaaaaaaaaaaaaa{kept}"})


@pytest.mark.parametrize("password", ["change-me", "CHANGE-ME", "changeme", "guest", "letmein"])
@pytest.mark.parametrize("variable", ["PLEDGE_AMQP_URI", "PLEDGE_ORDERS_DATABASE_URL"])
def test_the_password_of_an_example_is_refused(variable: str, password: str) -> None:
    scheme = "amqp" if variable == "PLEDGE_AMQP_URI" else "postgresql"

    with pytest.raises(ConfigError) as refused:
        Settings.load({**SOUND, variable: f"{scheme}://orders:{password}@elsewhere/x"})

    assert [problem.partition(" ")[0] for problem in refused.value.problems] == [variable]


DEVELOPMENT = [
    ({"PLEDGE_HTTP_ADDRESS": "0.0.0.0:8000"}, "PLEDGE_HTTP_ADDRESS"),
    ({"PLEDGE_HTTP_ADDRESS": "192.0.2.1:8000"}, "PLEDGE_HTTP_ADDRESS"),
    ({"PLEDGE_HTTP_ADDRESS": "shop.example:8000"}, "PLEDGE_HTTP_ADDRESS"),
    ({"PLEDGE_PUBLIC_URL": "https://shop.example"}, "PLEDGE_PUBLIC_URL"),
    ({"PLEDGE_PUBLIC_URL": "http://192.0.2.1:8000"}, "PLEDGE_PUBLIC_URL"),
    ({"PLEDGE_PUBLIC_URL": "https://localhost.shop.example"}, "PLEDGE_PUBLIC_URL"),
    ({**SOUND, "PLEDGE_DEV": "1"}, "PLEDGE_PUBLIC_URL"),
]


@pytest.mark.parametrize(("environ", "variable"), DEVELOPMENT)
def test_the_development_form_is_for_this_machine(environ: dict[str, str], variable: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.load(environ)

    assert [problem.partition(" ")[0] for problem in refused.value.problems] == [variable]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_on_this_machine_it_starts(url: str) -> None:
    for address in ("8000", "127.0.0.1:8000", "127.8.8.8:8000", "localhost:8000"):
        assert Settings.load({"PLEDGE_HTTP_ADDRESS": address, "PLEDGE_PUBLIC_URL": url}).public_url == url


def test_outside_development_links_in_mails_go_by_https() -> None:
    assert Settings.load(SOUND).public_url == "https://shop.example"
    assert Settings.load({**SOUND, "PLEDGE_PUBLIC_URL": "http://127.0.0.1:8000"})

    with pytest.raises(ConfigError, match="expected https://"):
        Settings.load({**SOUND, "PLEDGE_PUBLIC_URL": "http://shop.example"})


def test_other_users_of_this_machine_read_no_data(tmp_path: Path) -> None:
    folder, before = tmp_path / "var", os.umask(0o022)
    try:
        (folder / "mail").mkdir(parents=True)
        (folder / "mail" / "code.eml").write_text("12345678")
        (folder / "orders.db").write_text("")
        (folder / "link").symlink_to("/etc/hostname")

        close_to_others(folder)
        (folder / "support.db").write_text("")
    finally:
        os.umask(before)

    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*")) if path.name != "link"
    }
    assert modes == {"var": 0o700, "mail": 0o700, "code.eml": 0o600, "orders.db": 0o600, "support.db": 0o600}
    assert stat.S_IMODE(Path("/etc/hostname").stat().st_mode) & 0o044


def test_private_servers_in_the_folder_keep_their_rights(tmp_path: Path) -> None:
    before = os.umask(0o022)
    (tmp_path / "infra").mkdir(mode=0o755)
    try:
        close_to_others(tmp_path)
    finally:
        os.umask(before)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o711
    assert stat.S_IMODE((tmp_path / "infra").stat().st_mode) == 0o755


@given(st.text(st.characters(codec=None)))
def test_whatever_is_logged_is_one_line_without_controls(text: str) -> None:
    record = logging.LogRecord("shop", logging.INFO, "", 0, "GET %s 404", (text,), None)

    written = LineFormatter("{levelname} {message}", style="{").format(record)

    assert written.isprintable()
    assert written.startswith("INFO GET ")


def test_a_traceback_forges_no_line() -> None:
    try:
        raise ValueError("x\n2026-01-01 INFO all is well\x1b[2K\r")
    except ValueError:
        record = logging.LogRecord("shop", logging.ERROR, "", 0, "it failed", (), sys.exc_info())

    first, *others = LineFormatter("{levelname} {message}", style="{").format(record).split("\n")

    assert first == "ERROR it failed"
    assert all(line.startswith(("    ", "Traceback ")) and line.isprintable() for line in others)
