"""What the handlers do in one transaction: permissions, proofs, links, codes, mails queued."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.caller import Caller
from services.common.basics.errors import Conflict, Forbidden, NotFound
from services.common.basics.personal import ERASED
from services.common.testing import customer, guest, holder, staff
from services.logistics.api.events import (
    DeliveryTakenBack,
    ParcelDelivered,
    ParcelException,
    TrackingUpdated,
)
from services.logistics.api.statuses import ParcelStatus
from services.orders.api.events import ChangeAccepted, ChangeRequested, PaymentCaptured, RemedyClosed
from services.support.adapters.mail.sending import Undeliverable
from services.support.api import Category, ListTickets, RequestSignIn, RequestTicketLink, ResolutionCode, TicketStatus
from services.support.domain import NotificationStatus, Staff
from services.support.handlers import (
    following,
    links,
    mailing,
    news,
    promises,
    rating,
    sign_in,
    tickets,
    waiting,
    writing,
)
from services.support.repository import ContactNotFound
from services.support.tests.builders import (
    ADA,
    DAY,
    EVE,
    HOUR,
    NOW,
    ORDER_NUMBER,
    SETTINGS,
    add_staff,
    an_event,
    breached,
    link_in,
    mails_in,
    message_of,
    order_placed,
    text_of,
    token_of,
)
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

WAREHOUSE = staff("warehouse")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


def test_a_stranger_is_told_that_there_is_no_such_ticket(scene):
    number, _ = scene.opened()

    for caller in (guest(), customer(EVE), holder("ticket:TIC-0000-0000-0"), WAREHOUSE):
        with pytest.raises(NotFound):
            scene.seen(caller, number)
        with pytest.raises(NotFound):
            scene.does(caller, writing.post_message, number, body="Let me in")
        with pytest.raises(NotFound):
            scene.does(caller, rating.rate_ticket, number, score=1)
        with pytest.raises(NotFound):
            scene.does(caller, tickets.close_ticket, number)


def test_its_customer_agents_and_leads_see_it(scene):
    number, _ = scene.opened()

    for caller in (customer(ADA), holder(f"ticket:{number}"), GRACE, LENA, staff("admin")):
        assert scene.seen(caller, number)["number"] == number


def test_a_customer_may_not_do_what_is_for_staff(scene):
    number, _ = scene.opened()

    for handler, request in (
        (writing.post_message, {"body": "x", "internal": True}),
        (writing.post_message, {"body": "x", "status": TicketStatus.OPEN}),
    ):
        with pytest.raises(Forbidden) as refused:
            scene.does(customer(ADA), handler, number, **request)
        assert refused.value.code == "role_required"


def test_an_agent_does_not_rate_and_a_lead_closes(scene):
    number = scene.resolved(category=Category.COMPLAINT)

    with pytest.raises(Forbidden):
        scene.does(GRACE, rating.rate_ticket, number, score=5)
    assert scene.does(LENA, tickets.close_ticket, number)["status"] == "closed"


def test_customers_see_neither_notes_nor_staff_names(scene):
    number, _ = scene.opened()
    scene.does(GRACE, writing.post_message, number, body="ask the buyer", internal=True)
    scene.does(GRACE, writing.post_message, number, body="The shirt is made of cotton.")

    shown = scene.seen(customer(ADA), number)

    assert [message["body"] for message in shown["messages"]] == [
        "What is the shirt made of?",
        "The shirt is made of cotton.",
    ]
    assert "grace" not in str(shown)
    assert len(scene.seen(GRACE, number)["messages"]) == 3


def test_a_claimed_order_is_unverified_and_on_no_timeline(scene):
    scene.learns_order()
    number, _ = scene.opened(email=EVE, order_number=ORDER_NUMBER)
    scene.does(holder(f"ticket:{number}"), writing.post_message, number, body="Tell me the address")

    with scene.work(reading=True) as work:
        assert work.journal.timeline(ORDER_NUMBER, public_only=False) == []
    assert scene.seen(GRACE, number)["order_link"] == "claimed"


def test_an_address_is_a_claim_until_its_mail_was_read(scene):
    scene.learns_order()
    number, token = scene.opened(email=ADA, order_number=ORDER_NUMBER)
    assert scene.seen(GRACE, number)["order_link"] == "claimed"

    by_form = scene.exchanged(token)
    scene.does(Caller("guest", grants=by_form), writing.post_message, number, body="from the form's own link")
    assert scene.seen(GRACE, number)["order_link"] == "claimed"

    by_mail = scene.exchanged(token_of(number, 2))
    scene.does(Caller("guest", grants=by_mail), writing.post_message, number, body="from the mailed link")
    assert scene.seen(GRACE, number)["order_link"] == "verified"


def test_a_session_or_the_orders_link_verifies_at_once(scene):
    scene.learns_order()

    for caller, email in ((customer(ADA), ADA), (holder(f"order:{ORDER_NUMBER}"), EVE)):
        number, _ = scene.opened(caller, email=email, order_number=ORDER_NUMBER)
        assert scene.seen(GRACE, number)["order_link"] == "verified"


def test_anothers_order_stays_a_claim_when_signed_in(scene):
    scene.learns_order(email=EVE)

    number, _ = scene.opened(customer(ADA), order_number=ORDER_NUMBER)

    assert scene.seen(GRACE, number)["order_link"] == "claimed"


def test_a_link_is_good_for_its_ticket_for_thirty_days(scene):
    number, token = scene.opened()

    assert scene.exchanged(token, NOW + timedelta(days=29)) == {f"ticket:{number}"}
    with pytest.raises(NotFound):
        scene.exchanged(token, NOW + timedelta(days=30))


@pytest.mark.parametrize("token", ["", "tic_", "tic_" + "A" * 43, "\ud800", "x" * 4096])
def test_a_token_that_is_none_is_refused(scene, token):
    scene.opened()

    with pytest.raises(NotFound) as refused:
        scene.exchanged(token)

    assert refused.value.code == "token_invalid"


def ask_for_link(scene: Scene, number: str, email: str) -> None:
    with scene.work(at=NOW + DAY) as work:
        links.request_ticket_link(work, number, RequestTicketLink(email))
    with scene.work(at=NOW + DAY) as work:
        links.mail_requested_links(work)


def test_a_renewed_link_ends_the_old_ones_when_it_is_used(scene):
    number, _ = scene.opened()
    mailed = token_of(number, 2)

    ask_for_link(scene, number, EVE)
    with pytest.raises(NotFound):
        scene.exchanged(token_of(number, 3), NOW + DAY)

    ask_for_link(scene, number, ADA)
    assert scene.exchanged(mailed, NOW + DAY)

    ada = Caller("guest", grants=scene.exchanged(token_of(number, 3), NOW + DAY))
    scene.does(ada, writing.post_message, number, at=NOW + DAY, body="Here I am again.")
    with pytest.raises(NotFound):
        scene.exchanged(mailed, NOW + DAY)
    assert scene.exchanged(token_of(number, 3), NOW + DAY)


def test_asking_for_a_link_does_the_same_for_all_callers(scene):
    number, _ = scene.opened()
    written = []

    for asked, email in ((number, ADA), (number, EVE), ("TIC-0000-0000-0", ADA)):
        with scene.work() as work:
            links.request_ticket_link(work, asked, RequestTicketLink(email))
            written.append([type(row).__name__ for row in work.session.new])

    assert written == [["LinkRequest"]] * 3


def test_links_are_asked_for_so_many_times_only(scene):
    number, _ = scene.opened()

    for _ in range(9):
        with scene.work() as work:
            links.request_ticket_link(work, number, RequestTicketLink(ADA))

    with scene.work() as work:
        assert len(work.links.take_requests()) == 5


def test_only_hashes_of_tokens_are_in_the_database(scene, tmp_path):
    number, token = scene.opened()

    with scene.work(reading=True) as work:
        rows = str(work.session.connection().exec_driver_sql("SELECT * FROM ticket_links").all())
        rows += str(work.session.connection().exec_driver_sql("SELECT * FROM notifications").all())

    assert token not in rows
    assert token_of(number, 2) not in rows


def test_a_ticket_is_assigned_to_an_agent_only(scene):
    number, _ = scene.opened()
    add_staff(
        scene.store, Staff("grace@pledge.example", "Grace", ["agent"]), Staff("w@pledge.example", "W", ["warehouse"])
    )

    for nobody in ("w@pledge.example", EVE):
        with pytest.raises(Conflict):
            scene.does(LENA, tickets.assign_ticket, number, assignee=nobody)
    assert scene.does(LENA, tickets.assign_ticket, number, assignee="grace@pledge.example")["status"] == "open"


def test_an_edit_of_a_version_that_moved_is_refused(scene):
    number, _ = scene.opened()
    version = scene.seen(GRACE, number)["version"]
    scene.does(GRACE, writing.post_message, number, body="The shirt is made of cotton.")

    with pytest.raises(Conflict) as refused:
        scene.does(GRACE, tickets.resolve_ticket, number, code=ResolutionCode.ANSWERED, version=version)

    assert refused.value.code == "version_moved"


def test_what_is_written_too_late_opens_a_linked_ticket(scene):
    number = scene.resolved()
    scene.does(customer(ADA), tickets.close_ticket, number)

    later = scene.does(customer(ADA), writing.post_message, number, at=NOW + timedelta(days=20), body="It shrank.")

    assert later["number"] != number
    assert later["previous_number"] == number
    assert scene.seen(GRACE, number)["status"] == "closed"


def test_what_was_resolved_a_week_ago_closes_but_no_complaint(scene):
    plain, complaint = scene.resolved(), scene.resolved(category=Category.COMPLAINT)

    with scene.work(at=NOW + timedelta(days=8)) as work:
        waiting.close_silent_tickets(work)

    assert scene.seen(GRACE, plain)["status"] == "closed"
    assert scene.seen(GRACE, complaint)["status"] == "resolved"


def test_the_inbox_comes_by_deadline_customers_see_their_own(scene):
    product, _ = scene.opened()
    complaint, _ = scene.opened(category=Category.COMPLAINT, email=EVE, at=NOW + HOUR)
    done = scene.resolved(email=EVE)

    def listed(caller: Caller, **query: Any) -> list[str]:
        return [item["number"] for item in scene.listed(caller, **query)]

    assert listed(GRACE) == [complaint, product, done]
    assert listed(customer(EVE)) == [complaint, done]
    assert listed(GRACE, status=TicketStatus.NEW, category=Category.PRODUCT) == [product]
    assert listed(holder(f"ticket:{product}")) == [product]
    for caller in (guest(), WAREHOUSE):
        with pytest.raises(Forbidden):
            listed(caller)


def test_a_page_ends_where_the_next_begins(scene):
    numbers = {scene.opened()[0] for _ in range(5)}
    found, cursor = [], None

    for _ in range(3):
        with scene.work(GRACE, reading=True) as work:
            page = tickets.list_tickets(work, ListTickets(limit=2, cursor=cursor))
        found += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert cursor is None
    assert len(found) == 5
    assert set(found) == numbers


def test_a_code_lets_its_address_in_once(scene):
    code = scene.code_for()
    assert code is not None

    assert scene.verified(code, EVE) is None
    session = scene.verified(f"{code[:4]} {code[4:]}")
    assert (session["email"], session["roles"]) == (ADA, ["customer"])
    assert scene.verified(code) is None


def test_staff_sign_in_with_their_roles(scene):
    add_staff(scene.store, Staff("grace@pledge.example", "Grace", ["lead", "agent"]))
    add_staff(scene.store, Staff("gone@pledge.example", "Gone", ["lead"], active=False))

    code = scene.code_for("grace@pledge.example")
    assert scene.verified(code, "grace@pledge.example")["roles"] == ["agent", "lead"]

    gone = scene.code_for("gone@pledge.example")
    assert scene.verified(gone, "gone@pledge.example")["roles"] == ["customer"]


def test_a_code_is_good_for_ten_minutes(scene):
    code = scene.code_for()

    assert scene.verified(code, at=NOW + timedelta(minutes=10)) is None
    assert scene.verified(code, at=NOW + timedelta(minutes=9, seconds=59))


def test_after_five_wrong_guesses_the_right_code_is_no_good(scene):
    code = scene.code_for()

    for _ in range(5):
        assert scene.verified("00000000") is None

    assert scene.verified(code) is None


def test_an_address_is_sent_five_codes_in_a_quarter_of_an_hour(scene):
    codes = [scene.code_for(at=NOW + timedelta(minutes=minute)) for minute in (0, 0, 0, 0, 4, 6, 7, 12, 13, 14)]

    assert [code is not None for code in codes] == [True] * 3 + [False] * 2 + [True, False, True, False, False]
    assert len({*codes} - {None}) == 5
    assert scene.code_for(at=NOW + timedelta(minutes=16))


def test_after_the_newest_code_was_used_another_is_mailed(scene):
    """The older ones are good still, but their owner waits for a new mail; without one more, an older one has to do."""
    times = [NOW + timedelta(seconds=each) for each in range(6)]
    codes = [scene.code_for(at=at) for at in times[:3]]
    assert scene.verified(codes[2], at=times[2], browser="of-ada")

    for at in times[3:5]:
        another = scene.code_for(at=at)
        assert another not in (None, *codes)
        assert scene.verified(another, at=at, browser="of-ada")
    assert scene.code_for(at=times[5]) is None
    assert scene.verified(codes[1], at=times[5])


def test_old_codes_are_forgotten(scene):
    scene.code_for()

    with scene.work(at=NOW + 2 * DAY) as work:
        sign_in.forget_old(work)
        left = work.session.connection().exec_driver_sql("SELECT count(*) FROM sign_in_codes").scalar()

    assert left == 0


def test_a_contact_is_not_overwritten_by_what_is_older(scene):
    scene.learns_order(email=EVE, seq=3)
    scene.learns_order(email=ADA, seq=1)

    with scene.work(reading=True) as work:
        contact = work.contacts.find(ORDER_NUMBER)

    assert contact is not None
    assert contact.email == EVE


def test_a_contact_is_known_as_it_is_within_one_transaction(scene):
    """Events share one: a later one of the batch goes by what an earlier one wrote, and by an erasure."""
    scene.learns_order(email=ADA, seq=1)

    with scene.work() as work:
        known = [work.contacts.get(ORDER_NUMBER).email]
        for seq, email in ((2, EVE), (4, EVE), (3, ADA)):  # the last one comes late
            event = order_placed(email=email)
            news.learn_contact(work, event, message_of(event, seq=seq))
            known.append(work.contacts.get(ORDER_NUMBER).email)
        work.erasing.contact(ORDER_NUMBER)
        known.append(work.contacts.get(ORDER_NUMBER).email)

        assert known == [ADA, EVE, EVE, EVE, ERASED]


def test_news_of_an_unknown_order_is_tried_again(scene):
    with pytest.raises(ContactNotFound):
        scene.hears(following.on_payment_captured, an_event(PaymentCaptured))


def test_a_status_of_a_parcel_is_told_once(scene):
    scene.learns_order()
    delivered = an_event(TrackingUpdated, parcel_id="P1", status="delivered")

    for _ in range(2):
        scene.hears(following.on_tracking_updated, delivered)
    scene.hears(following.on_parcel_delivered, an_event(ParcelDelivered, parcel_id="P1"))
    on_its_way = replace(delivered, status=ParcelStatus.IN_TRANSIT)

    assert [item.about for item in scene.owed()] == ["tracking_updated"]
    assert [following.is_key_status(each, message_of(each)) for each in (delivered, on_its_way)] == [True, False]


def test_a_delivery_that_is_taken_back_begins_a_conversation(scene):
    scene.learns_order()
    delivered = an_event(ParcelDelivered, parcel_id="P1")
    scene.hears(following.on_parcel_delivered, delivered)

    scene.hears(following.on_delivery_taken_back, an_event(DeliveryTakenBack, parcel_id="P1"))
    scene.hears(following.on_parcel_delivered, replace(delivered, taken_back=1))

    assert [item.about for item in scene.owed()] == ["parcel_delivered", "delivery_taken_back", "parcel_delivered"]
    (ticket,) = scene.listed()
    assert ticket["category"] == "logistics"


@pytest.mark.parametrize(("delivered", "mails"), [(False, ["remedy_closed"]), (True, [])])
def test_a_parcel_that_turned_up_at_the_door_is_told_once(scene, delivered: bool, mails: list[str]) -> None:
    scene.learns_order()

    scene.hears(following.on_remedy_closed, an_event(RemedyClosed, status="withdrawn", delivered=delivered))

    assert [item.about for item in scene.owed()] == mails


CHANGE = an_event(
    ChangeRequested,
    change_id="CHG-0000-0000-0",
    summary="One of two mugs is missing from our stock.",
    expires_at=NOW + 5 * DAY,
)


def request_change(scene: Scene, **changes: Any) -> None:
    scene.hears(following.on_change_requested, replace(CHANGE, **changes))


def test_a_change_request_opens_a_conversation(scene):
    scene.learns_order()

    request_change(scene)

    (mail,) = scene.owed()
    (item,) = scene.listed()
    shown = scene.seen(customer(ADA), item["number"])
    assert shown["status"] == "waiting_customer"
    assert shown["messages"][0]["body"] == mail.text
    assert CHANGE.summary in mail.text
    assert (mail.about, mail.reference, mail.link, mail.link_key) == (
        "change_requested",
        CHANGE.change_id,
        "order",
        ORDER_NUMBER,
    )


def test_further_news_goes_on_in_the_same_conversation(scene):
    scene.learns_order()

    request_change(scene)
    request_change(scene, change_id="CHG-0000-0000-1")

    (item,) = scene.listed()
    assert len(scene.seen(GRACE, item["number"])["messages"]) == 2


def test_outreach_stays_out_of_tickets_of_strangers(scene):
    scene.learns_order()
    strangers, _ = scene.opened(email=ADA, category=Category.ORDER, order_number=ORDER_NUMBER)

    request_change(scene)

    assert len(scene.seen(GRACE, strangers)["messages"]) == 1


def test_the_customers_decision_ends_the_conversation_about_it(scene):
    scene.learns_order()
    request_change(scene)

    scene.hears(following.on_change_accepted, an_event(ChangeAccepted, change_id=CHANGE.change_id))

    (item,) = scene.listed()
    assert item["status"] == "resolved"


def test_customer_and_lead_are_told_of_a_broken_promise(scene):
    scene.learns_order()
    add_staff(scene.store, Staff("lena@pledge.example", "Lena", ["lead"]), Staff("g@pledge.example", "G", ["agent"]))
    event = breached("dispatch", "SHP-0000-0000-0", ORDER_NUMBER)

    scene.hears(promises.on_commitment_breached, event, source="logistics")

    assert {(item.recipient, item.tells_customer) for item in scene.owed()} == {
        (ADA, True),
        ("lena@pledge.example", False),
    }


def test_an_apology_in_the_ticket_stops_no_clock(scene):
    number, _ = scene.opened()

    scene.hears(promises.on_commitment_breached, breached("first_response", number), source="support")

    shown = scene.seen(GRACE, number)
    assert [message["author"] for message in shown["messages"]] == ["customer", "system"]
    assert shown["answer_by"] is not None


def test_a_late_parcel_is_told_once_by_the_first_to_notice(scene):
    scene.learns_order()
    parcel = an_event(ParcelException, shipment_number="SHP-0000-0000-0", reason="late")
    scene.hears(following.on_parcel_exception, parcel)

    event = breached("delivery", "SHP-0000-0000-0", ORDER_NUMBER)
    scene.hears(promises.on_commitment_breached, event, source="logistics")

    assert [item.about for item in scene.owed()] == ["parcel_exception"]
    (item,) = scene.listed()
    assert len(scene.seen(GRACE, item["number"])["messages"]) == 1


def sent(scene: Scene, tmp_path: Path, problem: Undeliverable | None = None, at: Any = NOW) -> list[Any]:
    """Run one round of the worker. With a problem, every mail meets it."""
    settings, noted = replace(SETTINGS, data_dir=tmp_path), []
    with scene.work(at=at) as work:
        due = work.notifications.claim_due(limit=100)
    for outcomes in mailing.deliver(due, settings, at):
        met = [each._replace(problem=problem or each.problem) for each in outcomes]
        with scene.work(at=at) as work:
            mailing.note_outcomes(work, met)
            noted += work.notifications.locked(each.key for each in met)
    return noted


def test_a_mail_that_left_is_recorded_as_the_customer_notified(scene, tmp_path):
    scene.learns_order()
    request_change(scene)

    (item,) = sent(scene, tmp_path)

    assert item.status is NotificationStatus.SENT
    with scene.work(reading=True) as work:
        told = [e for e in work.journal.timeline(ORDER_NUMBER, public_only=True) if e["type"] == "customer_notified"]
    assert told[0]["body"]["reference"] == CHANGE.change_id
    (mail,) = mails_in(tmp_path / "mail")
    assert f"/orders/{ORDER_NUMBER}#token=ord_" in link_in(mail)


def test_a_sign_in_mail_is_no_notice_to_a_customer(scene, tmp_path):
    with scene.work(at=NOW) as work:
        sign_in.request_sign_in(work, RequestSignIn(ADA))

    sent(scene, tmp_path)

    with scene.work(reading=True) as work:
        assert list(work.journal.verify()) == []
        assert work.session.connection().exec_driver_sql("SELECT count(*) FROM journal").scalar() == 0


def test_a_mail_is_given_up_after_a_day_of_attempts(scene, tmp_path):
    number, _ = scene.opened()
    scene.does(
        GRACE,
        writing.post_message,
        number,
        body="Which one of the two do you mean?",
        status=TicketStatus.WAITING_CUSTOMER,
    )
    at, rounds = NOW, 0

    while rounds < 100:
        outcomes = sent(scene, tmp_path, Undeliverable("mailbox full"), at=at)
        rounds += bool(outcomes)
        at += HOUR
        if outcomes and outcomes[0].status is NotificationStatus.FAILED:
            break

    assert rounds == 24
    shown = scene.seen(GRACE, number)
    assert shown["status"] == "open"
    assert "mailbox full" in shown["messages"][-1]["body"]
    assert shown["messages"][-1]["internal"]


def test_a_recipient_that_does_not_exist_is_given_up_at_once(scene, tmp_path):
    scene.opened()

    (item,) = sent(scene, tmp_path, Undeliverable("no such user", for_good=True))

    assert item.status is NotificationStatus.FAILED


def test_a_person_is_told_of_an_order_mail_given_up(scene, tmp_path):
    scene.learns_order()
    scene.hears(following.on_order_placed, order_placed(ADA))

    sent(scene, tmp_path, Undeliverable("no such user", for_good=True))
    sent(scene, tmp_path, Undeliverable("no such user", for_good=True))

    (told,) = scene.listed(order_number=ORDER_NUMBER)
    thread = scene.seen(GRACE, told["number"])["messages"]
    assert (told["status"], told["order_link"]) == ("open", "verified")
    assert [message["internal"] for message in thread] == [False, True]
    assert "no such user" in thread[-1]["body"]


def test_a_code_that_can_no_longer_be_used_is_not_sent(scene, tmp_path):
    with scene.work(at=NOW) as work:
        sign_in.request_sign_in(work, RequestSignIn(ADA))

    (item,) = sent(scene, tmp_path, at=NOW + HOUR)

    assert item.status is NotificationStatus.FAILED
    assert mails_in(tmp_path / "mail") == []


def test_a_mail_sent_twice_has_the_same_message_id(scene, tmp_path):
    scene.opened()
    with scene.work(at=NOW) as work:
        due = work.notifications.claim_due()
    settings = replace(SETTINGS, data_dir=tmp_path)

    for _ in range(2):  # as after a crash between sending and noting
        list(mailing.deliver(due, settings, NOW))

    assert len(mails_in(tmp_path / "mail")) == 1


def test_a_mail_never_leaves_while_a_transaction_is_open(scene, tmp_path):
    with pytest.raises(RuntimeError), scene.work():
        list(mailing.deliver([], SETTINGS, NOW))


def test_nothing_that_a_stranger_typed_is_mailed(scene, tmp_path):
    scene.opened(name="Buy pills", subject="at evil.example", message="http://evil.example")

    sent(scene, tmp_path)

    (mail,) = mails_in(tmp_path / "mail")
    text = str(mail) + text_of(mail)
    assert "evil" not in text
    assert "pills" not in text
