"""How often a client may do something: by address, by account, and by the mailbox that is written to.

    @blp.post("/contact", SupportApi.open_ticket, limit=limits.CONTACT, mails=lambda form: form.email)

Every route that writes has an act; two routes that do the same share one, so that no way round a limit is left. WRITES
is that of all that name none. A route that only reads has one where an answer costs much, as the copy of one's data.

    who                         counts
    staff                       each for themselves, PLEDGE_RATE_STAFF
    all others                  by address (a /64 for IPv6), and 4 times as much by /48; by account besides, if they
                                have one: a person, the holder of an order's link, of a ticket's
    whose mailbox is named      PLEDGE_RATE_RECIPIENT for all callers together; not for its signed-in owner.
                                Two in an hour from any one network pass all the same, so no one uses up another's

A key that support refuses counts by address too (KEYS), whatever it was sent with. Where there were too many, support
is asked about no key that this gateway does not know; those that it knows go on.

No client is refused for what others do together. A request without a sign-in is counted before anything else is
done for it; who signed in, after that is known. Answers say what is left (RateLimit, RateLimit-Policy, Retry-After).

All gateways count together (live/sharing.py): what one lets through, the others know within a second. So n gateways let
at most n times as much through within one second, and then as much as one. Without the broker each counts alone, and a
restart forgets. What must hold exactly (codes per mailbox, tries per code) is counted in support's database.

The address is the connection's own. Behind reverse proxies PLEDGE_TRUSTED_PROXIES says how many of them there are; the
entry that the outermost one added to X-Forwarded-For is believed, what a client wrote itself is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, Request, Response, current_app, g, request
from limits import RateLimitItem, parse_many

from gateway.http.errors import Refused
from gateway.http.room import network_of
from gateway.http.windows import Hit, Windows
from gateway.settings import GatewaySettings
from services.common.basics.caller import CUSTOMER, Caller

FIRST = parse_many("2/hour")  # from a network to a mailbox, whatever others have sent there
LONG_WAIT = 120  # seconds; a longer one is told in minutes
WIDER, WIDER_PREFIX = 4, 48  # a site has a /48 of IPv6, and so many times what a /64 has


@dataclass(frozen=True)
class Act:
    """What is counted together: its name in headers, and the setting with its rates."""

    name: str
    setting: str


SIGN_IN = Act("sign-in", "rate_sign_in")
VERIFY = Act("verify", "rate_sign_in")
LINKS = Act("links", "rate_sign_in")
COPIES = Act("copies", "rate_sign_in")
CONTACT = Act("contact", "rate_contact")
FORMS = Act("forms", "rate_writes")  # plain forms, before they are read; what they ask for is counted as such besides
FORMS_WITH_FILES = Act("forms-with-files", "rate_uploads")  # wider than the contact form that they become
ORDERS = Act("orders", "rate_orders")
PAYMENTS = Act("payments", "rate_orders")
QUOTES = Act("quotes", "rate_orders")
MESSAGES = Act("messages", "rate_messages")
OPINIONS = Act("opinions", "rate_messages")
UPLOADS = Act("uploads", "rate_uploads")
WEBHOOKS = Act("webhooks", "rate_webhooks")
WRITES = Act("writes", "rate_writes")
KEYS = Act("refused-keys", "rate_writes")
STAFF = Act("staff", "rate_staff")
RECIPIENT = Act("recipient", "rate_recipient")
_SPANS = {60: "a minute", 3600: "an hour", 86400: "a day"}
_ACTS = (
    SIGN_IN,
    VERIFY,
    LINKS,
    COPIES,
    CONTACT,
    FORMS,
    FORMS_WITH_FILES,
    ORDERS,
    PAYMENTS,
    QUOTES,
    MESSAGES,
    OPINIONS,
    UPLOADS,
    WEBHOOKS,
    WRITES,
    KEYS,
    STAFF,
    RECIPIENT,
)


class Limits:
    """The limits of this gateway."""

    def __init__(self, settings: GatewaySettings, windows: Windows):
        self._windows, self._proxies = windows, settings.trusted_proxies
        self._rates = {act: tuple(parse_many(getattr(settings, act.setting))) for act in _ACTS}
        self._wider = {
            act: tuple(type(rate)(rate.amount * WIDER, rate.multiples) for rate in rates)
            for act, rates in self._rates.items()
        }

    def count_address(self, act: Act) -> None:
        """Count for the client's address. Raises 429 (`too_many_requests`) when that is too many."""
        for whose, network, rates in self._networks(act):
            self._count(act, whose, network, rates)

    def require_left(self, act: Act) -> None:
        """Raise 429 when one more for the client's address would be too many. Count nothing."""
        for whose, network, rates in self._networks(act):
            for rate in rates:
                if (wait := self._windows.look(rate, act.name, whose, network).wait) is not None:
                    raise _too_many(wait)

    def count_caller(self, act: Act, caller: Caller) -> None:
        """Count for a caller with a token: staff each for themselves, others besides their address."""
        if caller.is_staff:
            self._count(STAFF, "account", caller.actor, self._rates[STAFF])
        else:
            self._count(act, "account", caller.actor, self._rates[act])

    def count_recipient(self, mailbox: str, caller: Caller) -> None:
        """Count what makes us send mail, except to the caller or by staff."""
        if caller.is_staff or mailbox == caller.email:
            return
        key, far = _mailbox(mailbox), network_of(self.client(), WIDER_PREFIX)
        is_first = all(self._windows.hit(rate, RECIPIENT.name, key, far).wait is None for rate in FIRST)
        self._count(RECIPIENT, "recipient", key, self._rates[RECIPIENT], refuse=not is_first)

    def client(self) -> str:
        """Return the address of who asks."""
        return client_address(request.remote_addr, request.headers.get("X-Forwarded-For", ""), self._proxies)

    def _networks(self, act: Act) -> Iterator[tuple[str, str, tuple[RateLimitItem, ...]]]:
        """Yield what counts for the client's address: as what, which network, how often."""
        client = self.client()
        near, far = network_of(client), network_of(client, WIDER_PREFIX)
        yield "address", near, self._rates[act]
        if far != near:
            yield "network", far, self._wider[act]

    def _count(self, act: Act, whose: str, key: str, rates: tuple[RateLimitItem, ...], *, refuse: bool = True) -> None:
        for rate in rates:
            hit = self._windows.hit(rate, act.name, whose, key)
            if hit.wait is not None and not refuse:
                continue
            g.setdefault("rate_limits", []).append((f"{act.name}-{whose}-{rate.get_expiry()}", rate, hit))
            if hit.wait is not None:
                raise _too_many(hit.wait)


