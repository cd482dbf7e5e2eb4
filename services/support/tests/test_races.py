"""What must hold when many do the same thing at the same moment, on PostgreSQL with real concurrency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest

from services.common.basics.caller import Caller
from services.common.basics.errors import ServiceError
from services.common.store.database import Store
from services.common.testing import customer, fresh_store, guest, staff
from services.support.domain import Category, ResolutionCode
from services.support.domain.people import CODE_TRIES, CODES_PER_WINDOW, sign_in_code
from services.support.handlers import news, sign_in, tickets
from services.support.mails import orders
from services.support.repository import Work
from services.support.tests.builders import ADA, ORDER_NUMBER, SETTINGS, a_form, heard, order_placed

pytestmark = pytest.mark.integration
GRACE = staff("agent", email="grace@pledge.example")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("support", tmp_path, postgres=True) as store:
        yield store


def at_once(times: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of them got, a ServiceError where it was refused."""

    def attempt(turn: int) -> Any:
        try:
            return act(turn)
        except ServiceError as refused:
            return refused

    return list(eventlet.GreenPool(times).imap(attempt, range(times)))


def one_code(store: Store) -> str:
    with store.work(Work) as work:
        sign_in.request_sign_in(work, ADA)
    with store.work(Work) as work:
        (item,) = work.notifications.claim_due()
    return sign_in_code(SETTINGS.secret, item.link_key)


def guess(store: Store, code: str) -> Any:
    with store.work(Work) as work:
        return sign_in.verify_sign_in(work, SETTINGS, ADA, code)


def test_the_right_code_sent_ten_times_at_once_signs_in_once(store):
    code = one_code(store)

    outcomes = at_once(10, lambda _: guess(store, code))

    assert len([outcome for outcome in outcomes if outcome]) == 1


def test_twenty_guesses_at_once_are_still_no_more_than_five(store):
    code = one_code(store)

    at_once(20, lambda turn: guess(store, f"{turn:08}"))

    with store.work(Work) as work:
        tries = work.session.connection().exec_driver_sql("SELECT tries FROM sign_in_codes").scalar()
    assert tries == CODE_TRIES
    assert guess(store, code) is None


def test_twenty_requests_at_once_send_five_codes(store):
    def request(_: int) -> None:
        with store.work(Work) as work:
            sign_in.request_sign_in(work, ADA)

    at_once(20, request)

    with store.work(Work) as work:
        assert len(work.notifications.claim_due(limit=100)) == CODES_PER_WINDOW


def test_each_mail_is_claimed_by_one_worker(store):
    for _ in range(30):
        with store.work(Work, guest()) as work:
            tickets.open_ticket(work, SETTINGS, a_form())

    def claim(_: int) -> list[str]:
        with store.work(Work) as work:
            return [item.key for item in work.notifications.claim_due(limit=5)]

    claimed = Counter(key for keys in at_once(12, claim) for key in keys)

    assert set(claimed.values()) == {1}
    assert len(claimed) == 30


def test_the_same_form_ten_times_at_once_is_one_ticket(store):
    caller = Caller("guest", trace_id="test", idempotency_key="k1")

    def send(_: int) -> Any:
        with store.work(Work, caller) as work:
            return work.once("open_ticket", {}, lambda: {"n": tickets.open_ticket(work, SETTINGS, a_form())[0].number})

    numbers = {reply["n"] for reply in at_once(10, send)}

    with store.work(Work, GRACE, reading=True) as work:
        assert [item["number"] for item in tickets.list_tickets(work, {})["items"]] == list(numbers)


def test_a_resolution_rated_ten_times_at_once_is_rated_once(store):
    with store.work(Work, guest()) as work:
        number = tickets.open_ticket(work, SETTINGS, a_form())[0].number
    with store.work(Work, GRACE) as work:
        tickets.post_message(work, SETTINGS, number, {"body": "It is cotton."})
        tickets.resolve_ticket(work, SETTINGS, number, {"code": ResolutionCode.ANSWERED})

    def rate(turn: int) -> Any:
        with store.work(Work, customer(ADA)) as work:
            return tickets.rate_ticket(work, SETTINGS, number, {"score": 1 + turn % 5})

    outcomes = at_once(10, rate)

    assert len([outcome for outcome in outcomes if isinstance(outcome, dict)]) == 1
    assert {outcome.code for outcome in outcomes if not isinstance(outcome, dict)} == {"already_rated"}


def test_news_of_one_order_at_once_open_one_conversation(store):
    placed = order_placed()
    with store.work(Work) as work:
        news.learn_contact(work, heard("orders", "order_placed", placed), placed)

    def tell(turn: int) -> None:
        event = {
            "order_number": ORDER_NUMBER,
            "change_id": f"CHG-{turn}",
            "summary": "One mug is missing.",
            "options": [{"label": "Wait"}],
        }
        message = heard("orders", "change_requested", event)
        with store.work(Work) as work:
            news.reach_out(work, SETTINGS, message, event, orders.change_requested, Category.ORDER, needs_answer=True)

    assert at_once(10, tell) == [None] * 10

    with store.work(Work, GRACE, reading=True) as work:
        (item,) = tickets.list_tickets(work, {})["items"]
        assert len(work.tickets.thread(item["number"], internal=True)) == 10
        assert list(work.journal.verify()) == []


def test_an_answer_and_a_message_at_once_leave_thread_and_clocks_whole(store):
    with store.work(Work, guest()) as work:
        number = tickets.open_ticket(work, SETTINGS, a_form())[0].number

    def write(turn: int) -> Any:
        with store.work(Work, GRACE if turn % 2 else customer(ADA)) as work:
            return tickets.post_message(work, SETTINGS, number, {"body": f"{turn}"})

    at_once(10, write)

    with store.work(Work, GRACE, reading=True) as work:
        shown = tickets.get_ticket(work, SETTINGS, number)
    assert [message["position"] for message in shown["messages"]] == list(range(1, 12))
    waits = shown["messages"][-1]["author"] == "customer"
    assert (shown["answer_by"] is not None) == waits
