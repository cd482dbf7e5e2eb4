"""Canned replies over HTTP, filled with what the services know just now (standard, section 1).

GET, PUT /v1/replies · DELETE /v1/replies/{id}      texts with variables, of all and one's own
POST /v1/replies/preview                            one of them as it would be sent for a ticket, and what is missing

A message of staff to a customer is filled before support is asked to send it. What cannot be filled is not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from gateway.http.calls import caller, services
from gateway.http.resource import Resource
from gateway.resources.composition import WholeOrder, compose_order
from services.common.basics.clock import parse_rfc3339
from services.common.basics.errors import NotFound, Unavailable
from services.common.basics.shapes import Page, Verdict
from services.support.api import PostMessage, SupportApi
from services.support.api.canned import (
    DeleteReply,
    ListReplies,
    MissingValue,
    PreviewReply,
    ReplyPreview,
    ReplyView,
    SaveReply,
    UnfilledVariables,
    Variable,
    filled,
    named_in,
)
from services.support.api.parts import Accepted

SILENT = "the service that knows it does not answer just now: try again"
BACK = ("withdrawn", "lapsed", "closed", "rejected_final")

blp = Resource("replies", "Texts that staff answer with")


@blp.get("/replies", SupportApi.list_replies)
def list_replies(query: ListReplies) -> Page[ReplyView]:
    return services().support.list_replies(query)


@blp.put("/replies", SupportApi.put_reply)
def put_reply(reply: SaveReply) -> ReplyView:
    return services().support.put_reply(reply)


@blp.post("/replies/preview", SupportApi.preview_reply)
def preview_reply(request: PreviewReply) -> ReplyPreview:
    return _with_order(services().support.preview_reply(request))


@blp.delete("/replies/<id:reply_id>", SupportApi.delete_reply)
def delete_reply(reply_id: str, request: DeleteReply) -> Accepted:
    return services().support.delete_reply(reply_id, request)


def fill_in(number: str, request: PostMessage) -> PostMessage:
    """Return the message with its variables filled. Raise UnfilledVariables for what has no value.

    Only what staff write to a customer is filled: a customer's words and notes stay as they are.
    """
    if request.internal or not caller().is_staff or not named_in(request.body):
        return request
    found = _with_order(services().support.preview_reply(PreviewReply(number, text=request.body)))
    if found["missing"]:
        why = {each["name"]: each["why"] for each in found["missing"]}
        raise UnfilledVariables(details={"names": sorted(why), "why": why})
    return replace(request, body=found["text"])


def _with_order(found: ReplyPreview) -> ReplyPreview:
    """Fill in what the services of the order know; say of the rest why it is missing."""
    wanted = [each["name"] for each in found["missing"] if each["name"] in _OF_ORDER]
    if not wanted or found["order_number"] is None:
        return found
    known, missing = _values(found["order_number"], wanted)
    others = [each for each in found["missing"] if each["name"] not in wanted]
    return {
        **found,
        "text": filled(found["text"], known),
        "values": {**found["values"], **known},
        "missing": [*others, *missing],
    }


def _values(number: str, wanted: list[str]) -> tuple[Mapping[str, str], list[MissingValue]]:
    known: dict[str, str] = {}
    missing: list[MissingValue] = []
    try:
        order = compose_order(number)
    except (NotFound, Unavailable):
        return known, [{"name": name, "why": SILENT} for name in wanted]
    for name in wanted:
        service, read, none = _OF_ORDER[name]
        if value := read(order):
            known[name] = value
        else:
            missing.append({"name": name, "why": SILENT if service in order["missing"] else none})
    return known, missing


def _total(order: WholeOrder) -> str:
    total = order["totals"]["total"]
    return f"{total['amount']} {total['currency']}"


def _parcels(field: Callable[[WholeOrder], list[str]]) -> Callable[[WholeOrder], str]:
    return lambda order: ", ".join(dict.fromkeys(each for each in field(order) if each))


def _numbers(order: WholeOrder) -> list[str]:
    return [each["tracking_number"] for one in order["shipments"] for each in one["parcels"] if not each["closed_at"]]


def _carriers(order: WholeOrder) -> list[str]:
    return [each["carrier_name"] for one in order["shipments"] for each in one["parcels"] if not each["closed_at"]]


def _delivery(order: WholeOrder) -> str:
    """Return the last day of the last delivery that is promised and not made: "Friday 11 December 2026"."""
    running = [
        each
        for each in order["commitments"]
        if each["kind"] == "delivery" and each["status"] in (Verdict.RUNNING, Verdict.PAUSED)
    ]
    if not running:
        return ""
    last = max(running, key=lambda each: each["due_at"])
    day = parse_rfc3339(last["due_at"]).astimezone(ZoneInfo(last.get("zone", "UTC")))
    return f"{day:%A} {day.day} {day:%B %Y}"


def _return(order: WholeOrder) -> str:
    under_way = [each["number"] for each in order["returns"] if each["status"] not in BACK]
    return under_way[0] if len(under_way) == 1 else ""


NO_PARCEL = "no parcel of the order is under way"
_OF_ORDER: Mapping[str, tuple[str, Callable[[WholeOrder], str], str]] = {
    Variable.ORDER_TOTAL.value: ("orders", _total, "the order has no total"),
    Variable.PARCEL_TRACKING_NUMBER.value: ("logistics", _parcels(_numbers), NO_PARCEL),
    Variable.PARCEL_CARRIER.value: ("logistics", _parcels(_carriers), NO_PARCEL),
    Variable.DELIVERY_BY.value: ("logistics", _delivery, "no delivery is promised that is not made"),
    Variable.RETURN_NUMBER.value: ("aftersales", _return, "the order has no return under way, or several"),
}
"""By variable: the service that knows it, how it is read, and why it may be missing."""
