"""What the handlers do in one transaction: permissions, proofs, links, codes, mails owed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.errors import Conflict, Forbidden, NotFound
from services.common.store.database import Store
from services.common.testing import customer, fresh_store, guest, holder, staff
from services.support.domain import (
    Category,
    NotificationStatus,
    ResolutionCode,
    Staff,
    TicketStatus,
)
from services.support.handlers import links, mailing, news, sign_in, tickets
from services.support.mail import Undeliverable
from services.support.mails import logistics, orders
from services.support.repository import ContactNotFound, Work
from services.support.tests.builders import (
    ADA,
    DAY,
    EVE,
    HOUR,
    NOW,
    ORDER_NUMBER,
    SETTINGS,
    a_form,
    add_staff,
    heard,
    link_in,
    mails_in,
    order_placed,
)

GRACE = staff("agent", email="grace@pledge.example")
LENA = staff("lead", email="lena@pledge.example")
WAREHOUSE = staff("warehouse")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("support", tmp_path) as store:
        yield store


def opened(store: Store, caller: Caller | None = None, at: Any = NOW, **form: Any) -> tuple[str, str]:
    """A ticket's number and the token of who filled in the form."""
    with clock.frozen(at), store.work(Work, caller or guest()) as work:
        ticket, _ = tickets.open_ticket(work, SETTINGS, a_form(**form))
    return ticket.number, token_of(ticket.number, 1)


def token_of(number: str, serial: int) -> str:
    from services.common.edge.tokens import ticket_token

    return ticket_token(SETTINGS.secret, number, serial)


def do(store: Store, caller: Caller, handler: Any, number: str, /, at: Any = NOW, **request: Any) -> Any:
    with clock.frozen(at), store.work(Work, caller) as work:
        return handler(work, SETTINGS, number, request)


def seen(store: Store, caller: Caller, number: str) -> Any:
    with clock.frozen(NOW), store.work(Work, caller, reading=True) as work:
        return tickets.get_ticket(work, SETTINGS, number)


def resolved(store: Store, **form: Any) -> str:
    number, _ = opened(store, **form)
    do(store, GRACE, tickets.post_message, number, body="It is cotton.")
    do(store, GRACE, tickets.resolve_ticket, number, code=ResolutionCode.ANSWERED)
    return number


def learn_order(store: Store, email: str = ADA, seq: int = 1) -> None:
    with store.work(Work) as work:
        body = order_placed(email=email)
        news.learn_contact(work, heard("orders", "order_placed", body, seq=seq), body)


def tell(store: Store, function: Any, *args: Any, **kwargs: Any) -> None:
    with clock.frozen(NOW), store.work(Work) as work:
        function(work, *args, **kwargs)


def owed(store: Store) -> list[Any]:
    with clock.frozen(NOW), store.work(Work) as work:
        return work.notifications.claim_due(limit=100)


def test_a_stranger_is_told_that_there_is_no_such_ticket(store):
    number, _ = opened(store)

    for caller in (guest(), customer(EVE), holder("ticket:TIC-0000-0000-0"), WAREHOUSE):
        with pytest.raises(NotFound):
            seen(store, caller, number)
        with pytest.raises(NotFound):
            do(store, caller, tickets.post_message, number, body="Let me in")
        with pytest.raises(NotFound):
            do(store, caller, tickets.rate_ticket, number, score=1)
        with pytest.raises(NotFound):
            do(store, caller, tickets.close_ticket, number)


def test_its_customer_agents_and_leads_see_it(store):
    number, _ = opened(store)

    for caller in (customer(ADA), holder(f"ticket:{number}"), GRACE, LENA, staff("admin")):
        assert seen(store, caller, number)["number"] == number


def test_a_customer_may_not_do_what_is_for_staff(store):
    number, _ = opened(store)

    for handler, request in (
        (tickets.assign_ticket, {"assignee": None}),
        (tickets.resolve_ticket, {"code": ResolutionCode.ANSWERED}),
        (tickets.mark_spam, {"reason": "it is"}),
        (tickets.post_message, {"body": "x", "internal": True}),
        (tickets.post_message, {"body": "x", "status": TicketStatus.OPEN}),
    ):
        with pytest.raises(Forbidden) as refused:
            do(store, customer(ADA), handler, number, **request)
        assert refused.value.code == "role_required"


