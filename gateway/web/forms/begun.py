"""The token of a form that is being shown: it tells how long the form was there before it was sent.

It stands in the page, so that it works without scripts. A page that was shown while support did not answer has none;
its script asks for one then (`customer/js/contact.js`).
"""

from __future__ import annotations

from typing import NamedTuple

import eventlet
from flask import request

from gateway.http.calls import WORKER, services
from services.common.basics.errors import ServiceError

PATIENCE_SECONDS = 1.0
"""A page does not wait longer for it."""


class Begun(NamedTuple):
    """token: nothing where support does not give one at once. seconds: sooner than that it is not sent."""

    token: str = ""
    seconds: int = 0


def begin_form() -> Begun:
    """Begin a form that is being shown."""
    if WORKER not in request.environ:
        return Begun()
    with eventlet.Timeout(PATIENCE_SECONDS, False):
        try:
            begun = services().support.begin_form()
            return Begun(begun["form_token"], begun.get("seconds", 0))
        except ServiceError:
            pass
    return Begun()
