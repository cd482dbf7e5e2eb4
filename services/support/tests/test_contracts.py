"""What support promises to others (contracts/*.v1.json), and what it relies on of theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyotp
import pytest

from services.common.basics import clock, ids
from services.common.basics.caller import Caller
from services.common.bus.travel import read_event
from services.common.commitments.events import CommitmentAtRisk, CommitmentBreached
from services.common.runtime.following import Following
from services.common.store import tables
from services.common.store.journal import as_published
from services.common.testing import customer, promised, staff
from services.common.testing.authenticator import Authenticator
from services.support.adapters.mail.sending import Undeliverable
from services.support.api import (
    AgentCode,
    BeginTicket,
    Category,
    ClosedBy,
    ConfirmFactor,
    ConfirmPasskey,
    ConfirmPrivacy,
    ListTickets,
    PrivacyKind,
    PutStaff,
    RequestSignIn,
    StaffRole,
    VerifySignIn,
)
from services.support.api.api_keys import KeyRole, MakeApiKey
from services.support.api.articles import ArticleTopic, GiveFeedback, PublishArticle, SaveArticle
from services.support.api.canned import DeleteReply, SaveReply
from services.support.api.guard import Suspicion
from services.support.api.quality import ListQuality, ReviewAnswer
from services.support.api.sorting import PutRules, SortingRule
from services.support.api.teams import Availability, PutAvailability, PutTeam
from services.support.api.webhooks import AddEndpoint, ChangeEndpoint, ListDeliveries
from services.support.domain import Staff
from services.support.domain.ladder import AT_RISK, Rung
from services.support.domain.people import sign_in_code
from services.support.handlers import (
    api_keys,
    articles,
    assigning,
    canned,
    complaints,
    delivering,
    escalating,
    factors,
    ladder,
    links,
    mailing,
    merging,
    opening,
    passkeys,
    privacy,
    quality,
    rating,
    sessions,
    sign_in,
    sorting,
    splitting,
    suggestions,
    teams,
    tickets,
    verifying,
    webhooks,
    writing,
)
from services.support.handlers import staff as staff_handlers
from services.support.repository import Work
from services.support.service import SupportService
from services.support.tests.builders import (
    ADA,
    DAY,
    NOW,
    ORDER_NUMBER,
    SETTINGS,
    a_form,
    add_staff,
    message_of,
    order_placed,
)
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

EMAIL = "grace@pledge.example"
CONTRACTS = Path(__file__).parents[1] / "contracts"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Make every event and reply of a whole story, by the name of its contract."""
    with a_scene(tmp_path_factory.mktemp("contracts")) as scene, clock.frozen(NOW):
        yield story(scene)