def test_an_agent_neither_rates_nor_signs_a_complaint_off(store):
    number = resolved(store, category=Category.COMPLAINT)

    with pytest.raises(Forbidden):
        do(store, GRACE, tickets.rate_ticket, number, score=5)
    with pytest.raises(Forbidden):
        do(store, GRACE, tickets.close_ticket, number)
    assert do(store, LENA, tickets.close_ticket, number)["status"] == "closed"


def test_customers_see_neither_notes_nor_who_works_here(store):
    number, _ = opened(store)
    do(store, GRACE, tickets.post_message, number, body="ask the buyer", internal=True)
    do(store, GRACE, tickets.post_message, number, body="It is cotton.")

    shown = seen(store, customer(ADA), number)

    assert [message["body"] for message in shown["messages"]] == ["What is the shirt made of?", "It is cotton."]
    assert "grace" not in str(shown)
    assert len(seen(store, GRACE, number)["messages"]) == 3


def test_a_stranger_who_claims_an_order_is_shown_as_unverified_and_reaches_no_timeline(store):
    learn_order(store)
    number, _ = opened(store, email=EVE, order_number=ORDER_NUMBER)
    do(store, holder(f"ticket:{number}"), tickets.post_message, number, body="Tell me the address")

    with store.work(Work, reading=True) as work:
        assert work.journal.timeline(ORDER_NUMBER, public_only=False) == []
    assert seen(store, GRACE, number)["order_link"] == "claimed"


def test_even_the_right_address_is_a_claim_until_somebody_has_read_its_mail(store):
    learn_order(store)
    number, token = opened(store, email=ADA, order_number=ORDER_NUMBER)
    assert seen(store, GRACE, number)["order_link"] == "claimed"

    by_form = exchanged(store, token)
    do(store, Caller("guest", grants=by_form), tickets.post_message, number, body="from the form's own link")
    assert seen(store, GRACE, number)["order_link"] == "claimed"

    by_mail = exchanged(store, token_of(number, 2))
    do(store, Caller("guest", grants=by_mail), tickets.post_message, number, body="from the mailed link")
    assert seen(store, GRACE, number)["order_link"] == "verified"


def test_who_is_signed_in_or_holds_the_orders_link_is_verified_at_once(store):
    learn_order(store)

    for caller, email in ((customer(ADA), ADA), (holder(f"order:{ORDER_NUMBER}"), EVE)):
        number, _ = opened(store, caller, email=email, order_number=ORDER_NUMBER)
        assert seen(store, GRACE, number)["order_link"] == "verified"


def test_somebody_elses_order_stays_a_claim_for_who_is_signed_in(store):
    learn_order(store, email=EVE)

    number, _ = opened(store, customer(ADA), order_number=ORDER_NUMBER)

    assert seen(store, GRACE, number)["order_link"] == "claimed"


def exchanged(store: Store, token: str, at: Any = NOW) -> frozenset[str]:
    with clock.frozen(at), store.work(Work, reading=True) as work:
        return frozenset(links.exchange_token(work, token)["grants"])


def test_a_link_is_good_for_its_ticket_for_thirty_days(store):
    number, token = opened(store)

    assert exchanged(store, token, NOW + timedelta(days=29)) == {f"ticket:{number}"}
    with pytest.raises(NotFound):
        exchanged(store, token, NOW + timedelta(days=30))


@pytest.mark.parametrize("token", ["", "tic_", "tic_" + "A" * 43, "\ud800", "x" * 4096])
def test_a_token_that_is_none_is_refused(store, token):
    opened(store)

    with pytest.raises(NotFound) as refused:
        exchanged(store, token)

    assert refused.value.code == "token_invalid"


def test_a_renewed_link_goes_to_the_tickets_own_address_and_ends_the_old_ones(store):
    number, token = opened(store)

    with clock.frozen(NOW + DAY), store.work(Work) as work:
        links.renew_link(work, SETTINGS, number, EVE)
    assert exchanged(store, token)

    with clock.frozen(NOW + DAY), store.work(Work) as work:
        links.renew_link(work, SETTINGS, number, ADA)
    with pytest.raises(NotFound):
        exchanged(store, token)
    assert exchanged(store, token_of(number, 3), NOW + DAY)


