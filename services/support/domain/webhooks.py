"""Webhooks that we send: addresses, what is sent to them, when it is tried again, and where nothing may be sent to.

At least once, in no order: a receiver tells by `webhook-id` what it has had.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from services.common.basics.clock import rfc3339
from services.common.basics.personal import EVERY, Path
from services.common.basics.untyped import JsonDict
from services.support.api.webhook_events import DisabledReason, EndpointStep, WebhookEndpointMoved, WebhookReplayed
from services.support.api.webhooks import DeliveryState

PAUSES = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
"""After the first failed attempt, the second …: three days in all."""
FAILING_FOR = timedelta(days=5)
"""An address to which nothing could be sent for so long is disabled."""
OVERLAP = timedelta(days=1)
LEASE = timedelta(minutes=5)
GONE = 410
MOST_ENDPOINTS, ATTEMPTS_KEPT, REPLY_KEPT = 20, 20, 200
SECRET_PREFIX = "whsec_"  # noqa: S105 (what each begins with)
_INTERNET = ipaddress.IPv6Network("2000::/3")
_TUNNEL = ipaddress.IPv6Network("2002::/16")  # an IPv4 address is inside, which may be any
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".example", ".invalid")


@dataclass
class WebhookEndpoint:
    """An address that events are sent to. Until `old_until` the secret before signs too."""

    id: str
    url: str
    event_types: list[str]
    description: str | None
    secret: str
    created_at: datetime
    created_by: str
    old_secret: str | None = None
    old_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: DisabledReason | None = None
    failing_since: datetime | None = None
    version: int = 1

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def is_on(self) -> bool:
        return self.disabled_at is None

    def secrets_at(self, now: datetime) -> list[str]:
        """Return what signs now, the newest first."""
        overlaps = self.old_secret is not None and self.old_until is not None and now < self.old_until
        return [self.secret, *([str(self.old_secret)] if overlaps else [])]

    def moved(self, step: EndpointStep) -> WebhookEndpointMoved:
        reason = self.disabled_reason if step is EndpointStep.DISABLED else None
        return WebhookEndpointMoved(
            endpoint_id=self.id, step=step, host=self.host, event_types=list(self.event_types), reason=reason
        )

    def change(
        self, url: str | None, event_types: list[str] | None, description: str | None
    ) -> list[WebhookEndpointMoved]:
        """Take what is given and differs. Nothing is recorded if nothing does."""
        described = self.description if description is None else description or None
        wanted = (url or self.url, event_types or self.event_types, described)
        if wanted == (self.url, self.event_types, self.description):
            return []
        self.url, self.event_types, self.description = wanted
        return [self.moved(EndpointStep.CHANGED)]

    def renew(self, secret: str, now: datetime) -> WebhookEndpointMoved:
        self.old_secret, self.old_until, self.secret = self.secret, now + OVERLAP, secret
        return self.moved(EndpointStep.SECRET_RENEWED)

    def enable(self) -> list[WebhookEndpointMoved]:
        """Send again from now on; failures of before do not count any more."""
        if self.is_on:
            return []
        self.disabled_at = self.disabled_reason = self.failing_since = None
        return [self.moved(EndpointStep.ENABLED)]

    def disable(self, reason: DisabledReason, now: datetime) -> list[WebhookEndpointMoved]:
        if not self.is_on:
            return []
        self.disabled_at, self.disabled_reason = now, reason
        return [self.moved(EndpointStep.DISABLED)]

    def note(self, status: int | None, now: datetime, *, well: bool) -> list[WebhookEndpointMoved]:
        """Note how an attempt went: 410, or failures for days, disable the address."""
        if well:
            self.failing_since = None
            return []
        self.failing_since = self.failing_since or now
        if status == GONE:
            return self.disable(DisabledReason.GONE, now)
        return self.disable(DisabledReason.FAILING, now) if now - self.failing_since >= FAILING_FOR else []


@dataclass
class WebhookDelivery:
    """One event on its way to one address. tries: since it was made, or replayed; attempts: what came of each."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    order_number: str | None
    body: str
    occurred_at: datetime
    created_at: datetime
    next_attempt_at: datetime | None
    state: DeliveryState = DeliveryState.PENDING
    tries: int = 0
    ended_at: datetime | None = None
    attempts: list[JsonDict] = field(default_factory=list)

    def note(self, lease: datetime | None, status: int | None, reply: str, problem: str | None, now: datetime) -> bool:
        """Note what came of an attempt. Return whether it was taken.

        lease: `next_attempt_at` since the attempt was begun. Another one now: it was begun or replayed since, and what
        comes of that counts. One that comes after the end undoes no end.
        """
        well = status is not None and 200 <= status < 300
        told = {"at": rfc3339(now), "status": status, "reply": reply[:REPLY_KEPT], "problem": problem}
        self.attempts = [*self.attempts, told][-ATTEMPTS_KEPT:]
        if self.state is DeliveryState.PENDING and self.next_attempt_at != lease:
            return well
        if well:
            self._end(DeliveryState.DELIVERED, now)
        elif self.state is DeliveryState.PENDING:
            if self.tries > len(PAUSES):
                self._end(DeliveryState.FAILED, now)
            else:
                self.next_attempt_at = now + PAUSES[max(self.tries, 1) - 1]
        return well

    def replay(self, now: datetime) -> WebhookReplayed:
        """Send it at once, as if it were new."""
        self.state, self.tries, self.next_attempt_at, self.ended_at = DeliveryState.PENDING, 0, now, None
        return WebhookReplayed(endpoint_id=self.endpoint_id, delivery_id=self.id, event_type=self.event_type)

    def _end(self, state: DeliveryState, now: datetime) -> None:
        self.state, self.next_attempt_at, self.ended_at = state, None, now


