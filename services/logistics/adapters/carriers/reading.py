"""What adapters share: reading what others write, so that nothing in it can surprise us later.

A carrier's texts may hold anything; they are cleaned and cut, not refused. One scan that cannot be read costs that
scan: it is left out and counted, for carriers repeat the whole history, and stop sending what is refused. What has no
sense as a whole is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo

from services.logistics.api.refusals import MalformedWebhook
from services.logistics.api.statuses import FlawKind
from services.logistics.domain import TrackingEvent
from services.logistics.domain.facts import Told
from services.logistics.domain.flaws import Flaw

T = TypeVar("T")

MAX_EVENTS = 2000
"""Of a longer history the last so many are taken."""
MAX_SEQUENCE = 10**9
MOST_FLAWS, LONGEST_PART = 20, 500
"""So many bad parts of one request are kept, and so many characters of each."""
_YEARS = range(2000, 2200)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Webhook:
    """What one request brought.

    key           what is the same when it is sent again
    events        the scans; none for what is not about tracking
    skipped       how many scans could not be read
    lookup_errors what kept the carrier from looking the number up; says nothing of the parcel
    flaws         some of what could not be read, and why
    number        the tracking number that it is all about, where it is about one
    told          what it says of parcels beside their scans
    """

    key: str
    events: tuple[TrackingEvent, ...]
    skipped: int = 0
    lookup_errors: tuple[str, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    number: str = ""
    told: tuple[Told, ...] = ()

    @property
    def numbers(self) -> frozenset[str]:
        """Every number that it is about."""
        return frozenset({self.number, *(event.tracking_number for event in self.events)} - {""})


def each_readable(
    items: Sequence[object], read: Callable[[dict[str, object]], T]
) -> tuple[list[T], int, tuple[Flaw, ...]]:
    """Read these items. Return the results, how many items could not be read, and some of those."""
    found: list[T] = []
    flaws: list[Flaw] = []
    if len(items) > MAX_EVENTS:
        flaws.append(Flaw(FlawKind.UNREADABLE, f"only the last {MAX_EVENTS} scans of a history are read"))
    for item in items[-MAX_EVENTS:]:
        try:
            if not isinstance(item, dict):
                raise MalformedWebhook("it is no object")
            found.append(read(item))
        except MalformedWebhook as flaw:
            flaws.append(Flaw(FlawKind.UNREADABLE, flaw.message, excerpt(item)))
    return found, len(items) - len(found), tuple(flaws[:MOST_FLAWS])


def webhook_of(
    key: str, number: str, scans: Sequence[object], read: Callable[[dict[str, object]], TrackingEvent]
) -> Webhook:
    """Return what the scans of one number say. One that cannot be read is left out, and is a flaw of the number."""
    events, skipped, flaws = each_readable(scans, read)
    of_number = tuple(replace(flaw, tracking_number=number) for flaw in flaws)
    return Webhook(key, tuple(events), skipped, flaws=of_number, number=number)


def joined(number: str, read: tuple[list[Webhook], int, tuple[Flaw, ...]]) -> Webhook:
    """Return as one what several objects say that a carrier answered about a number, as `each_readable` read them."""
    found, unreadable, flaws = read
    return Webhook(
        number,
        tuple(event for each in found for event in each.events),
        unreadable + sum(each.skipped for each in found),
        tuple(error for each in found for error in each.lookup_errors),
        (*flaws, *(flaw for each in found for flaw in each.flaws)),
        told=tuple(told for each in found for told in each.told),
    )


def key_of(document: Mapping[str, object], name: str, raw: bytes) -> str:
    """Return the key under which a webhook says that it is the same one; one that says none goes by its bytes."""
    stated = text(document, name, 81)
    return stated if 0 < len(stated) <= 80 else digest_of(raw)


def excerpt(part: object) -> str:
    """Return the beginning of what was sent, as JSON that can be kept and shown."""
    return json.dumps(part, ensure_ascii=True)[:LONGEST_PART]


def read_object(raw: bytes) -> dict[str, object]:
    """Return the JSON object in the body. Raise MalformedWebhook for anything else."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise MalformedWebhook("the body is not JSON") from None
    if not isinstance(document, dict):
        raise MalformedWebhook("the body is not a JSON object")
    return document