def story(scene: Scene) -> dict[str, Any]:
    """Play one ticket's life with everything that can happen in it."""
    lena, ada = staff("lead", email="lena@x.example"), customer(ADA)
    replies: dict[str, Any] = {}
    add_staff(scene.store, Staff(EMAIL, "Grace", ["agent"]))
    scene.learns_order()
    form = a_form(order_number=ORDER_NUMBER, category=Category.LOGISTICS)
    replies["open_ticket"] = opening.open_ticket(partial(scene.store.work, Work, ada), form)
    number, token = replies["open_ticket"]["ticket_number"], replies["open_ticket"]["access_token"]
    with scene.work(reading=True) as work:
        replies["exchange_ticket_token"] = links.exchange_ticket_token(work, token)

    def does(name: str, handler: Any, caller: Any, **request: Any) -> None:
        replies[name] = scene.does(caller, handler, number, **request)

    with scene.work() as work:
        opening.take_in(work, a_form(), suspicions=[Suspicion.TRAP, Suspicion.TOO_FAST])
    does("assign_ticket", tickets.assign_ticket, GRACE, assignee=EMAIL)
    does("amend_ticket", tickets.amend_ticket, GRACE, category=Category.ORDER)
    does("get_ticket_timeline", tickets.get_ticket_timeline, ada)
    does("note", writing.post_message, GRACE, body="ask the carrier", internal=True)
    does("post_message", writing.post_message, GRACE, body="The parcel arrives on Monday.")
    does("resolve_ticket", tickets.resolve_ticket, GRACE, code=AgentCode.ANSWERED)
    does("rate_ticket", rating.rate_ticket, ada, score=5, comment="Quick.")
    does("get_ticket", tickets.get_ticket, ada)
    does("get_ticket_as_agent", tickets.get_ticket, GRACE)
    with scene.work(GRACE, reading=True) as work:
        replies["list_tickets"] = tickets.list_tickets(work, ListTickets())
    does("reopen_ticket", writing.reopen_ticket, ada)
    does("answer", writing.post_message, GRACE, body="The parcel arrived yesterday.")
    looked_into(scene, number, lena)
    does("escalate_ticket", escalating.escalate_ticket, ada, reason="Nobody reads what I write to you.")
    does("escalation_answered", writing.post_message, lena, body="I have read it all, and I am sorry.")
    does("resolve_again", tickets.resolve_ticket, GRACE, code=AgentCode.SOLVED)
    does("close_ticket", tickets.close_ticket, lena)
    does("mark_spam", tickets.mark_spam, lena, reason="by mistake")
    with scene.work(GRACE) as work:
        begun = BeginTicket("Ada", ADA, Category.ORDER, "Your call", "As you asked on the phone.")
        replies["begin_ticket"] = opening.begin_ticket(work, begun)
    with scene.work() as work:
        first, second, *_ = work.notifications.claim_due()
        refused = Undeliverable("no such user", for_good=True)
        outcomes = [mailing.Outcome(first.key, None), mailing.Outcome(second.key, refused)]
        mailing.note_outcomes(work, outcomes)
    with scene.work() as work:
        asked = sign_in.request_sign_in(work, RequestSignIn(EMAIL))["request"]
    with scene.work() as work:
        code = work.codes.newest(EMAIL)
        assert code is not None
    digits = sign_in_code(SETTINGS.secret, code.id)
    replies["verify_sign_in"] = sign_in.verify_sign_in(
        partial(scene.store.work, Work), VerifySignIn(EMAIL, digits, asked)
    )
    suggested(scene)
    time_runs_out(scene)
    complained(scene, lena)
    people(scene, replies["verify_sign_in"]["session_id"])
    who_gets_it(scene)
    their_own_data(scene)
    an_article(scene, lena)
    a_reply(scene)
    put_together(scene)
    told_elsewhere(scene)
    asked_by_systems(scene)
    made = {f"rpc_{name}": reply for name, reply in replies.items()}
    with scene.work(reading=True) as work:
        rows = work.session.execute(tables.journal.select().order_by(tables.journal.c.position)).mappings()
        for row in rows:
            made[row["type"]] = {"service": "support", **as_published(dict(row))}
    return made


def looked_into(scene: Scene, number: str, lena: Caller) -> None:
    """Have a question looked into, its draft sent back once, and the complete answer given."""

    def does(handler: Any, caller: Caller, place: str, **request: Any) -> Any:
        return scene.does(caller, handler, place, **request)

    asked = does(verifying.verify_ticket, GRACE, number, question="Which dye is in the shirt?", known="two makers")
    for draft, decision in (
        ("It is the dye of the maker.", {"decision": "send_back", "note": "Which one?"}),
        ("It is indigo, of the maker in Porto.", {"decision": "approve"}),
    ):
        does(verifying.draft_answer, GRACE, asked["id"], draft=draft)
        does(verifying.decide_verification, lena, asked["id"], **decision)
    with scene.work(LENA, reading=True) as work:
        found = quality.list_quality(work, ListQuality())["items"][0]
    with scene.work(LENA) as work:
        quality.review_answer(work, found["id"], ReviewAnswer(5, 4, 3))


def time_runs_out(scene: Scene) -> None:
    """Have the first answer to a question come near its end, and its assignee told."""
    number, _ = scene.opened(category=Category.COMPLAINT, topic=None)
    scene.does(LENA, tickets.assign_ticket, number, assignee=EMAIL)
    at = NOW + timedelta(minutes=95)
    with scene.work(at=at) as work:
        clocks = work.tickets.clocks(work.tickets.get(number), lock=False).all
        (clock_,) = [each for each in clocks if each.kind == "first_response"]
        work.ladder.add(Rung(number, clock_.kind, clock_.started_at, AT_RISK, clock_.due_at, at))
    with scene.work(at=at) as work:
        ladder.climb(work)


def suggested(scene: Scene) -> None:
    """Have a suggestion reviewed, in words for the public."""
    number, _ = scene.opened(category=Category.SUGGESTION, topic=None)
    with scene.work() as work:
        found = work.suggestions.of_ticket(number)
        assert found is not None
    words: dict[str, Any] = {"title": "Name the plug", "text": "Each page names the plug.", "public": True}
    scene.does(LENA, suggestions.move_suggestion, found.id, status="reviewed", **words)


