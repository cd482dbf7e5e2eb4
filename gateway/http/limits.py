"""How often somebody may knock: sign-in, contact form, orders, payments and messages, per address.

Sign-in and the contact form, which anybody can set going in somebody else's name, also from everywhere together.

Counted in this process's memory: n gateways let n times as many through, and a restart forgets. That is enough against
floods; what must hold exactly (codes per e-mail address, tries per code) is counted in support's database.

The address is the connection's own. Behind reverse proxies PLEDGE_TRUSTED_PROXIES says how many of them there are; the
entry that the outermost one added to X-Forwarded-For is believed, what a client wrote itself is not.
"""

from __future__ import annotations

import ipaddress

from flask import Flask, Request, request
from limits import RateLimitItem, parse_many

from gateway.http.errors import Refused
from gateway.http.windows import Windows
from gateway.settings import GatewaySettings

SIGN_IN, VERIFY, CONTACT, ORDERS, PAYMENTS, MESSAGES, LINK = LIMITED = (
    "/v1/sign-in", "/v1/sign-in/verify", "/v1/contact", "/v1/orders", "/v1/orders/<number(ORD):number>/payments",
    "/v1/tickets/<number(TIC):number>/messages", "/v1/tickets/<number(TIC):number>/link",
)  # fmt: skip
"""The rules whose POSTs are counted."""


def register(app: Flask, settings: GatewaySettings) -> None:
    """Have the limited paths checked before anything else is done for a request."""
    windows = Windows()
    everywhere = parse_many(settings.rate_global)
    sign_in, contact = parse_many(settings.rate_sign_in), parse_many(settings.rate_contact)
    orders, messages = parse_many(settings.rate_orders), parse_many(settings.rate_messages)
    limited = {  # by rule; two rules never share a count
        SIGN_IN: (sign_in, everywhere),
        VERIFY: (sign_in, everywhere),
        CONTACT: (contact, everywhere),
        ORDERS: (orders, []),
        PAYMENTS: (orders, []),
        MESSAGES: (messages, []),
        LINK: (sign_in, []),
    }

    def check() -> None:
        name = request.url_rule.rule if request.url_rule else ""
        if request.method != "POST" or name not in limited:
            return
        per_address, together = limited[name]
        address = address_of(request, settings.trusted_proxies)
        for limit in per_address:
            _hit(windows, limit, name, address)
        for limit in together:
            _hit(windows, limit, name, "everywhere")

    app.before_request(check)


def address_of(incoming: Request, trusted_proxies: int) -> str:
    """The client's address; for IPv6 its /64, since one customer has a whole one."""
    address = incoming.remote_addr or "unknown"
    if trusted_proxies:
        forwarded = [part.strip() for part in incoming.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(forwarded) >= trusted_proxies:
            address = forwarded[-trusted_proxies]
    try:
        found = ipaddress.ip_address(_without_port(address))
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def _without_port(address: str) -> str:
    """Some proxies add the client's port, which is another for each connection, or the zone of an IPv6 address."""
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    return address.partition("%")[0]


def _hit(windows: Windows, limit: RateLimitItem, name: str, address: str) -> None:
    wait = windows.hit(limit, name, address)
    if wait is not None:
        details = {"retry_after": max(1, int(wait) + 1)}
        raise Refused(429, "too_many_requests", "Too many requests; wait a while.", details=details)
