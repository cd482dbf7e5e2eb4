"""One story of an order over all services, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from marshmallow import fields

from gateway.http.calls import authorized_for, caller, gather, services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer, sortable, timestamp
from services import SERVICES
from services.common.basics.caller import AGENT, CUSTOMER

blp = Resource("timeline", "What happened to an order")


class TimelineEntry(Answer):
    """One step, as the journal of its service holds it."""

    id = fields.String(required=True)
    service = fields.String(required=True, metadata={"enum": list(SERVICES)})
    type = fields.String(required=True, metadata={"example": "review_passed"})
    subject = fields.String(required=True)
    subject_seq = fields.Integer(required=True)
    occurred_at = timestamp(required=True)
    actor = fields.String(required=True, metadata={"description": "customers read `staff`, not who it was"})
    body = fields.Dict(required=True)


class Timeline(Answer):
    """Entries in the order in which they happened; `missing` names the services that did not answer just now."""

    order_number = fields.String(required=True)
    items = fields.List(fields.Nested(TimelineEntry), required=True)
    missing = fields.List(fields.String(), required=True)


@blp.route("/orders/<number(ORD):number>/timeline", methods=["GET"])
@blp.allows(CUSTOMER, AGENT)
@blp.answers(200, Timeline)
def get_timeline(number: str) -> dict[str, Any]:
    """Tell what happened to an order, over all services.

    Customers see the public entries, staff all of them. A service that does not answer leaves a gap with its name in
    `missing`; ask again later.
    """
    entries, missing = read_timeline(number)
    return {"order_number": number, "items": entries, "missing": missing}


def read_timeline(number: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The entries that this caller may see, merged, and the services that did not answer. NotFound for a stranger."""
    authorized_for(number)
    worker = services()
    parts, missing = gather(**{name: partial(getattr(worker, name).get_timeline, number) for name in SERVICES})
    merged = merge({name: part["items"] for name, part in parts.items()})
    return shown(merged, to_staff=caller().is_staff), missing


def merge(parts: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The entries of several journals by time, then service, then place in the journal: the same order each time."""
    entries = [{"service": name, **entry} for name in sorted(parts) for entry in parts[name]]
    return sorted(entries, key=lambda entry: sortable(entry["occurred_at"]))  # the sort keeps what is equal in place


def shown(entries: Iterable[dict[str, Any]], *, to_staff: bool) -> list[dict[str, Any]]:
    """What this reader may see: staff everything, customers the public entries without names of staff."""
    if to_staff:
        return list(entries)
    return [mask(entry) for entry in entries if entry["audience"] == "public"]


def mask(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry as a customer reads it: who acted is a role, not a person."""
    kind = str(entry["actor"]).partition(":")[0]
    hidden = {"causation_id", "trace_id"}
    return {**{key: value for key, value in entry.items() if key not in hidden}, "actor": kind}
