"""The page that a person sees where a program would read a problem document: title, language, heading, a way on.

A request is a person's when its `Accept` names text/html and prefers it to JSON, as that of a browser's address bar
does. Scripts, curl and everything that takes anything get the problem document (see errors.py). Status, headers and
trace id are the same for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

HTML = "text/html; charset=utf-8"

_WORDS: Mapping[int, tuple[str, str]] = {
    401: ("Open the link in our e-mail", "What is here is shown only to whom it belongs."),
    403: ("This is not yours to see", "You may not see what is here."),
    404: ("There is no such page", "Please check the address: each letter and each digit counts."),
    405: ("There is no page here", "This address is for programs."),
    410: ("This page is gone", "It was here, and is not any more."),
    414: ("The address is too long", "Please check the address."),
    429: ("Too many requests", "Please wait a moment, and try again."),
    503: ("We cannot answer just now", "Please try again in a moment."),
}  # fmt: skip
_REFUSED = ("This did not work", "The address, or what was sent to it, cannot be understood.")
_FAILED = (
    "Something went wrong on our side",
    "Please try again. If it happens again, write to us with the number below.",
)
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="robots" content="noindex">
  <title>{title} · Pledge</title>
  <link rel="icon" href="/web/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/web/css/pledge.css">
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header><nav aria-label="Main"><ul>
    <li><a href="/">Pledge</a></li><li><a href="/account">Orders</a></li>
    <li><a href="/promises">Promises</a></li><li><a href="/contact">Contact us</a></li>
  </ul></nav></header>
  <main id="main">
    <section class="hero rest">
      <h1>{title}</h1>
      <p>{text}</p>
    </section>
    <div class="card">
      <p><a class="btn" href="/">Find your order</a></p>
      <p>Or <a href="/account">sign in and see all your orders</a>, or <a href="/contact">write to us</a>.</p>
      <p class="soft small">Error {status}, number {trace_id}</p>
    </div>
  </main>
  <footer>
    <p><a href="/promises">Our promises</a> · <a href="/contact">Contact us</a></p>
  </footer>
</body>
</html>
"""


def wants_page(accept: str) -> bool:
    """Return whether an `Accept` header is that of a person at a browser."""
    if "text/html" not in accept.lower():
        return False
    accepted = parse_accept_header(accept, MIMEAccept)
    return accepted["text/html"] > max(accepted["application/json"], accepted["application/problem+json"])


def render(status: int, trace_id: str) -> bytes:
    """Render the page for that status. It repeats nothing of what was sent."""
    title, text = _WORDS.get(status, _REFUSED if status < 500 else _FAILED)
    return _PAGE.format(title=title, text=text, status=status, trace_id=escape(trace_id)).encode()
