"""One call of a carrier's API: bounded in time and size, never in a transaction, and no oftener than it likes.

A carrier that says 429 names until when it wants no more (`TooManyCalls`); `Budget` keeps to that, and to so many calls
a minute, in each process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests

from services.common.basics.errors import Unavailable
from services.common.basics.guard import forbid_in_transaction
from services.logistics.adapters.carriers.reading import read_object
from services.logistics.api.refusals import MalformedWebhook

TIMEOUT = (3.05, 10.0)
LARGEST = 4 * 1024 * 1024
PIECE = 64 * 1024
MINUTE = timedelta(minutes=1)
SHORTEST_REST, LONGEST_REST = timedelta(seconds=1), timedelta(hours=1)
_RESETS = ("ratelimit-reset", "x-ratelimit-reset")
_TOO_MANY = 429


class TooManyCalls(Unavailable):
    """The carrier wants no more calls until `until`."""

    code = "carrier_unavailable"
    message = "The carrier takes no more calls just now."
    until: datetime

    @classmethod
    def by(cls, who: str, until: datetime) -> TooManyCalls:
        refused = cls(f"{who} says no: {_TOO_MANY}")
        refused.until = until
        return refused


@dataclass(frozen=True)
class Answer:
    """What a carrier answered: the HTTP status, and the JSON object in the body, empty if there is none."""

    status: int
    body: Mapping[str, object]


class Budget:
    """How often a carrier may be called: so many times in any minute, and not while it asked for a rest."""

    def __init__(self, a_minute: int):
        self._most, self._made = a_minute, deque[datetime]()
        self._rest_until = datetime.min.replace(tzinfo=UTC)

    def take(self, now: datetime) -> datetime | None:
        """Count a call that is made now, and return None; or return when the next may be made."""
        while self._made and self._made[0] <= now - MINUTE:
            self._made.popleft()
        if now < self._rest_until:
            return self._rest_until
        if len(self._made) >= self._most:
            return self._made[0] + MINUTE
        self._made.append(now)
        return None

    def rest(self, until: datetime) -> None:
        """Make no call until then."""
        self._rest_until = max(self._rest_until, until)


def call(
    who: str,
    method: str,
    url: str,
    now: datetime,
    *,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    json: object = None,
    data: bytes | None = None,
    expected: frozenset[int] = frozenset(),
    timeout: tuple[float, float] = TIMEOUT,
) -> Answer:
    """Make a call. Raise Unavailable for no answer and for a status that is no success and not `expected`.

    Redirects are not followed: the key would go along. who: the carrier, as problems name it.
    """
    forbid_in_transaction(f"a call to {who}")
    try:
        with requests.request(
            method, url, headers=dict(headers or {}), auth=auth, params=dict(params or {}), json=json, data=data,
            timeout=timeout, allow_redirects=False, stream=True,
        ) as answer:  # fmt: skip
            if answer.status_code == _TOO_MANY:
                raise TooManyCalls.by(who, now + rest_of(answer.headers, now))
            if not 200 <= answer.status_code < 300 and answer.status_code not in expected:
                raise Unavailable(f"{who} says no: {answer.status_code}", code="carrier_unavailable")
            return Answer(answer.status_code, read_object(_body(answer)))
    except (requests.RequestException, MalformedWebhook) as problem:
        raise Unavailable(f"{who} does not answer", code="carrier_unavailable") from problem


def rest_of(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return how long to call no more, as the headers of a 429 say it; a minute if they say nothing."""
    given = headers.get("retry-after", "")
    rest = _seconds(given)
    if rest is None:
        reset = next((headers[name] for name in _RESETS if name in headers), "")
        moment = _time(given) or _unix(reset)
        rest = MINUTE if moment is None else moment - now
    return min(max(rest, SHORTEST_REST), LONGEST_REST)


def _body(answer: requests.Response) -> bytes:
    found = bytearray()
    for piece in answer.iter_content(PIECE):
        found += piece
        if len(found) > LARGEST:
            raise MalformedWebhook("the answer is too large")
    return bytes(found)


def _seconds(text: str) -> timedelta | None:
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _unix(text: str) -> datetime | None:
    """Return a moment in seconds since 1970; some write how many seconds are left instead, which is too small."""
    if not (text.isascii() and text.isdigit() and len(text) < 11):
        return None
    return datetime.fromtimestamp(int(text), UTC) if len(text) >= 9 else None


def _time(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)
