"""Mails about signing in: to customers and staff alike."""

from __future__ import annotations

from datetime import datetime

from services.common.language import N_
from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.words import _
from services.support.domain import Link


def _secure() -> str:
    return _(
        "if it was you, you need do nothing. If it was not you, somebody else reads this mailbox: change its password "
        "first, then tell us through the form."
    )


@for_customers
def new_sign_in(at: datetime, device: str) -> Mail:
    """Tell of a sign-in from a browser that was not seen before. device: its kind, by `plain_device`."""
    what = _(
        "somebody signed in with this address on {date}, with a code from this mailbox, from a browser that we "
        "had not seen before ({device}).",
        date=when(at),
        device=_(device),
    )
    return Mail(_("A new sign-in"), what, _secure(), "", Link.DESK)


@for_customers
def factor_set(at: datetime) -> Mail:
    what = _("a second factor was set up for this address on {date}.", date=when(at))
    return Mail(_("A second factor was set up"), what, _secure(), "", Link.DESK)


@for_customers
def factor_removed(at: datetime, name: str) -> Mail:
    """Tell that a passkey was removed. name: the one that its owner gave it."""
    what = _("the passkey {name} of this address was removed on {date}.", name=name, date=when(at))
    return Mail(_("A passkey was removed"), what, _secure(), "", Link.DESK)


@for_customers
def factor_reset(at: datetime) -> Mail:
    what = _(
        "an admin took the second factor of this address away on {date}, and ended its sessions.",
        date=when(at),
    )
    following = _("sign in again. If you did not ask for it, tell us through the form.")
    return Mail(_("Your second factor was taken away"), what, following, "", Link.DESK)


UNKNOWN_DEVICE = N_("of an unknown kind")


def plain_device(user_agent: str) -> str:
    """Name a browser by known words alone: what a stranger calls theirs is not repeated in a mail."""
    found = [name for name in ("Firefox", "Edg", "Chrome", "Safari", "curl", "python") if name in user_agent]
    on = [name for name in ("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux") if name in user_agent]
    return " on ".join([*found[:1], *on[:1]]).replace("Edg", "Edge") or UNKNOWN_DEVICE
