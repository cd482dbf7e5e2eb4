"""The token of a form that is being shown: it tells how long the form was there before it was sent.

It stands in the page, so that it works without scripts. A page that was shown while support did not answer has none,
and one that was open for a day has one that is over: its script asks for another (`customer/js/contact.js`), and
without scripts the page is shown again as it was filled in, to be sent once more.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import eventlet
from flask import request

from gateway.http.calls import WORKER, services
from services.common.basics.errors import ServiceError

PATIENCE_SECONDS = 1.0
"""A page does not wait longer for it."""


class Begun(NamedTuple):
    """token: nothing where support does not give one at once. seconds: sooner than that it is not sent.

    needed: what comes without a token is set aside.
    """

    token: str = ""
    seconds: int = 0
    needed: bool = False


def is_over(token: str, now: datetime) -> bool:
    """Return whether the time of a form's token is over. Whether it is ours is for support to say."""
    ends = token.split(".")[1] if token.count(".") == 2 else ""
    return ends.isascii() and ends.isdigit() and len(ends) < 13 and int(ends) <= now.timestamp()


def begin_form() -> Begun:
    """Begin a form that is being shown."""
    if WORKER not in request.environ:
        return Begun()
    with eventlet.Timeout(PATIENCE_SECONDS, False):
        try:
            begun = services().support.begin_form()
            return Begun(begun["form_token"], begun.get("seconds", 0), begun.get("needed", False))
        except ServiceError:
            pass
    return Begun()