def complained(scene: Scene, lena: Caller) -> None:
    """Have a complaint decided, objected to and decided again, with a refund that orders is asked for."""
    mine = Caller(f"customer:{ADA}", ADA, frozenset({"customer"}), frozenset({f"order:{ORDER_NUMBER}"}))
    number, _ = scene.opened(mine, category=Category.COMPLAINT, order_number=ORDER_NUMBER)
    words = "The parcel waited three days in our warehouse. You were right to complain."
    decided: dict[str, Any] = {"step": "decided", "message": words, "cause": "late_delivery"}
    refund = {"remedy": "refund", "amount": {"amount": "20.00", "currency": "USD"}}
    for who, request in (
        (GRACE, {"step": "acknowledged", "message": "We have read what you wrote and look into it now."}),
        (GRACE, {"step": "investigated", "findings": "It lay there.", "message": "We have asked the warehouse."}),
        (GRACE, {**decided, "decision": "partly", "remedy": "apology"}),
        (lena, {"step": "agreed"}),
        (lena, {"step": "improved", "changed": "Parcels leave on the day on which they are packed."}),
    ):
        scene.does(who, complaints.step_complaint, number, **request)
    objection = "The parcel was late a second time, and you did not look at that."
    scene.does(mine, complaints.object_to_decision, number, message=objection)
    leo = staff("lead", email="leo@x.example")
    scene.does(leo, complaints.step_complaint, number, step="investigated", findings="It was late twice.")
    scene.does(leo, complaints.step_complaint, number, **{**decided, "decision": "upheld", **refund})
    lost, _ = scene.opened(mine, category=Category.COMPLAINT, order_number=ORDER_NUMBER)
    for request in (
        {"step": "acknowledged", "message": "We have read what you wrote and look into it now."},
        {"step": "investigated", "findings": "It is lost."},
        {**decided, "decision": "upheld", "remedy": "resend"},
    ):
        scene.does(leo, complaints.step_complaint, lost, **request)


def people(scene: Scene, session_id: str) -> None:
    """Cause every event about people who come and go."""
    grace = Caller(f"staff:{EMAIL}", EMAIL, frozenset({"agent"}), frozenset({f"session:{session_id}"}))
    with scene.work(grace) as work:
        begun = factors.begin_factor(work)
    password = pyotp.TOTP(begun["secret"]).at(NOW)
    factors.confirm_factor(partial(scene.store.work, Work, grace), ConfirmFactor(password))
    device = Authenticator(SETTINGS.public_url)
    with scene.work(grace) as work:
        begun_key = passkeys.begin_passkey(work)
    with scene.work(grace) as work:
        key = passkeys.confirm_passkey(work, ConfirmPasskey("My key", **device.make(begun_key)))
    with scene.work(grace) as work:
        passkeys.remove_passkey(work, key["id"])
    with scene.work(staff("admin")) as work:
        staff_handlers.put_staff(work, "boss@x.example", PutStaff("Boss", [StaffRole.ADMIN]))
        links.end_order_links(work, ORDER_NUMBER)
    with scene.work(grace) as work:
        sessions.sign_out(work)


def who_gets_it(scene: Scene) -> None:
    """Have a team set up and removed, and a member of it go off who has a ticket."""
    mine = Caller(f"customer:{ADA}", ADA, frozenset({"customer"}), frozenset({f"order:{ORDER_NUMBER}"}))
    number, _ = scene.opened(mine, category=Category.AFTERSALES, order_number=ORDER_NUMBER)
    with scene.work(LENA) as work:
        teams.put_team(work, "returns", PutTeam([Category.AFTERSALES], [EMAIL], automatic=True, cap=5))
    assigning.hand_out_in_turns(partial(scene.store.work, Work))
    with scene.work(LENA) as work:
        off = PutAvailability(Availability.OFF, NOW + DAY)
        assert teams.put_availability(work, EMAIL, off)["ours"] == 0
    scene.does(LENA, tickets.assign_ticket, number, assignee=None)
    with scene.work(LENA) as work:
        teams.put_availability(work, EMAIL, PutAvailability(Availability.ACTIVE))
        rule = SortingRule("Plugs", words=["plug"], customers=[ADA], category=Category.ORDER)
        sorting.put_rules(work, PutRules([rule]))
        teams.delete_team(work, "returns")
    scene.does(LENA, tickets.assign_ticket, number, assignee=EMAIL)