def items(parent: Mapping[str, object], name: str) -> list[object]:
    """Return the list under that name, empty if there is none. Raise MalformedWebhook for anything else."""
    found = [] if parent.get(name) is None else parent[name]
    if not isinstance(found, list):
        raise MalformedWebhook(f"{name} is not a list")
    return found


def text(parent: Mapping[str, object], name: str, longest: int) -> str:
    """Return one line of text, cleaned and cut; empty if it is missing or not text. Whole numbers are taken as text."""
    value = parent.get(name)
    if type(value) is int and abs(value) < 10**40:
        value = str(value)
    if not isinstance(value, str):
        return ""
    clean = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in value)
    return " ".join(clean.split())[:longest]


def word(parent: Mapping[str, object], name: str) -> str:
    """Return a code in lower case, with underscores."""
    return re.sub(r"[\s-]+", "_", text(parent, name, 40).casefold())


def required_text(parent: Mapping[str, object], name: str, longest: int) -> str:
    """Return text like `text`, but require it whole: a shortened identifier would be a different one."""
    value = text(parent, name, longest)
    if not value or len(str(parent[name]).strip()) > longest:
        raise MalformedWebhook(f"{name} is missing, or longer than {longest} characters")
    return value


def moment(parent: Mapping[str, object], name: str, *, assume_utc: bool = False) -> datetime:
    """Return the time under that name, with its own zone or offset. assume_utc: a time without one is UTC."""
    return _timed(parent, name, UTC if assume_utc else None)


def moment_there(parent: Mapping[str, object], name: str, zone: str) -> datetime:
    """Return the time under that name; one without an offset is what the clocks of that zone showed.

    A date alone is its noon, which is the same day everywhere.
    """
    value = parent.get(name)
    dated = isinstance(value, str) and _DATE.fullmatch(value) is not None
    return _timed({name: f"{value}T12:00:00"} if dated else parent, name, ZoneInfo(zone))


def said_at(parent: Mapping[str, object], name: str, received_at: datetime) -> datetime | None:
    """Return when they last changed it, if they say: this tells a newer report from one that was delayed."""
    try:
        return min(moment(parent, name, assume_utc=True).astimezone(UTC), received_at)
    except MalformedWebhook:
        return None


def required_child(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return the object under that name. Raise MalformedWebhook if there is none."""
    found = parent.get(name)
    if not isinstance(found, dict):
        raise MalformedWebhook(f"{name} is not an object")
    return found


def child(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return the object under that name, empty if there is none."""
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def digest_of(raw: bytes) -> str:
    """Return the key of a webhook that names none: the same bytes are the same webhook."""
    return hashlib.sha256(raw).hexdigest()


def _timed(parent: Mapping[str, object], name: str, zone: tzinfo | None) -> datetime:
    value = parent.get(name)
    try:
        if not isinstance(value, str) or len(value) > 40:
            raise ValueError
        at = datetime.fromisoformat(value.upper())
        if at.tzinfo is None:
            if zone is None:
                raise ValueError
            at = at.replace(tzinfo=zone)
        offset = at.utcoffset() or timedelta()
        if at.astimezone(UTC).year not in _YEARS or offset % timedelta(minutes=1):
            raise ValueError
    except (ValueError, OverflowError):
        raise MalformedWebhook(f"{name} is not a time with a zone") from None
    return at


def whole_number(parent: Mapping[str, object], name: str) -> int:
    """Return a count from 0 to a thousand million; 0 if it is missing."""
    value = 0 if parent.get(name) is None else parent[name]
    if type(value) is not int or not 0 <= value <= MAX_SEQUENCE:
        raise MalformedWebhook(f"{name} is not a count")
    return value
