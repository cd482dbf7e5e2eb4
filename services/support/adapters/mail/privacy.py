"""Mails about a person's own data: the code that confirms a request, the copy, what was erased and what is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.common.basics.clock import parse_rfc3339
from services.common.language import N_
from services.orders.api.events import ErasuresHeldUp
from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.words import _, in_words, ngettext
from services.support.api.privacy import PartStatus, PrivacyKind, PrivacyPart
from services.support.api.terms import PRIVACY_REQUEST, TERMS
from services.support.domain import Link

LISTED = 20
_NUMBER = re.compile(r"[A-Z]{3}(-[0-9A-Z]+)+")
ANSWERS = (
    N_("order {number}"),
    N_("your name and address with order {number}"),
    N_("returns of order {number}"),
    N_("conversation {number}"),
    N_("it is not finished"),
    N_("a refund of it is not paid yet"),
    N_("a payment of it is being looked into"),
    N_("what to do about a parcel of it is not decided"),
    N_("a return of it is not finished"),
    N_("the conversation is not closed"),
    N_("the records of what was sold, which tax law wants"),
)
"""What the services answer about a person's data, for the catalogue."""


@for_customers
def code(kind: PrivacyKind, number: str) -> Mail:
    """Write the mail with the code that confirms a request."""
    time = in_words(TERMS[PRIVACY_REQUEST])
    if kind is PrivacyKind.EXPORT:
        wish = _("somebody who is signed in with this address asked for a copy of the data that we have of you.")
        then = _("Within {time} we mail you a link to the copy.", time=time)
    else:
        wish = _("somebody who is signed in with this address asked for the data that we have of you to be erased.")
        then = _(
            "Within {time} we erase what is not in use and tell you by mail. This cannot be undone, and with the data "
            "goes the way to see your orders and to send goods back.",
            time=time,
        )
    said = [wish, _("The code below confirms it; it is good for ten minutes.")]
    following = [
        _('enter the code where you asked, under "My data" on the page of your orders.'),
        then,
        _("If it was not you, do not pass the code on: without it nothing is done."),
    ]
    subject = _("Confirm your request about your data")
    return Mail(subject, " ".join(said), " ".join(following), _case(number), Link.CODE)


def _case(number: str) -> str:
    return _("Your request: {number}", number=number)


@for_customers
def copy_ready(number: str, until: datetime) -> Mail:
    """Write the mail with the link to the copy."""
    what = _(
        "the copy of the data that we have of you is ready. The link below gets it as a file until {date}.",
        date=when(until),
    )
    following = _("keep the link to yourself: whoever has it can read the file.")
    return Mail(_("The copy of your data"), what, following, _case(number), Link.EXPORT)


@for_customers
def erased(number: str, parts: Sequence[PrivacyPart]) -> Mail:
    """Write the mail that says what was erased, what waits and what is kept until when."""
    done, waits, kept = (
        [part for part in parts if part["status"] is status or part["status"] == status]
        for status in (PartStatus.ERASED, PartStatus.WAITING, PartStatus.KEPT)
    )
    said = [_("we have erased the data that we had of you, and how you signed in.")]
    said += _listed(_("Erased:"), (_said(part["what"]) for part in done))
    said += _listed(_("In use, and erased by itself when that has ended:"), (_because(part) for part in waits))
    said += _listed(_("Kept because the law wants it, apart from everything else:"), (_because(part) for part in kept))
    following = _("you need do nothing. If you order again, you are a new customer to us.")
    return Mail(_("Your data is erased"), "\n".join(said), following, _case(number), Link.DESK)


def _because(part: PrivacyPart) -> str:
    what, why = _said(part["what"]), _said(part["why"])
    if "until" not in part:
        return f"{what}: {why}"
    return _("{what}: {why}, until {date}", what=what, why=why, date=when(parse_rfc3339(part["until"])))


def _said(text: str) -> str:
    """Return what a service answered in the language that is spoken; in English what is not in `ANSWERS`."""
    found = _NUMBER.search(text)
    return _(text.replace(found[0], "{number}"), number=found[0]) if found else _(text)


def _listed(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    if not found:
        return []
    more = len(found) - LISTED
    rest = [f"- {ngettext('and {count} more', 'and {count} more', more)}"] if more > 0 else []
    return ["", title, *(f"- {line}" for line in found[:LISTED]), *rest]


def erasures_held_up(event: ErasuresHeldUp) -> Mail:
    """Write the mail to leads and admins: something that is open keeps the data of these customers."""
    more = [f"- and {event.count - len(event.orders)} more"] if event.count > len(event.orders) else []
    said = "the time for which we keep these customers is over, or the time in which we erase who asks for it, "
    said += "and something of an order is still open:"
    return Mail(
        f"Customers who should be erased by now: {event.count}",
        "\n".join([said, "", *(f"- order {number}" for number in event.orders), *more]),
        "please see what is open (a refund, a payment, a parcel, a cancellation), GET /v1/orders/{number}, and bring "
        "it to its end. The customer is erased by itself then.",
        f"Day: {event.day.removeprefix('RETENTION-')}",
        Link.DESK,
    )
