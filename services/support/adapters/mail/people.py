"""Mails about signing in: to customers and staff alike."""

from __future__ import annotations

from datetime import datetime

from services.support.adapters.mail.letter import Mail, when
from services.support.domain import Link

SECURE = "if it was not you, somebody else reads this mailbox: change its password first, then tell us through the "
SECURE += "form."


def new_sign_in(at: datetime, device: str) -> Mail:
    """Tell of a sign-in from a browser that was not seen before. device: made of plain words by `plain_device`."""
    return Mail(
        "A new sign-in",
        f"somebody signed in with this address on {when(at)}, with a code from this mailbox, from a browser that we "
        f"had not seen before ({device}).",
        f"if it was you, you need do nothing. {SECURE[0].upper()}{SECURE[1:]}",
        "",
        Link.DESK,
    )


def factor_set(at: datetime) -> Mail:
    return Mail(
        "A second factor was set up",
        f"a second factor was set up for this address on {when(at)}.",
        f"if it was you, you need do nothing. {SECURE[0].upper()}{SECURE[1:]}",
        "",
        Link.DESK,
    )


def factor_removed(at: datetime, name: str) -> Mail:
    """Tell that a passkey was removed. name: the one that its owner gave it."""
    return Mail(
        "A passkey was removed",
        f"the passkey {name} of this address was removed on {when(at)}.",
        f"if it was you, you need do nothing. {SECURE[0].upper()}{SECURE[1:]}",
        "",
        Link.DESK,
    )


def factor_reset(at: datetime) -> Mail:
    return Mail(
        "Your second factor was taken away",
        f"an admin took the second factor of this address away on {when(at)}, and ended its sessions.",
        "sign in again. If you did not ask for it, tell us through the form.",
        "",
        Link.DESK,
    )


def plain_device(user_agent: str) -> str:
    """Name a browser by known words alone: what a stranger calls theirs is not repeated in a mail."""
    found = [name for name in ("Firefox", "Edg", "Chrome", "Safari", "curl", "python") if name in user_agent]
    on = [name for name in ("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux") if name in user_agent]
    return " on ".join([*found[:1], *on[:1]]).replace("Edg", "Edge") or "of an unknown kind"
