"""Events: recorded once, delivered to every follower, taken once by each, and never made up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from deploy.lab.chaos.evidence import Evidence
from services import SERVICES

UNREADABLE = "unreadable"


def every_event_reached_every_follower(evidence: Evidence) -> Iterator[str]:
    """Every journal entry is marked as handled by each service that follows it, unless it does not matter there."""
    done = {service: _handled(evidence, service) for service in SERVICES}
    for source in SERVICES:
        for event in evidence.rows(source, "journal"):
            for service, handler in evidence.followers.get((source, event["type"]), []):
                if (handler, event["id"]) not in done[service] and evidence.matters(service, source, event):
                    yield f"{source}.{event['type']} of {event['subject']} never reached {service}"


def no_event_is_known_that_was_never_recorded(evidence: Evidence) -> Iterator[str]:
    """Whatever a service handled is in the journal of the service that told it."""
    recorded = {event["id"] for source in SERVICES for event in evidence.rows(source, "journal")}
    for service in SERVICES:
        for row in evidence.rows(service, "inbox"):
            if row["handler"] != UNREADABLE and row["event_id"] not in recorded:
                yield f"{service}.{row['handler']} heard of {row['event_id']}, which never happened"


def every_event_had_its_effect_once(evidence: Evidence) -> Iterator[str]:
    """What an event led to in a service was recorded at one moment, in one transaction: it was not done again later."""
    types = {event["id"]: event["type"] for source in SERVICES for event in evidence.rows(source, "journal")}
    for service in SERVICES:
        moments = defaultdict(set)
        for event in evidence.rows(service, "journal"):
            if event["causation_id"] and event["actor"] == f"service:{service}":
                moments[event["causation_id"]].add(event["occurred_at"])
        for cause, found in moments.items():
            if len(found) > 1:
                yield f"{types.get(cause)} {cause} had an effect in {service} at {len(found)} moments"


def services_agree_on_what_happened(evidence: Evidence) -> Iterator[str]:
    """Each service's picture of another's facts is those facts: orders, shipments, deliveries, contacts."""
    orders = {row["order_number"]: row for row in evidence.rows("orders", "orders")}
    for service, table in (("aftersales", "orders"), ("support", "order_contacts")):
        known = {row["order_number"] for row in evidence.rows(service, table)}
        yield from (f"{service} does not know {number}" for number in sorted(orders.keys() - known))
        yield from (f"{service} knows {number}, which nobody ordered" for number in sorted(known - orders.keys()))
    shipments = {row["number"]: row for row in evidence.rows("logistics", "shipments")}
    fulfillments = {row["shipment_number"]: row for row in evidence.rows("orders", "fulfillments")}
    yield from (f"orders and logistics disagree on {each}" for each in sorted(shipments.keys() ^ fulfillments.keys()))
    for number in shipments.keys() & fulfillments.keys():
        for moment in ("dispatched_at", "delivered_at"):
            if shipments[number][moment] != fulfillments[number][moment]:
                yield f"{number}: {moment} is not the same in orders and logistics"
    windows = {row["order_number"]: row["delivered_at"] for row in evidence.rows("aftersales", "orders")}
    for row in shipments.values():
        if row["delivered_at"] and windows.get(row["order_number"]) is None:
            yield f"aftersales does not know that {row['order_number']} was delivered"
    reviewed = Counter(event["subject"] for event in evidence.events("orders", "review_passed"))
    shipped = Counter(row["order_number"] for row in shipments.values())
    resent = Counter(row["order_number"] for row in evidence.rows("orders", "remedies") if row["replacement"])
    for number in sorted({*reviewed, *shipped}):
        if shipped[number] != 1 + resent[number] and orders[number]["status"] != "cancelled":
            yield f"{number} has {shipped[number]} shipments, {resent[number]} of them sent again"


def journals_verify(evidence: Evidence) -> Iterator[str]:
    """No chain of any journal was edited, shortened, forked or added to."""
    for service in SERVICES:
        for flaw in evidence.flaws(service):
            yield f"{service}, {flaw.subject} {flaw.subject_seq}: {flaw.what}"


def _handled(evidence: Evidence, service: str) -> set[tuple[str, str]]:
    return {(row["handler"], row["event_id"]) for row in evidence.rows(service, "inbox") if row["done_at"]}
