"""One story of an order over all services, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict, cast

from gateway.http.calls import ask_each, authorized_for, caller
from gateway.http.resource import Resource
from services.common.basics.api import EveryService, TimelineEntry
from services.common.basics.caller import kind_told
from services.common.basics.clock import sortable

blp = Resource("timeline", "What happened to an order")


class TimelineStep(TimelineEntry):
    """One step, and the service whose journal holds it."""

    service: str


class Timeline(TypedDict):
    """Entries in the order in which they happened; `missing` names the services that did not answer just now."""

    order_number: str
    items: list[TimelineStep]
    missing: list[str]


@blp.get("/orders/<number(ORD):number>/timeline", EveryService.get_timeline)
def get_timeline(number: str) -> Timeline:
    """Tell what happened to an order, over all services.

    Customers see the public entries, staff all of them. A service that does not answer leaves a gap with its name in
    `missing`; ask again later.
    """
    entries, missing = read_timeline(number)
    return {"order_number": number, "items": entries, "missing": missing}


def read_timeline(number: str) -> tuple[list[TimelineStep], list[str]]:
    """Merge the entries that this caller may see. Return them and the services without an answer.

    Raises NotFound for a stranger.
    """
    authorized_for(number)
    parts, missing = ask_each(lambda service, _: service.get_timeline(number))
    merged = merge({name: part["items"] for name, part in parts.items()})
    return shown(merged, to_staff=caller().is_staff), missing


def merge(parts: Mapping[str, Iterable[TimelineEntry]]) -> list[TimelineStep]:
    """Merge the entries of several journals by time, then service, then place: the same order each time."""
    entries = [cast(TimelineStep, {"service": name, **entry}) for name in sorted(parts) for entry in parts[name]]
    return sorted(entries, key=lambda entry: sortable(entry["occurred_at"]))  # the sort keeps what is equal in place


def shown(entries: Iterable[TimelineStep], *, to_staff: bool) -> list[TimelineStep]:
    """Return what this reader may see: staff everything, customers the public entries without names of staff."""
    if to_staff:
        return list(entries)
    return [mask(entry) for entry in entries if entry["audience"] == "public"]


def readable(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """Return the entries of one journal that this caller may see."""
    steps = [cast(TimelineStep, entry) for entry in entries]
    return list(shown(steps, to_staff=caller().is_staff))


def mask(entry: TimelineStep) -> TimelineStep:
    """Return the entry as a customer reads it: the actor is a role, not a person."""
    hidden = {"causation_id", "trace_id"}
    told = {key: value for key, value in entry.items() if key not in hidden}
    return cast(TimelineStep, {**told, "actor": kind_told(entry["actor"])})
