"""Clocks: every promise with a time has one, and it stands as the facts demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from deploy.lab.chaos.evidence import Evidence
from services.common.basics import clock
from services.common.commitments import Clock, Verdict
from services.orders.handlers.refunds import BY_AFTERSALES

Expected = tuple[str, str, bool | None]
"""(kind, subject, whether it must have stopped). None: another service keeps that clock, and it alone."""


def no_clock_is_missing(evidence: Evidence) -> Iterator[str]:
    """Each fact that starts a clock started exactly one, and each that stops one stopped it."""
    found = {service: _by_key(evidence.clocks(service)) for service in _EXPECTED}
    for service, expected in _EXPECTED.items():
        wanted = list(expected(evidence))
        counts = Counter((kind, subject) for kind, subject, over in wanted if over is not None)
        for kind, subject, over in wanted:
            clocks = found[service].get((kind, subject), [])
            if len(clocks) != counts[kind, subject]:
                yield f"{kind} of {subject}: {len(clocks)} clocks"
            elif over and any(each.stopped_at is None for each in clocks):
                yield f"{kind} of {subject} still runs"
            elif over is False and all(each.stopped_at is not None for each in clocks):
                yield f"{kind} of {subject} has stopped too early"


def every_clock_is_open_kept_or_breached(evidence: Evidence) -> Iterator[str]:
    """Every clock has a verdict, and what it is read by says the same as the clock itself."""
    now = clock.now()
    for service in _EXPECTED:
        for row in evidence.rows(service, "commitments"):
            each = Clock.from_record(row["clock"])
            if each.verdict(now) not in Verdict or (each.stopped_at, each.due_at) != (row["stopped_at"], row["due_at"]):
                yield f"{service}: {each.kind} of {each.subject} is {each.verdict(now)}"


def _of_orders(evidence: Evidence) -> Iterator[Expected]:
    contacted = {event["subject"] for event in evidence.events("orders", "review_needs_contact")}
    for order in evidence.rows("orders", "orders"):
        if order["confirmed_at"]:
            over = order["review"] == "passed" or order["status"] == "cancelled" or order["order_number"] in contacted
            yield "review", order["order_number"], over
    for change in evidence.rows("orders", "changes"):
        if change["kind"] == "stock_short":
            yield "shortage_contact", change["change_id"], True  # support has told the customer, or it was closed
    for refund in evidence.rows("orders", "refunds"):
        elsewhere = refund["cause"] in BY_AFTERSALES
        yield "refund", refund["refund_id"], None if elsewhere else refund["status"] == "settled"
    for dispute in evidence.rows("orders", "disputes"):
        yield "dispute_evidence", dispute["id"], bool(dispute["answered_at"] or dispute["ended_at"])


def _of_logistics(evidence: Evidence) -> Iterator[Expected]:
    for shipment in evidence.rows("logistics", "shipments"):
        yield "dispatch", shipment["number"], bool(shipment["dispatched_at"] or shipment["recalled_at"])
        if shipment["dispatched_at"]:
            yield "delivery", shipment["number"], bool(shipment["delivered_at"] or shipment["closed_at"])


def _of_aftersales(evidence: Evidence) -> Iterator[Expected]:
    for item in evidence.rows("aftersales", "returns"):
        yield "return_review", item["number"], bool(item["authorized_at"] or item["closed_at"])
        if item["received_at"]:
            yield "verification", item["number"], bool(item["inspected_at"])
    for claim in evidence.rows("aftersales", "refund_claims"):
        yield "refund", claim["return_number"], bool(claim["settled_at"])


def _of_support(evidence: Evidence) -> Iterator[Expected]:
    answered = {row["ticket_number"] for row in evidence.rows("support", "messages") if row["author"] == "agent"}
    for ticket in evidence.rows("support", "tickets"):
        number, resolved = ticket["number"], ticket["resolution_code"] is not None
        yield "resolution", number, resolved
        if ticket["origin"] == "contact":
            yield "first_response", number, resolved or number in answered


def _by_key(clocks: list[Clock]) -> dict[tuple[str, str], list[Clock]]:
    found: dict[tuple[str, str], list[Clock]] = {}
    for each in clocks:
        found.setdefault((each.kind, each.subject), []).append(each)
    return found


_EXPECTED = {"orders": _of_orders, "logistics": _of_logistics, "aftersales": _of_aftersales, "support": _of_support}
