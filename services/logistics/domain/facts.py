"""What carriers tell of a parcel beside its scans: when they expect it, where it waits, who took it (section 3).

    join(known, notes_of(told))            what is kept of a number after one more report
    facts_of([notes], track, handed_over)  what holds of its parcel now

Of each fact the last that was said holds, of the first expected day the first; so it makes no difference in which order
reports arrive, or how often. A place to pick it up, and who took it, hold for the stay or the delivery that they were
said of: what was said before it began was about another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce

from services.common.basics.events import to_json
from services.common.basics.untyped import JsonDict
from services.logistics.api.parts import Eta, HandedOn, PickUp
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain.tracking import CLOCK_DIFFERENCE, LABEL_AGE, USED_AGAIN, Track

Notes = Mapping[str, JsonDict]
"""What was said of a number: for each fact its value and when it was said, as JSON that can be kept and compared."""
MOST_ATTEMPTS = 20
MOST_PLACES = 5
"""So many places to pick up one parcel are told to its customer; a carrier that names more is not to be believed."""
_FIRST = "first_eta"
_STATED, _SEEN = 0, 1
"""A first expected day that a carrier states outranks the first that we happened to hear."""


@dataclass(frozen=True)
class Position:
    """Where it was on the globe at a time, in degrees as decimal texts: floats do not travel as JSON."""

    latitude: str
    longitude: str
    at: datetime


@dataclass(frozen=True)
class Told:
    """What one report says of a parcel beside its scans; None: nothing."""

    carrier: str
    source: str
    tracking_number: str
    said_at: datetime
    eta: Eta | None = None
    first_eta: Eta | None = None
    pick_up: PickUp | None = None
    received_by: str | None = None
    signature_url: str | None = None
    photo_url: str | None = None
    handed_on: HandedOn | None = None
    position: Position | None = None

    @property
    def at(self) -> datetime:
        return self.said_at


SAID = ("eta", "pick_up", "received_by", "signature_url", "photo_url", "handed_on")


@dataclass(frozen=True)
class Attempt:
    """A delivery that was tried and failed; local_time as the clocks showed it there."""

    at: datetime
    local_time: str
    reason: str | None = None


@dataclass(frozen=True)
class Facts:
    """What holds of a parcel beside its status. places: how many different ones to pick it up were told so far."""

    eta: Eta | None = None
    eta_said_at: datetime | None = None
    first_eta: Eta | None = None
    pick_up: PickUp | None = None
    received_by: str | None = None
    signature_url: str | None = None
    photo_url: str | None = None
    handed_on: HandedOn | None = None
    position: Position | None = None
    attempts: tuple[Attempt, ...] = ()
    places: int = 0

    def news_since(self, before: Facts | None) -> list[str]:
        """Return which of the facts are others than before, and are there."""
        known = before or Facts()
        return [name for name in SAID if getattr(self, name) not in (None, getattr(known, name))]


NOTHING = Facts()


def notes_of(told: Told) -> Notes:
    """Return what a report says as notes."""
    notes = {
        name: {"said_at": _moment(told.said_at), "value": to_json(value)}
        for name in SAID
        if (value := getattr(told, name)) is not None
    }
    if told.position is not None:
        value = {"latitude": told.position.latitude, "longitude": told.position.longitude}
        notes["position"] = {"said_at": _moment(told.position.at), "value": value}
    if first := told.first_eta or told.eta:
        rank = _STATED if told.first_eta else _SEEN
        notes[_FIRST] = {"said_at": _moment(told.said_at), "value": to_json(first), "rank": rank}
    return notes


def join(known: Notes, more: Notes) -> Notes:
    """Return what holds of both. In which order they are joined, and how often, makes no difference."""
    return {name: _holding(name, [each[name] for each in (known, more) if name in each]) for name in {**known, **more}}


def still_said(known: Notes, at: datetime) -> Notes:
    """Return what was not said so long before that the carrier may have given the number to another parcel since."""
    return {name: note for name, note in known.items() if _read(note["said_at"]) >= at - USED_AGAIN}


def newest(notes: Notes) -> datetime:
    """Return when the last of them was said."""
    return max(_read(note["said_at"]) for note in notes.values())


def facts_of(said: Iterable[Notes], track: Track, handed_over_at: datetime, before: Facts | None = None) -> Facts:
    """Work out what holds of a parcel, of all that was said of its numbers and scanned of it."""
    recent = (
        {name: note for name, note in notes.items() if _read(note["said_at"]) >= handed_over_at - LABEL_AGE}
        for notes in said
    )
    notes: Notes = reduce(join, recent, {})
    waits, arrived = track.status is ParcelStatus.AVAILABLE_FOR_PICKUP, track.status is ParcelStatus.DELIVERED
    of_stay = {name for name, note in notes.items() if _is_since(note, track)}
    pick_up = _place(notes["pick_up"]) if waits and "pick_up" in of_stay else None
    proof = {
        name: notes[name]["value"]
        for name in ("received_by", "signature_url", "photo_url")
        if arrived and name in of_stay
    }
    known = before or NOTHING
    return Facts(
        eta=_eta(notes.get("eta")),
        eta_said_at=_read(notes["eta"]["said_at"]) if "eta" in notes else None,
        first_eta=_eta(notes.get(_FIRST)),
        pick_up=pick_up,
        handed_on=HandedOn(**notes["handed_on"]["value"]) if "handed_on" in notes else None,
        position=_position(notes.get("position")),
        attempts=_attempts(track),
        places=known.places + (pick_up not in (None, known.pick_up)),
        **proof,
    )


def _is_since(note: JsonDict, track: Track) -> bool:
    """Return whether it was said since the parcel is where it is: what was said before is about another place."""
    return track.since is not None and _read(note["said_at"]) >= track.since - CLOCK_DIFFERENCE


def _place(note: JsonDict) -> PickUp:
    until = note["value"]["until"]
    return PickUp(**{**note["value"], "until": until and datetime.fromisoformat(until).date()})


def _attempts(track: Track) -> tuple[Attempt, ...]:
    """Return the failed attempts, one for each day there: carriers scan one several times."""
    days: dict[str, Attempt] = {}
    for scan in track.timeline:
        if scan.status is ParcelStatus.ATTEMPT_FAILED:
            days.setdefault(scan.local_time[:10], Attempt(scan.occurred_at, scan.local_time, scan.reason))
    return tuple(days.values())[-MOST_ATTEMPTS:]


def _holding(name: str, notes: list[JsonDict]) -> JsonDict:
    return min(notes, key=_authority) if name == _FIRST else max(notes, key=_authority)


def _authority(note: JsonDict) -> tuple[int, str, str]:
    return note.get("rank", 0), note["said_at"], json.dumps(note["value"], sort_keys=True)


def _eta(note: JsonDict | None) -> Eta | None:
    if note is None:
        return None
    first, last = (datetime.fromisoformat(note["value"][name]).date() for name in ("first", "last"))
    return Eta(first, last)


def _position(note: JsonDict | None) -> Position | None:
    if note is None:
        return None
    return Position(**note["value"], at=_read(note["said_at"]))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