def test_only_hashes_of_tokens_are_in_the_database(store, tmp_path):
    number, token = opened(store)

    with store.work(Work, reading=True) as work:
        rows = str(work.session.connection().exec_driver_sql("SELECT * FROM ticket_links").all())
        rows += str(work.session.connection().exec_driver_sql("SELECT * FROM notifications").all())

    assert token not in rows
    assert token_of(number, 2) not in rows


def test_a_ticket_is_assigned_to_somebody_who_answers_tickets(store):
    number, _ = opened(store)
    add_staff(store, Staff("grace@pledge.example", "Grace", ["agent"]), Staff("w@pledge.example", "W", ["warehouse"]))

    for nobody in ("w@pledge.example", EVE):
        with pytest.raises(Conflict):
            do(store, LENA, tickets.assign_ticket, number, assignee=nobody)
    assert do(store, LENA, tickets.assign_ticket, number, assignee="grace@pledge.example")["status"] == "open"


def test_an_edit_of_a_version_that_moved_is_refused(store):
    number, _ = opened(store)
    version = seen(store, GRACE, number)["version"]
    do(store, GRACE, tickets.post_message, number, body="It is cotton.")

    with pytest.raises(Conflict) as refused:
        do(store, GRACE, tickets.resolve_ticket, number, code=ResolutionCode.ANSWERED, version=version)

    assert refused.value.code == "version_moved"


def test_what_is_written_too_late_opens_a_linked_ticket(store):
    number = resolved(store)
    do(store, customer(ADA), tickets.close_ticket, number)

    later = do(store, customer(ADA), tickets.post_message, number, at=NOW + timedelta(days=20), body="It shrank.")

    assert later["number"] != number
    assert later["previous_number"] == number
    assert seen(store, GRACE, number)["status"] == "closed"


def test_what_was_resolved_a_week_ago_closes_but_no_complaint(store):
    plain, complaint = resolved(store), resolved(store, category=Category.COMPLAINT)

    with clock.frozen(NOW + timedelta(days=8)), store.work(Work) as work:
        tickets.close_silent(work, SETTINGS, work.tickets.silent_since(work.now - timedelta(days=7)))

    assert seen(store, GRACE, plain)["status"] == "closed"
    assert seen(store, GRACE, complaint)["status"] == "resolved"


def test_the_inbox_comes_by_next_deadline_and_customers_see_their_own(store):
    product, _ = opened(store)
    complaint, _ = opened(store, category=Category.COMPLAINT, email=EVE, at=NOW + HOUR)
    done = resolved(store, email=EVE)

    def listed(caller: Caller, **query: Any) -> list[str]:
        with store.work(Work, caller, reading=True) as work:
            return [item["number"] for item in tickets.list_tickets(work, query)["items"]]

    assert listed(GRACE) == [complaint, product, done]
    assert listed(customer(EVE)) == [complaint, done]
    assert listed(GRACE, status=TicketStatus.NEW, category=Category.PRODUCT) == [product]
    assert listed(holder(f"ticket:{product}")) == [product]
    for caller in (guest(), WAREHOUSE):
        with pytest.raises(Forbidden):
            listed(caller)


def test_a_page_ends_where_the_next_begins(store):
    numbers = {opened(store)[0] for _ in range(5)}
    found, cursor = [], None

    for _ in range(3):
        with store.work(Work, GRACE, reading=True) as work:
            page = tickets.list_tickets(work, {"limit": 2, "cursor": cursor})
        found += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert cursor is None
    assert len(found) == 5
    assert set(found) == numbers


def code_for(store: Store, email: str = ADA, at: Any = NOW) -> str | None:
    """Ask for a code and read it from the mail that is owed."""
    from services.support.domain.people import sign_in_code

    with clock.frozen(at), store.work(Work) as work:
        sign_in.request_sign_in(work, email)
    with clock.frozen(at), store.work(Work) as work:
        found = [item for item in work.notifications.claim_due(limit=100) if item.recipient == email]
        return sign_in_code(SETTINGS.secret, found[-1].link_key) if found else None


def verified(store: Store, code: str | None, email: str = ADA, at: Any = NOW) -> Any:
    with clock.frozen(at), store.work(Work) as work:
        return sign_in.verify_sign_in(work, SETTINGS, email, code or "")


