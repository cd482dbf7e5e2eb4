"""What support promises to others (contracts/*.v1.json), and what it relies on of theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock, ids
from services.common.edge.fields import load
from services.common.edge.tokens import ticket_token
from services.common.runtime.messaging import subscriptions
from services.common.store import tables
from services.common.store.commitments import CommitmentAtRisk, CommitmentBreached
from services.common.store.journal import wire
from services.common.testing import customer, fresh_store, guest, promised, staff
from services.support import schemas
from services.support.domain import Category, ClosedBy, ResolutionCode, Staff
from services.support.domain.people import sign_in_code
from services.support.handlers import links, mailing, news, sign_in, tickets
from services.support.mail import Undeliverable
from services.support.repository import Work
from services.support.service import SupportService
from services.support.tests.builders import ADA, NOW, ORDER_NUMBER, SETTINGS, a_form, add_staff, heard, order_placed

GRACE = "grace@pledge.example"
CONTRACTS = Path(__file__).parents[1] / "contracts"
FOLLOWED = {
    "order_placed": schemas.OrderPlaced,
    "review_passed": schemas.ReviewPassed,
    "review_needs_contact": schemas.ReviewNeedsContact,
    "change_requested": schemas.ChangeRequested,
    "change_accepted": schemas.ChangeNews,
    "change_declined": schemas.ChangeNews,
    "change_closed": schemas.ChangeNews,
    "order_changed": schemas.OrderChanged,
    "order_cancelled": schemas.OrderCancelled,
    "refund_settled": schemas.Refund,
    "refund_failed": schemas.RefundFailed,
    "payment_needs_attention": schemas.PaymentNeedsAttention,
    "shipment_dispatched": schemas.ShipmentDispatched,
    "recall_refused": schemas.RecallRefused,
    "tracking_updated": schemas.TrackingUpdated,
    "parcel_delivered": schemas.ParcelNews,
    "parcel_exception": schemas.ParcelException,
    "parcel_stuck": schemas.ParcelStuck,
    "return_requested": schemas.ReturnNews,
    "return_info_requested": schemas.ReturnInfoRequested,
    "return_authorized": schemas.ReturnAuthorized,
    "return_rejected": schemas.ReturnRejected,
    "return_received": schemas.ReturnNews,
    "return_inspected": schemas.ReturnInspected,
    "return_refunded": schemas.ReturnRefunded,
    "commitment_at_risk": schemas.Commitment,
    "commitment_breached": schemas.Commitment,
}
"""The schema by which each event is read; every other one is read as OrderNews."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Every event and reply, by the name of its contract, as a whole story makes them."""
    with fresh_store("support", tmp_path_factory.mktemp("contracts")) as store, clock.frozen(NOW):
        yield story(store)


