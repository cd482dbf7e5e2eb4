"""The mailbox to which customers' answers come: it can be read, and nothing in it waits for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deploy.operate.doctor.finding import Finding, critical, warning
from services.support.adapters.mailbox.places import ASIDE, MailboxAway
from services.support.adapters.mailbox.settings import MailInSettings, opened
from services.support.settings import SupportSettings


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    settings = SupportSettings.load(environ).part(MailInSettings)
    if not settings.mail_in:
        return
    try:
        with opened(settings) as box:
            box.waiting(1)
            aside = box.count_aside()
    except MailboxAway as problem:
        yield critical(
            "mail_not_read", "PLEDGE_MAIL_IN", str(problem),
            "customers answer our mails, and nobody reads it: mend the mailbox, or unset PLEDGE_MAIL_IN",
        )  # fmt: skip
        return
    if aside:
        yield warning(
            "mail_aside", f"the folder {ASIDE} of the mailbox", f"{aside} mails were not taken in",
            "see why on the desk (Operations), answer them, or move them back into the inbox to try again",
        )  # fmt: skip
