"""The token of a form that is being shown: it tells how long the form was there before it was sent.

It stands in the page, so that it works without scripts. A page that was shown while support did not answer has none;
its script asks for one then (`customer/js/contact.js`).
"""

from __future__ import annotations

import eventlet
from flask import request

from gateway.http.calls import WORKER, services
from services.common.basics.errors import ServiceError

PATIENCE_SECONDS = 1.0
"""A page does not wait longer for it."""


def form_token() -> str:
    """Return a token; nothing where support does not give one at once."""
    if WORKER not in request.environ:
        return ""
    with eventlet.Timeout(PATIENCE_SECONDS, False):
        try:
            return services().support.begin_form()["form_token"]
        except ServiceError:
            pass
    return ""