def body_of(event_type: str, occurred_at: datetime, body: JsonDict, personal: Sequence[Path]) -> str:
    """Write what is sent of an event: without what is personal in it."""
    for path in personal:
        _leave_out(body, path)
    told = {"type": event_type, "timestamp": rfc3339(occurred_at), "data": body}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _leave_out(value: object, path: Path) -> None:
    step, rest = path[0], path[1:]
    if step == EVERY and isinstance(value, list):
        for each in value:
            _leave_out(each, rest)
    elif isinstance(value, dict) and step in value:
        if not rest or rest == (EVERY,):
            del value[step]
        else:
            _leave_out(value[step], rest)


def headers_of(event_id: str, body: str, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Return the headers of Standard Webhooks: one signature for each secret."""
    seconds = int(now.timestamp())
    signed = f"{event_id}.{seconds}.{body}".encode()
    return {
        "content-type": "application/json",
        "user-agent": "pledge-webhooks",
        "webhook-id": event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{_mac(secret, signed)}" for secret in secrets),
    }


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def new_secret(random: bytes) -> str:
    """Write a secret of 24 to 64 random bytes."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def problem_of_url(url: str, *, here: bool) -> str | None:
    """Say why nothing can be sent to this URL, as far as its text tells. here: this machine is allowed, without TLS."""
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        return "this is no URL"
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        return "it must begin with https://"
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "write it in ASCII, with a host in its form for machines (xn--…)"
    if parts.username is not None or parts.password is not None or "#" in url:
        return "it must have no user, password or fragment"
    if port == 0:
        return "it names no port that can be reached"
    return _problem_of_host(parts, here=here)


def _problem_of_host(parts: SplitResult, *, here: bool) -> str | None:
    host = (parts.hostname or "").removesuffix(".")
    address = _address(host)
    if address is not None:
        return None if may_reach(host, here=here) else "its address is not public"
    labels = host.split(".")
    if not host or not all(each and each.replace("-", "").replace("_", "").isalnum() for each in labels):
        return "it names no host"
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        return "an address is written as four numbers, or in brackets"
    if (len(labels) == 1 or host.endswith(_LOCAL_NAMES)) and not (here and labels[-1] == "localhost"):
        return "its host is not public"
    return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def may_reach(address: str, *, here: bool, plain: bool = False) -> bool:
    """Return whether something may be sent to this address. plain: without TLS, which only this machine may get."""
    found = _address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found is None:
        return False
    if found.is_loopback:
        return here
    if plain or not found.is_global or found.is_multicast or found.is_reserved:
        return False
    return isinstance(found, ipaddress.IPv4Address) or (found in _INTERNET and found not in _TUNNEL)
