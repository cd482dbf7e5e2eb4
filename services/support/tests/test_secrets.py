"""The platform's secret is changed with overlap: a new one begins while the old one's codes and tokens are good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyotp
import pytest

from services.common.edge import tokens
from services.common.edge.keys import secret_made
from services.common.runtime.config import ConfigError
from services.support.adapters import passwords
from services.support.domain.people import SignInCode, sign_in_code
from services.support.domain.sessions import Factor
from services.support.handlers import factors
from services.support.settings import SupportSettings
from services.support.tests.builders import ADA, NOW, SETTINGS
from services.support.tests.scene import Scene, a_scene

pytestmark = pytest.mark.pure

OLD, NEW = "the old secret of this shop", "a new secret of this shop"
BEFORE, BOTH, AFTER = (replace(SETTINGS, secret_list=each) for each in (OLD, f"2026-12-01:{NEW}, {OLD}", NEW))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path, postgres=False) as scene:
        yield scene


def test_a_new_secret_makes_and_the_old_one_still_proves() -> None:
    code = SignInCode("0" * 32, ADA, NOW, NOW + timedelta(minutes=10))
    rating = tokens.RatingClaims("TIC-0000-0000-0", 1, 4)
    assert (BOTH.secret, BOTH.secrets) == (NEW, (NEW, OLD))

    for made, proves in ((BEFORE, True), (BOTH, True), (replace(SETTINGS, secret_list="x" * 16), False)):
        form = tokens.form_token(made.secret, "0" * 32, NOW + timedelta(hours=1))
        assert (tokens.read_form(BOTH.secrets, form, NOW) == "0" * 32) is proves
        assert (tokens.read_rating(BOTH.secrets, tokens.rating_token(made.secret, rating)) == rating) is proves
        reply = tokens.reply_token(made.secret, "TIC-0000-0000-0", ADA, NOW)
        assert tokens.proves_reply(BOTH.secrets, reply, ADA, NOW) is proves
        assert code.matches(BOTH.secrets, sign_in_code(made.secret, code.id)) is proves
        assert (passwords.unseal(BOTH.secrets, passwords.seal(made.secret, "JBSWY3DP")) == "JBSWY3DP") is proves


def test_an_app_that_is_used_outlives_the_old_secret(scene: Scene) -> None:
    app = passwords.new_secret()
    with scene.work() as work:
        work.factors.add(Factor("of-ada", ADA, passwords.seal(OLD, app), NOW, confirmed_at=NOW))

    for settings, at in ((BOTH, NOW), (AFTER, NOW + timedelta(minutes=5))):
        scene.store.settings = settings
        with scene.work(at=at) as work:
            assert factors.check(work, ADA, pyotp.TOTP(app).at(at))


def test_each_secret_of_the_list_must_be_long_and_may_be_dated() -> None:
    blank = " " * 16
    undated = (f"{NEW}, short", f"{NEW},", "short", f"{NEW}, {blank}", f"x{blank}, {NEW}")
    for text in (*undated, "2026-12-01:x7Kq2", f"2026-12-01:2026-12-01:{NEW}", f"{NEW}, 2026-12-01:x7Kq2"):
        with pytest.raises(ConfigError, match="PLEDGE_SECRET"):
            SupportSettings.load({"PLEDGE_SECRET": text, "PLEDGE_DEV": "1"})
    assert secret_made(f"2026-12-01:{NEW}, {OLD}") == date(2026, 12, 1)
    assert secret_made(NEW) is None