def story(store: Any) -> dict[str, Any]:
    """One ticket's life with everything that can happen in it."""
    grace, lena, ada = (
        staff("agent", email="grace@pledge.example"),
        staff("lead", email="lena@x.example"),
        customer(ADA),
    )
    replies: dict[str, Any] = {}
    add_staff(store, Staff(GRACE, "Grace", ["agent"]))

    def work_as(caller: Any, act: Any) -> Any:
        with store.work(Work, caller) as work:
            return act(work)

    placed = order_placed()
    work_as(guest(), lambda work: news.learn_contact(work, heard("orders", "order_placed", placed), placed))
    form = a_form(order_number=ORDER_NUMBER, category=Category.LOGISTICS)
    ticket, due = work_as(ada, lambda work: tickets.open_ticket(work, SETTINGS, form))
    number, token = ticket.number, ticket_token(SETTINGS.secret, ticket.number, 1)
    replies["open_ticket"] = {"ticket_number": number, "answer_by": clock.rfc3339(due), "access_token": token}
    replies["exchange_ticket_token"] = work_as(guest(), lambda work: links.exchange_token(work, token))

    def does(name: str, handler: Any, caller: Any, *request: Any) -> None:
        replies[name] = work_as(caller, lambda work: handler(work, SETTINGS, number, *request))

    does("assign_ticket", tickets.assign_ticket, grace, {"assignee": GRACE})
    does("note", tickets.post_message, grace, {"body": "ask the carrier", "internal": True})
    does("post_message", tickets.post_message, grace, {"body": "It arrives on Monday."})
    does("resolve_ticket", tickets.resolve_ticket, grace, {"code": ResolutionCode.ANSWERED})
    does("rate_ticket", tickets.rate_ticket, ada, {"score": 5, "comment": "Quick."})
    does("get_ticket", lambda work, settings, n: tickets.get_ticket(work, settings, n), ada)
    does("get_ticket_as_agent", lambda work, settings, n: tickets.get_ticket(work, settings, n), grace)
    replies["list_tickets"] = work_as(grace, lambda work: tickets.list_tickets(work, {}))
    does("reopen_ticket", tickets.reopen_ticket, ada, {})
    does("answer", tickets.post_message, grace, {"body": "It arrived."})
    does("resolve_again", tickets.resolve_ticket, grace, {"code": ResolutionCode.SOLVED})
    does("close_ticket", tickets.close_ticket, lena, {})
    does("mark_spam", tickets.mark_spam, grace, {"reason": "by mistake"})

    def deliver(work: Any) -> None:
        first, second, *_ = work.notifications.claim_due()
        refused = Undeliverable("no such user", for_good=True)
        outcomes = [mailing.Outcome(first.key, None), mailing.Outcome(second.key, refused)]
        mailing.note_outcomes(work, SETTINGS, outcomes)

    work_as(guest(), deliver)
    work_as(guest(), lambda work: sign_in.request_sign_in(work, GRACE))
    (code,) = work_as(guest(), lambda work: work.people.open_codes(GRACE, 1))
    digits = sign_in_code(SETTINGS.secret, code.id)
    replies["verify_sign_in"] = work_as(guest(), lambda work: sign_in.verify_sign_in(work, SETTINGS, GRACE, digits))
    made = {f"rpc_{name}": reply for name, reply in replies.items()}
    with store.work(Work, reading=True) as work:
        rows = work.session.execute(tables.journal.select().order_by(tables.journal.c.position)).mappings()
        for row in rows:
            made[row["type"]] = {"service": "support", **wire(row)}
    return made


def shape(value: Any) -> Any:
    """The keys at every depth, and of lists what their first item looks like."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


CONTRACT_NAMES = sorted(path.name.removesuffix(".v1.json") for path in CONTRACTS.glob("*.json"))


@pytest.mark.parametrize("name", CONTRACT_NAMES)
def test_what_is_made_is_what_was_promised(made, name):
    example = json.loads((CONTRACTS / f"{name}.v1.json").read_text())

    assert shape(made[name]) == shape(example)


def test_every_event_has_a_contract(made):
    events = {name for name in made if not name.startswith("rpc_")}

    assert events == {name for name in CONTRACT_NAMES if not name.startswith("rpc_")}
    assert ClosedBy.LEAD.value == made["ticket_closed"]["body"]["closed_by"]


def test_a_public_event_names_no_member_of_staff(made):
    for name, entry in made.items():
        if entry.get("audience") == "public":
            assert "grace" not in json.dumps(entry["body"]), name


def kit_body(event_type: str) -> dict[str, Any]:
    """The body of the events that every service tells of its clocks."""
    kind = CommitmentBreached if event_type == "commitment_breached" else CommitmentAtRisk
    times = {"started_at": NOW, "due_at": NOW, "told_at": NOW}
    return kind(kind="dispatch", promised_on="SHP-1", order_number=ORDER_NUMBER, owner="logistics", **times).body()


@pytest.mark.parametrize(("source", "event_type"), sorted({(s, t) for s, t, _ in subscriptions(SupportService)}))
def test_what_others_promise_is_what_we_read(source, event_type):
    of_the_kit = event_type.startswith("commitment_")
    bodies = [kit_body(event_type)] if of_the_kit else [each["body"] for each in promised(source, event_type)]

    for body in bodies:
        event = load(FOLLOWED.get(event_type, schemas.OrderNews), body)

        assert event.get("order_number") is None or ids.is_number(event["order_number"], ids.ORDER)