def test_a_code_lets_its_address_in_once(store):
    code = code_for(store)
    assert code is not None

    assert verified(store, code, EVE) is None
    assert verified(store, f"{code[:4]} {code[4:]}") == {"email": ADA, "roles": ["customer"]}
    assert verified(store, code) is None


def test_staff_sign_in_with_their_roles(store):
    add_staff(store, Staff("grace@pledge.example", "Grace", ["lead", "agent"]))
    add_staff(store, Staff("gone@pledge.example", "Gone", ["lead"], active=False))

    code = code_for(store, "grace@pledge.example")
    gone = code_for(store, "gone@pledge.example")

    assert verified(store, code, "grace@pledge.example")["roles"] == ["agent", "lead"]
    assert verified(store, gone, "gone@pledge.example")["roles"] == ["customer"]


def test_a_code_is_good_for_ten_minutes(store):
    code = code_for(store)

    assert verified(store, code, at=NOW + timedelta(minutes=10)) is None
    assert verified(store, code, at=NOW + timedelta(minutes=9, seconds=59))


def test_after_five_wrong_guesses_the_right_code_is_no_good(store):
    code = code_for(store)

    for _ in range(5):
        assert verified(store, "00000000") is None

    assert verified(store, code) is None


def test_an_address_is_sent_five_codes_in_a_quarter_of_an_hour(store):
    codes = [code_for(store, at=NOW + timedelta(seconds=second)) for second in range(6)]

    assert codes[5] is None
    assert len(set(codes[:5])) == 5
    assert code_for(store, at=NOW + timedelta(minutes=16))


def test_old_codes_are_forgotten(store):
    code_for(store)

    with clock.frozen(NOW + 2 * DAY), store.work(Work) as work:
        work.people.forget_codes(work.now - sign_in.KEPT)
        left = work.session.connection().exec_driver_sql("SELECT count(*) FROM sign_in_codes").scalar()

    assert left == 0


def test_a_contact_is_not_overwritten_by_what_is_older(store):
    learn_order(store, email=EVE, seq=3)
    learn_order(store, email=ADA, seq=1)

    with store.work(Work, reading=True) as work:
        contact = work.contacts.find(ORDER_NUMBER)

    assert contact is not None
    assert contact.email == EVE


def test_whom_to_write_to_is_known_anew_within_one_transaction(store):
    """Events share one: what an earlier one of the batch read is not what a later one goes by."""
    learn_order(store, email=ADA, seq=1)

    with store.work(Work) as work:
        before = work.contacts.get(ORDER_NUMBER)
        body = {
            "order_number": ORDER_NUMBER,
            "customer": {"email": EVE, "name": "Eve", "language": "en", "time_zone": None},
        }
        news.learn_contact(work, heard("orders", "order_contact_changed", body, seq=2), body)
        after = work.contacts.get(ORDER_NUMBER)

        assert (before is after, after.email) == (True, EVE)


def test_news_of_an_order_that_is_not_known_yet_is_tried_again(store):
    body = {"order_number": ORDER_NUMBER}

    with pytest.raises(ContactNotFound), store.work(Work) as work:
        news.tell(work, heard("orders", "payment_captured", body), body, orders.payment_captured)


def test_a_status_of_a_parcel_is_told_once(store):
    learn_order(store)
    body = {
        "order_number": ORDER_NUMBER,
        "parcel_id": "P1",
        "tracking_number": "EZ1",
        "status": "delivered",
    }

    for _ in range(2):
        message = heard("logistics", "tracking_updated", body)
        tell(store, news.tell_status, message, body, logistics.key_status)
    message = heard("logistics", "parcel_delivered", body)
    tell(store, news.tell_status, message, {**body, "status": "delivered"}, logistics.parcel_delivered)
    in_transit = {**body, "status": "in_transit"}
    tell(store, news.tell_status, heard("logistics", "tracking_updated", body), in_transit, logistics.key_status)

    assert [item.about for item in owed(store)] == ["tracking_updated"]


CHANGE: dict[str, Any] = {
    "order_number": ORDER_NUMBER,
    "change_id": "CHG-0000-0000-0",
    "summary": "One of two mugs is missing from our stock.",
    "options": [{"label": "Remove the line and refund 12.00 USD"}],
    "expires_at": NOW + 5 * DAY,
}