def _too_many(after: float) -> Refused:
    """Say when it will be answered again, in words that a person can use."""
    wait = max(1, int(after) + 1)
    details, seconds, minutes = {"retry_after": wait}, max(2, wait), -(-wait // 60)
    if wait > LONG_WAIT:
        return Refused(429, "too_many_requests", f"Too many requests; try again in {minutes} minutes.", details=details)
    return Refused(429, "too_many_requests", f"Too many requests; try again in {seconds} seconds.", details=details)


def in_words(act: Act, *, signed: bool, mails: bool) -> str:
    """Say how often an act may be done, as it is set by default, and by which setting.

    signed: by machines with a signature, who have no account. mails: it names a mailbox that is written to.
    """
    whose = "from one address" if signed else "from one address, and by one account; staff {staff}, each"
    told = f"{_default(act)} {whose.format(staff=_default(STAFF))}."
    if mails:
        told += f" To one mailbox that is not the caller's own: {_default(RECIPIENT)}."
    return f"{told} `RateLimit` tells what is left; a shop sets other numbers (`PLEDGE_{act.setting.upper()}`)."


def _default(act: Act) -> str:
    rates = str(GatewaySettings.__dataclass_fields__[act.setting].default)
    return " and ".join(f"{rate.amount} in {_SPANS[rate.get_expiry()]}" for rate in parse_many(rates))


def register(app: Flask, settings: GatewaySettings, windows: Windows) -> None:
    """Have `limits_of` give the limits, and every answer say what is left of those that were counted."""
    app.extensions["limits"] = Limits(settings, windows)
    app.after_request(_tell)


def limits_of(app: Flask) -> Limits:
    """Return the limits of this application."""
    found: Limits = app.extensions["limits"]
    return found


def asker() -> tuple[str, str]:
    """Return who asks, where places are shared, and from which network: the many behind one address are told apart.

    A person who signed in, the holder of a link, or else the network itself.
    """
    network = network_of(limits_of(current_app).client())
    caller: Caller | None = g.get("caller")
    if caller is None:
        return network, network
    if caller.is_staff:
        return caller.actor, caller.actor
    if CUSTOMER in caller.roles:
        return caller.actor, network
    return " ".join(sorted(caller.grants)) or network, network


def _tell(response: Response) -> Response:
    """Say the policies that were counted, and what is left of the tightest (draft-ietf-httpapi-ratelimit-headers)."""
    counted: list[tuple[str, RateLimitItem, Hit]] = g.get("rate_limits", [])
    if counted:
        response.headers["RateLimit-Policy"] = ", ".join(_policies(counted))
        name, _, hit = min(counted, key=lambda each: (each[2].left, -each[2].reset))
        response.headers["RateLimit"] = f'"{name}";r={hit.left};t={max(1, int(hit.reset) + 1)}'
    return response


def _policies(counted: list[tuple[str, RateLimitItem, Hit]]) -> Iterator[str]:
    return (f'"{name}";q={rate.amount};w={rate.get_expiry()}' for name, rate, _ in counted)


def address_of(incoming: Request, trusted_proxies: int) -> str:
    """Return the client's address; for IPv6 its /64, since one customer has a whole one."""
    return client_of(incoming.remote_addr, incoming.headers.get("X-Forwarded-For", ""), trusted_proxies)


def client_of(connected: str | None, forwarded: str, trusted_proxies: int) -> str:
    """Return the network that a request comes from, as far as trusted proxies report it."""
    return network_of(client_address(connected, forwarded, trusted_proxies))


def client_address(connected: str | None, forwarded: str, trusted_proxies: int) -> str:
    """Return the address itself."""
    if trusted_proxies:
        parts = [part.strip() for part in forwarded.split(",") if part.strip()]
        if len(parts) >= trusted_proxies:
            return _without_port(parts[-trusted_proxies])
    return connected or "unknown"


def _without_port(address: str) -> str:
    """Remove the port or the IPv6 zone that some proxies add. The port differs for each connection."""
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    return address.partition("%")[0]


def _mailbox(address: str) -> str:
    """Return one spelling for a mailbox: what follows a plus sign is its owner's choice."""
    return re.sub(r"\+[^@]*@", "@", address.lower())
