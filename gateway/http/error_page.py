"""The page that a person sees where a program would read a problem document: title, language, heading, a way on.

A request is a person's when its `Accept` names text/html and prefers it to JSON, as that of a browser's address bar
does. Scripts, curl and everything that takes anything get the problem document (see errors.py). Status, headers and
trace id are the same for both.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app, has_app_context
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from gateway.http import frame
from gateway.http.words import tongue
from services.common.language import N_, speaking

HTML = "text/html; charset=utf-8"

_WORDS: Mapping[int, tuple[str, str]] = {
    401: (N_("Open the link in our e-mail"), N_("What is here is shown only to whom it belongs.")),
    403: (N_("This is not yours to see"), N_("You may not see what is here.")),
    404: (N_("There is no such page"), N_("Please check the address: each letter and each digit counts.")),
    405: (N_("There is no page here"), N_("This address is for programs.")),
    410: (N_("This page is gone"), N_("It was here, and is not any more.")),
    414: (N_("The address is too long"), N_("Please check the address.")),
    429: (N_("Too many requests"), N_("Please wait a moment, and try again.")),
    503: (N_("We cannot answer just now"), N_("Please try again in a moment.")),
}  # fmt: skip
_REFUSED = (N_("This did not work"), N_("The address, or what was sent to it, cannot be understood."))
_FAILED = (
    N_("Something went wrong on our side"),
    N_("Please try again. If it happens again, write to us with the number below."),
)


def wants_page(accept: str) -> bool:
    """Return whether an `Accept` header is that of a person at a browser."""
    if "text/html" not in accept.lower():
        return False
    accepted = parse_accept_header(accept, MIMEAccept)
    return accepted["text/html"] > max(accepted["application/json"], accepted["application/problem+json"])


def render(status: int, trace_id: str) -> bytes:
    """Render the page for that status. It repeats nothing of what was sent.

    Below the application, where the web server refuses by itself, the frame is that of a platform without a shop.
    """
    title, text = _WORDS.get(status, _REFUSED if status < 500 else _FAILED)
    words = current_app.config[frame.WORDS] if has_app_context() else {}
    with speaking(tongue()):
        return frame.write("error.html", words, title=title, text=text, status=status, trace_id=trace_id)