def request_change(store: Store, **changes: Any) -> None:
    message = heard("orders", "change_requested", CHANGE)
    body = {**CHANGE, **changes}
    tell(store, news.reach_out, SETTINGS, message, body, orders.change_requested, Category.ORDER, needs_answer=True)


def test_a_change_request_opens_a_conversation_that_keeps_the_text_and_leads_to_the_order(store):
    learn_order(store)

    request_change(store)

    (mail,) = owed(store)
    with store.work(Work, GRACE, reading=True) as work:
        (item,) = tickets.list_tickets(work, {})["items"]
    shown = seen(store, customer(ADA), item["number"])
    assert shown["status"] == "waiting_customer"
    assert shown["messages"][0]["body"] == mail.text
    assert CHANGE["summary"] in mail.text
    assert (mail.about, mail.reference, mail.link, mail.link_key) == (
        "change_requested",
        CHANGE["change_id"],
        "order",
        ORDER_NUMBER,
    )


def test_further_news_of_the_order_goes_on_in_the_same_conversation(store):
    learn_order(store)

    request_change(store)
    request_change(store, change_id="CHG-0000-0000-1")

    with store.work(Work, GRACE, reading=True) as work:
        (item,) = tickets.list_tickets(work, {})["items"]
    assert len(seen(store, GRACE, item["number"])["messages"]) == 2


def test_it_never_goes_on_in_the_ticket_of_a_stranger_who_named_the_order(store):
    learn_order(store)
    strangers, _ = opened(store, email=ADA, category=Category.ORDER, order_number=ORDER_NUMBER)

    request_change(store)

    assert len(seen(store, GRACE, strangers)["messages"]) == 1


def test_the_customers_decision_ends_the_conversation_about_it(store):
    learn_order(store)
    request_change(store)

    message = heard("orders", "change_accepted", CHANGE)
    tell(store, news.settle, SETTINGS, message, CHANGE, orders.change_accepted)

    with store.work(Work, GRACE, reading=True) as work:
        (item,) = tickets.list_tickets(work, {})["items"]
    assert item["status"] == "resolved"


def late(kind: str, subject: str, order_number: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "promised_on": subject, "order_number": order_number, "due_at": NOW}


def test_a_broken_promise_is_told_to_the_customer_and_to_the_lead(store):
    learn_order(store)
    add_staff(store, Staff("lena@pledge.example", "Lena", ["lead"]), Staff("g@pledge.example", "G", ["agent"]))
    body = late("dispatch", "SHP-0000-0000-0", ORDER_NUMBER)

    tell(store, news.tell_broken_promise, SETTINGS, heard("logistics", "commitment_breached", body), body)

    assert {(item.recipient, item.tells_customer) for item in owed(store)} == {
        (ADA, True),
        ("lena@pledge.example", False),
    }


def test_our_own_late_answer_is_apologized_for_in_the_ticket_and_stops_no_clock(store):
    number, _ = opened(store)
    body = late("first_response", number)

    tell(store, news.tell_broken_promise, SETTINGS, heard("support", "commitment_breached", body), body)

    shown = seen(store, GRACE, number)
    assert [message["author"] for message in shown["messages"]] == ["customer", "system"]
    assert shown["answer_by"] is not None


def test_a_late_parcel_is_told_once_whoever_notices_it_first(store):
    learn_order(store)
    parcel = {
        "order_number": ORDER_NUMBER,
        "shipment_number": "SHP-0000-0000-0",
        "parcel_id": "P1",
        "tracking_number": "EZ1",
        "status": "in_transit",
        "reason": "late",
    }
    message, key = heard("logistics", "parcel_exception", parcel), "late:SHP-0000-0000-0"
    args = (SETTINGS, message, parcel, logistics.parcel_exception, Category.LOGISTICS)
    tell(store, news.reach_out, *args, key=key)
    body = late("delivery", "SHP-0000-0000-0", ORDER_NUMBER)

    tell(store, news.tell_broken_promise, SETTINGS, heard("logistics", "commitment_breached", body), body)

    assert [item.about for item in owed(store)] == ["parcel_exception"]
    with store.work(Work, GRACE, reading=True) as work:
        (item,) = tickets.list_tickets(work, {})["items"]
    assert len(seen(store, GRACE, item["number"])["messages"]) == 1


