"""What must hold when many do the same thing at the same moment, on PostgreSQL with real concurrency."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.errors import ServiceError
from services.common.testing import customer, eventually, guest
from services.common.testing.authenticator import Authenticator
from services.orders.api.events import ChangeRequested
from services.support.adapters import passkeys as adapter
from services.support.api import (
    BadCode,
    LastAdmin,
    PostMessage,
    PutStaff,
    RateTicket,
    RequestSignIn,
    RequestTicketLink,
    SecondFactorRequired,
    ShownPasskey,
    StaffRole,
    VerifySignIn,
)
from services.support.api.escalation import EscalateTicket
from services.support.api.teams import ALL_AGENTS, Availability, PutAvailability, PutTeam
from services.support.api.triage import BatchItem, BatchStep, BatchTickets, MergeTicket, RelateTicket, UnmergeTicket
from services.support.api.uploads import BeginUpload, FinishUpload, MediaType
from services.support.domain import Passkey, Staff
from services.support.domain.people import CODE_TRIES, CODES_AT_ONCE, sign_in_code
from services.support.handlers import (
    assigning,
    batch,
    escalating,
    following,
    links,
    merging,
    opening,
    rating,
    sign_in,
    staff,
    teams,
    tickets,
    uploads,
    writing,
)
from services.support.repository import Reader, Work
from services.support.tests.builders import ADA, NOW, SETTINGS, TICKET_NUMBER, a_form, add_staff, an_event
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path, postgres=True) as scene:
        yield scene


def at_once(times: int, act: Callable[[int], Any]) -> list[Any]:
    """Run the act that many times at once. Return each result, or the ServiceError that refused it."""

    def attempt(turn: int) -> Any:
        try:
            return act(turn)
        except ServiceError as refused:
            return refused

    return list(eventlet.GreenPool(times).imap(attempt, range(times)))


def a_code(scene: Scene) -> str:
    with scene.store.work(Work) as work:
        scene.asked = sign_in.request_sign_in(work, RequestSignIn(ADA))["request"]
    with scene.store.work(Work) as work:
        (item,) = work.notifications.claim_due()
    return sign_in_code(SETTINGS.secret, item.link_key)


def guess(scene: Scene, code: str) -> Any:
    with scene.store.work(Work) as work:
        return sign_in.try_code(work, VerifySignIn(ADA, code, scene.asked))


def test_the_right_code_sent_ten_times_at_once_signs_in_once(scene):
    code = a_code(scene)

    outcomes = at_once(10, lambda _: guess(scene, code))

    assert len([outcome for outcome in outcomes if isinstance(outcome, dict)]) == 1


def test_twenty_guesses_at_once_are_still_no_more_than_five(scene):
    code = a_code(scene)

    at_once(20, lambda turn: guess(scene, f"{turn:08}"))

    with scene.store.work(Work) as work:
        tries = work.session.connection().exec_driver_sql("SELECT tries FROM sign_in_codes").scalar()
    assert tries == CODE_TRIES
    assert isinstance(guess(scene, code), BadCode)


def test_twenty_requests_at_once_send_three_codes(scene):
    def request(_: int) -> None:
        with scene.store.work(Work) as work:
            sign_in.request_sign_in(work, RequestSignIn(ADA))

    at_once(20, request)

    with scene.store.work(Work) as work:
        assert len(work.notifications.claim_due(limit=100)) == CODES_AT_ONCE


def test_each_mail_is_claimed_by_one_worker(scene):
    for _ in range(30):
        with scene.store.work(Work, guest()) as work:
            opening.take_in(work, a_form())

    def claim(_: int) -> list[str]:
        with scene.store.work(Work) as work:
            return [item.key for item in work.notifications.claim_due(limit=5)]

    claimed = Counter(key for keys in at_once(12, claim) for key in keys)

    assert set(claimed.values()) == {1}
    assert len(claimed) == 30


def test_the_same_form_ten_times_at_once_is_one_ticket(scene):
    caller = Caller("guest", trace_id="test", idempotency_key="k1")

    def send(_: int) -> Any:
        with scene.store.work(Work, caller) as work:
            return work.once("open_ticket", {}, lambda: {"n": opening.take_in(work, a_form())[0].number})

    numbers = {reply["n"] for reply in at_once(10, send)}

    assert [item["number"] for item in scene.listed()] == list(numbers)


def test_a_resolution_rated_ten_times_at_once_is_rated_once(scene):
    number = scene.resolved()

    def rate(turn: int) -> Any:
        with scene.store.work(Work, customer(ADA)) as work:
            return rating.rate_ticket(work, number, RateTicket(1 + turn % 5))

    outcomes = at_once(10, rate)

    assert len([outcome for outcome in outcomes if isinstance(outcome, dict)]) == 1
    assert {outcome.code for outcome in outcomes if not isinstance(outcome, dict)} == {"already_rated"}


def test_a_lead_is_asked_ten_times_at_once_and_hears_once(scene):
    with scene.store.work(Work, guest()) as work:
        number = opening.take_in(work, a_form())[0].number
        work.people.add_staff([Staff("lena@pledge.example", "Lena", ["lead"])])

    def ask(_: int) -> Any:
        with scene.store.work(Work, customer(ADA)) as work:
            return escalating.escalate_ticket(work, number, EscalateTicket("Nobody reads what I write."))

    outcomes = at_once(10, ask)

    assert Counter(getattr(each, "code", "done") for each in outcomes) == {"done": 1, "already_escalated": 9}
    with scene.store.work(Work) as work:
        mails = Counter(mail.recipient for mail in work.notifications.claim_due(limit=100))
    assert mails == {ADA: 2, "lena@pledge.example": 1}
    assert len(scene.seen(GRACE, number)["messages"]) == 2


def test_news_of_one_order_at_once_open_one_conversation(scene):
    scene.learns_order()

    def tell(turn: int) -> None:
        event = an_event(ChangeRequested, change_id=f"CHG-{turn}")
        scene.hears(following.on_change_requested, event)

    assert at_once(10, tell) == [None] * 10

    (item,) = scene.listed()
    with scene.store.work(Work, GRACE, reading=True) as work:
        assert len(work.tickets.thread(item["number"], Reader.STAFF)) == 10
        assert list(work.journal.verify()) == []


def test_concurrent_messages_leave_thread_and_clocks_whole(scene):
    with scene.store.work(Work, guest()) as work:
        number = opening.take_in(work, a_form())[0].number

    def write(turn: int) -> Any:
        with scene.store.work(Work, GRACE if turn % 2 else customer(ADA)) as work:
            return writing.post_message(work, number, PostMessage(f"The answer of turn {turn} it is."))

    at_once(10, write)

    with scene.store.work(Work, GRACE, reading=True) as work:
        shown = tickets.get_ticket(work, number)
    assert [message["position"] for message in shown["messages"]] == list(range(1, 12))
    waits = shown["messages"][-1]["author"] == "customer"
    assert (shown["answer_by"] is not None) == waits


def test_of_answers_sent_at_once_one_goes_out(scene):
    with scene.store.work(Work, guest()) as work:
        number = opening.take_in(work, a_form())[0].number
    seen = scene.seen(GRACE, number)["version"]

    def answer(turn: int) -> Any:
        with scene.store.work(Work, GRACE) as work:
            return writing.post_message(work, number, PostMessage(f"The answer of agent {turn} it is.", version=seen))

    outcomes = at_once(10, answer)

    refused = [each for each in outcomes if isinstance(each, ServiceError)]
    assert {each.code for each in refused} == {"version_moved"}
    assert len(refused) == 9
    assert len(scene.seen(GRACE, number)["messages"]) == 2


def test_messages_that_come_too_late_at_once_go_on_in_one_ticket(scene):
    number = scene.resolved()
    scene.does(customer(ADA), tickets.close_ticket, number)

    def write(turn: int) -> Any:
        with clock.frozen(NOW + timedelta(days=20)), scene.store.work(Work, customer(ADA)) as work:
            return writing.post_message(work, number, PostMessage(f"It shrank {turn} times."))

    outcomes = at_once(10, write)

    assert len({each["number"] for each in outcomes}) == 1
    assert len(scene.seen(GRACE, outcomes[0]["number"])["messages"]) == 10


def test_links_asked_for_at_once_are_mailed_once_each(scene):
    with scene.work() as work:
        number = opening.take_in(work, a_form())[0].number
    for _ in range(3):
        with scene.work() as work:
            links.request_ticket_link(work, number, RequestTicketLink(ADA))

    def mail(_: int) -> None:
        with scene.work() as work:
            links.mail_requested_links(work)

    at_once(5, mail)

    assert [item.about for item in scene.owed()].count("link") == 3


def test_two_admins_who_remove_each_other_leave_one(scene):
    admins = ["ada@pledge.example", "boss@pledge.example"]
    with scene.store.work(Work) as work:
        work.add(*(Staff(email, email, ["admin"]) for email in admins))

    def remove(turn: int) -> str:
        act, other = (staff.deactivate_staff, staff.put_staff)[turn % 2], admins[(turn + 1) % 2]
        caller = Caller(f"staff:{admins[turn % 2]}", admins[turn % 2], frozenset({"admin"}))
        with scene.store.work(Work, caller) as work:
            if act is staff.put_staff:
                staff.put_staff(work, other, PutStaff("Demoted", [StaffRole.AGENT]))
            else:
                staff.deactivate_staff(work, other)
        return other

    results = at_once(2, remove)

    assert [type(each) for each in results if not isinstance(each, str)] == [LastAdmin]
    with scene.store.work(Work, reading=True) as work:
        left = [each.email for each in work.people.every_staff() if each.active and "admin" in each.roles]
    assert len(left) == 1


def test_a_passkey_shown_twice_at_once_signs_in_once(scene):
    """The code is used up under its lock, so that one of two answers of the device is left without."""
    device, email = Authenticator("http://127.0.0.1:8000"), ADA
    with scene.store.work(Work) as work:
        work.add(Staff(email, "Ada", ["lead"]))
        site = adapter.site_of(SETTINGS.public_url)
        challenge = adapter.new_challenge()
        made = device.make({"host": site.host, "challenge": challenge})
        taken = adapter.take(site, challenge, made["id"], made["client_data"], made["attestation"])
        assert taken
        work.add(Passkey("key", email, challenge, work.now, "My phone", *taken, work.now))
    code = a_code(scene)
    with scene.store.work(Work) as work:
        refused = sign_in.try_code(work, VerifySignIn(email, code, scene.asked))
    assert isinstance(refused, SecondFactorRequired)
    asked = refused.details["passkeys"]
    answers = [ShownPasskey(**device.show(asked)) for _ in range(5)]

    def attempt(turn: int) -> Any:
        with scene.store.work(Work) as work:
            return sign_in.try_code(work, VerifySignIn(email, code, scene.asked, passkey=answers[turn]))

    results = at_once(5, attempt)

    assert sum(isinstance(each, dict) for each in results) == 1


def test_ten_messages_at_once_share_no_file(scene: Scene) -> None:
    ada = customer(ADA)
    number, _ = scene.opened(ada)
    with scene.work(ada) as work:
        begun = BeginUpload("cup.jpg", 9, "0" * 64, uploads.begin_form(work)["form_token"])
        upload = uploads.begin_upload(work, begun)["id"]
        uploads.finish_upload(work, upload, FinishUpload("cup.jpg", MediaType.JPEG, 9, True))

    def write(turn: int) -> Any:
        with clock.frozen(NOW), scene.store.work(Work, ada) as work:
            return writing.post_message(work, number, PostMessage(f"Here it is, {turn}.", attachments=(upload,)))

    outcomes = at_once(10, write)

    assert Counter(getattr(each, "code", "done") for each in outcomes) == {"done": 1, "upload_missing": 9}
    with scene.work(reading=True) as work:
        assert sum(len(each.attachments) for each in work.tickets.thread(number, Reader.STAFF)) == 1


def test_two_replicas_hand_out_each_ticket_once(scene):
    """Tickets are handed out while people go off and come back, at once."""
    people = [f"agent{each}@pledge.example" for each in range(4)]
    add_staff(scene.store, *(Staff(email, "Agent", ["agent"]) for email in people))
    with scene.work(LENA) as work:
        teams.put_team(work, ALL_AGENTS, PutTeam([], [], automatic=True, cap=3))
    numbers = [scene.opened()[0] for _ in range(20)]

    def act(turn: int) -> None:
        if turn % 3:
            with clock.frozen(NOW):
                return assigning.hand_out_in_turns(partial(scene.store.work, Work))
        wish = PutAvailability(Availability.OFF if turn % 2 else Availability.ACTIVE)
        with scene.work(LENA) as work:
            teams.put_availability(work, people[turn % 4], wish)

    refused = [each for each in at_once(24, act) if each is not None]
    with scene.work(LENA) as work:
        teams.put_availability(work, people[0], PutAvailability(Availability.OFF))
        for email in people[1:]:
            teams.put_availability(work, email, PutAvailability(Availability.ACTIVE))
    at_once(4, lambda _: assigning.hand_out_in_turns(partial(scene.store.work, Work)))

    assert refused == []
    held = Counter(scene.seen(LENA, number)["assignee"] for number in numbers)
    wanted: dict[str | None, int] = {None: 11, **dict.fromkeys(people[1:], 3)}
    assert held == wanted
    with scene.work(reading=True) as work:
        told = [work.tickets.timeline(number, public_only=False) for number in numbers]
    for entries in told:
        moves = [(each["body"]["before"], each["body"]["assignee"]) for each in entries if "assigned" in each["type"]]
        assert all(one[1] == other[0] for one, other in itertools.pairwise(moves)), moves


def a_merge(scene: Scene, source: str, target: str) -> Any:
    with scene.store.work(Work, GRACE) as work:
        return merging.merge_ticket(work, source, MergeTicket(target, "the same question twice"))


def running(scene: Scene, *numbers: str) -> Counter[str]:
    """Count the clocks that run on these tickets, by kind."""
    with scene.store.work(Work) as work:
        return Counter(each.kind for each in work.commitments.of_subjects(numbers) if each.stopped_at is None)


def test_two_tickets_merged_into_each_other_make_no_circle(scene):
    one, two = scene.opened()[0], scene.opened()[0]

    outcomes = at_once(8, lambda turn: a_merge(scene, *((one, two) if turn % 2 else (two, one))))

    (done,) = [each for each in outcomes if isinstance(each, dict)]
    assert {each.code for each in outcomes if each is not done} <= {"merge_circle", "wrong_status"}
    assert done["next_number"] == ({one, two} - {done["number"]}).pop()
    assert running(scene, one, two) == {"first_response": 2, "resolution": 2}


def test_tickets_are_related_while_they_are_merged(scene):
    one, two = sorted(scene.opened()[0] for _ in range(2))

    def act(turn: int) -> Any:
        if turn % 2:
            return a_merge(scene, two, one)
        with scene.store.work(Work, GRACE) as work:
            return merging.relate_ticket(work, two, RelateTicket(one))

    outcomes = at_once(12, act)

    refused = [each for each in outcomes if not isinstance(each, dict)]
    assert {each.code for each in refused} == {"wrong_status"}, "nobody waits for one another"


def test_what_is_written_during_merges_arrives_once(scene):
    numbers = [scene.opened()[0] for _ in range(4)]

    def act(turn: int) -> Any:
        number = numbers[turn % 4]
        if turn < 4:
            return a_merge(scene, number, numbers[(turn + 1) % 4])
        if turn < 8:
            with scene.store.work(Work, GRACE) as work:
                return merging.unmerge_ticket(work, number, UnmergeTicket("not the same"))
        with scene.store.work(Work, customer(ADA)) as work:
            return writing.post_message(work, number, PostMessage(f"More, number {turn}."))

    outcomes = at_once(20, act)

    refused = [each for each in outcomes if not isinstance(each, dict)]
    assert {each.code for each in refused} <= {"merge_circle", "wrong_status", "not_merged"}
    said = [each["body"] for number in numbers for each in scene.seen(GRACE, number)["messages"]]
    assert Counter(each for each in said if each.startswith("More")) == {f"More, number {n}.": 1 for n in range(8, 20)}
    open_ones = [number for number in numbers if scene.seen(GRACE, number)["status"] != "merged"]
    assert open_ones
    assert running(scene, *numbers) == running(scene, *open_ones)
    assert running(scene, *open_ones)["resolution"] == 4


def test_a_batch_sent_twice_at_once_answers_each_ticket_once(scene):
    numbers = [scene.opened()[0] for _ in range(3)]
    caller = replace(GRACE, idempotency_key="batch-1")
    request = BatchTickets(
        BatchStep.ANSWER, [BatchItem(each) for each in (*numbers, TICKET_NUMBER)], body="The shirt is made of cotton."
    )

    found = at_once(4, lambda _: batch.batch_tickets(partial(scene.store.work, Work, caller), request))

    assert [each["done"] for each in found] == [3] * 4
    assert all(each["items"][3]["code"] == "ticket_not_found" for each in found)
    assert [len(scene.seen(GRACE, number)["messages"]) for number in numbers] == [2] * 3


def test_who_erases_and_who_writes_wait_in_one_line(scene):
    target, source = sorted(scene.opened(customer(ADA))[0] for _ in range(2))
    assert isinstance(a_merge(scene, source, target), dict)

    def erase() -> list[str]:
        with scene.store.work(Work) as work:
            return [each.number for each in work.erasing.tickets_of(ADA)]

    with scene.store.work(Work, customer(ADA)) as work:
        held = work.tickets.get(source, lock=True)
        erasing = eventlet.spawn(erase)
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        eventually(lambda: work.session.scalar(waiting))
        assert work.tickets.goes_on(held).number == target

    assert erasing.wait() == [source, target]