def their_own_data(scene: Scene) -> None:
    """Have a copy of a customer's data asked for and mailed, and their erasure confirmed."""
    for kind in PrivacyKind:
        with scene.work(customer(ADA)) as work:
            number = privacy.ask(work, kind)["number"]
            code = sign_in_code(SETTINGS.secret, work.privacy.get(number).code_id)
        privacy.confirm(partial(scene.store.work, Work, customer(ADA)), number, ConfirmPrivacy(code))
    with scene.work() as work:
        (copy,) = (item for item in work.notifications.claim_due() if item.about == "privacy_copy")
        mailing.note_outcomes(work, [mailing.Outcome(copy.key, None)])


def an_article(scene: Scene, lena: Caller) -> None:
    """Have an article written, published, rated and taken away."""
    text = SaveArticle(
        "Which dye is it?", "It is indigo.", "It is indigo, of the maker in Porto.", ArticleTopic.MATERIALS
    )
    with scene.work(GRACE) as work:
        articles.put_article(work, "which-dye", text)
    with scene.work(lena) as work:
        articles.publish_article(work, "which-dye", PublishArticle())
    with scene.work() as work:
        articles.give_feedback(work, "which-dye", GiveFeedback(helpful=True))
    with scene.work(lena) as work:
        articles.withdraw_article(work, "which-dye")


def a_reply(scene: Scene) -> None:
    """Have a canned reply saved and deleted."""
    with scene.work(GRACE) as work:
        saved = canned.put_reply(work, SaveReply("A hint", "Please hold the button for a while."))
        canned.delete_reply(work, saved["id"], DeleteReply())


def put_together(scene: Scene) -> None:
    """Have a ticket merged and taken out again, one split, and two that are not related any more."""
    one, two = scene.opened()[0], scene.opened()[0]
    scene.does(GRACE, merging.merge_ticket, one, into=two, reason="the same question twice")
    scene.does(GRACE, merging.unmerge_ticket, one, reason="not the same")
    scene.does(customer(ADA), writing.post_message, one, body="And where is my parcel?")
    new = scene.does(GRACE, splitting.split_ticket, one, positions=[1], subject="The shirt")["split"]["number"]
    with scene.work(GRACE) as work:
        merging.unrelate_ticket(work, one, new)


def told_elsewhere(scene: Scene) -> None:
    """Have an event sent to an address, and sent again."""
    here, event = partial(scene.store.work, Work, staff("admin")), order_placed()
    wish = AddEndpoint("http://127.0.0.1:9/hooks", ["order_placed"])
    endpoint = webhooks.add_endpoint(here, wish, ["order_placed"])["endpoint"]["id"]
    with scene.work(staff("admin")) as work:
        delivering.queue_event(work, event, message_of(event))
    with scene.work(staff("admin")) as work:
        (found,) = webhooks.list_deliveries(work, ListDeliveries(endpoint_id=endpoint))["items"]
        webhooks.replay_delivery(work, found["id"])
    webhooks.change_endpoint(here, endpoint, ChangeEndpoint(enabled=False), [])


def asked_by_systems(scene: Scene) -> None:
    """Have an admin make a key for a system of the shop, and end it."""
    add_staff(scene.store, Staff("admin@pledge.example", "Ada", ["admin"]))
    with scene.work(staff("admin")) as work:
        key = api_keys.make_key(work, MakeApiKey("stock-system", [KeyRole.WAREHOUSE]))["key"]["id"]
    with scene.work(staff("admin")) as work:
        api_keys.end_key(work, key)


def shape(value: Any) -> Any:
    """Return the keys at every depth. A list is shown by its first item."""
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
    """Build the body of the events that every service emits about its clocks."""
    kind = CommitmentBreached if event_type == "commitment_breached" else CommitmentAtRisk
    times = {"started_at": NOW, "due_at": NOW, "told_at": NOW}
    return kind(kind="dispatch", promised_on="SHP-1", order_number=ORDER_NUMBER, owner="logistics", **times).body()


@pytest.mark.parametrize("following", SupportService.follows, ids=lambda each: f"{each.source}-{each.event.type}")
def test_what_others_promise_is_what_we_read(following: Following):
    of_the_kit, event_type = not following.event.source, following.event.type
    bodies = [kit_body(event_type)] if of_the_kit else [e["body"] for e in promised(following.source, event_type)]

    for body in bodies:
        event = read_event(following.event, body)

        assert event.order is None or ids.is_number(event.order, ids.ORDER)