def sent(store: Store, tmp_path: Path, problem: Undeliverable | None = None, at: Any = NOW) -> list[Any]:
    """One round of the worker; with a problem, as if every mail had met it."""
    from dataclasses import replace

    settings, noted = replace(SETTINGS, data_dir=tmp_path), []
    with clock.frozen(at), store.work(Work) as work:
        due = work.notifications.claim_due(limit=100)
    for outcomes in mailing.deliver(due, settings, at):
        met = [each._replace(problem=problem or each.problem) for each in outcomes]
        with clock.frozen(at), store.work(Work) as work:
            mailing.note_outcomes(work, settings, met)
            noted += work.notifications.locked(each.key for each in met)
    return noted


def test_a_mail_that_left_is_recorded_as_the_customer_notified(store, tmp_path):
    learn_order(store)
    request_change(store)

    (item,) = sent(store, tmp_path)

    assert item.status is NotificationStatus.SENT
    with store.work(Work, reading=True) as work:
        told = [e for e in work.journal.timeline(ORDER_NUMBER, public_only=True) if e["type"] == "customer_notified"]
    assert told[0]["body"]["reference"] == CHANGE["change_id"]
    (mail,) = mails_in(tmp_path / "mail")
    assert f"/orders/{ORDER_NUMBER}#token=ord_" in link_in(mail)


def test_a_mail_of_the_sign_in_or_to_a_lead_tells_no_customer_anything(store, tmp_path):
    with clock.frozen(NOW), store.work(Work) as work:
        sign_in.request_sign_in(work, ADA)

    sent(store, tmp_path)

    with store.work(Work, reading=True) as work:
        assert list(work.journal.verify()) == []
        assert work.session.connection().exec_driver_sql("SELECT count(*) FROM journal").scalar() == 0


def test_a_mail_is_tried_again_with_growing_pauses_and_given_up_after_a_day(store, tmp_path):
    number, _ = opened(store)
    do(store, GRACE, tickets.post_message, number, body="Which one?", status=TicketStatus.WAITING_CUSTOMER)
    at, rounds = NOW, 0

    while rounds < 100:
        outcomes = sent(store, tmp_path, Undeliverable("mailbox full"), at=at)
        rounds += bool(outcomes)
        at += HOUR
        if outcomes and outcomes[0].status is NotificationStatus.FAILED:
            break

    assert rounds == 24
    shown = seen(store, GRACE, number)
    assert shown["status"] == "open"
    assert "mailbox full" in shown["messages"][-1]["body"]
    assert shown["messages"][-1]["internal"]


def test_a_recipient_that_does_not_exist_is_given_up_at_once(store, tmp_path):
    opened(store)

    (item,) = sent(store, tmp_path, Undeliverable("no such user", for_good=True))

    assert item.status is NotificationStatus.FAILED


def test_a_code_that_can_no_longer_be_used_is_not_sent(store, tmp_path):
    with clock.frozen(NOW), store.work(Work) as work:
        sign_in.request_sign_in(work, ADA)

    (item,) = sent(store, tmp_path, at=NOW + HOUR)

    assert item.status is NotificationStatus.FAILED
    assert mails_in(tmp_path / "mail") == []


def test_a_mail_sent_twice_has_the_same_message_id(store, tmp_path):
    opened(store)
    with clock.frozen(NOW), store.work(Work) as work:
        due = work.notifications.claim_due()
    from dataclasses import replace

    settings = replace(SETTINGS, data_dir=tmp_path)

    for _ in range(2):  # as after a crash between sending and noting
        list(mailing.deliver(due, settings, NOW))

    assert len(mails_in(tmp_path / "mail")) == 1


def test_a_mail_never_leaves_while_a_transaction_is_open(store, tmp_path):
    with pytest.raises(RuntimeError), store.work(Work):
        list(mailing.deliver([], SETTINGS, NOW))


def test_nothing_that_a_stranger_typed_is_mailed(store, tmp_path):
    opened(store, name="Buy pills", subject="at evil.example", message="http://evil.example")

    sent(store, tmp_path)

    (mail,) = mails_in(tmp_path / "mail")
    text = str(mail) + str(mail.get_content())
    assert "evil" not in text
    assert "pills" not in text
