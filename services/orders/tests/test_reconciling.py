"""The books of a provider beside ours: each entry is matched once, and a person is asked once about what differs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.errors import Unavailable
from services.common.store import tables as kit
from services.orders import tables
from services.orders.adapters.payments import BookedPage, FactKind, PaymentFact
from services.orders.adapters.payments.sandbox import Sandbox
from services.orders.api.statuses import BookedKind
from services.orders.domain import Payment
from services.orders.domain.books import COMPARED, BookedEntry
from services.orders.handlers import reconciling
from services.orders.handlers.book_turns import LEASE
from services.orders.repository import Work
from services.orders.settings import OrdersSettings
from services.orders.tests.builders import captured
from services.orders.tests.scene import Scene
from services.orders.tests.test_money import GRACE, bank_refund, cases, settle

DAY = timedelta(days=1)


class Bank(Sandbox):
    """The sandbox bank, with books that a test writes: two entries on a page. down: how many pages it refuses."""

    entries: ClassVar[list[BookedEntry]] = []
    down: ClassVar[list[int]] = [0]

    def booked(self, since: datetime, until: datetime, after: str) -> BookedPage:
        if self.down[0]:
            self.down[0] -= 1
            raise Unavailable("no answer", code="provider_unavailable")
        found = [each for each in self.entries if since <= each.moved_at <= until]
        start = int(after or 0)
        return BookedPage(tuple(found[start : start + 2]), str(start + 2) if len(found) > start + 2 else "")


@pytest.fixture
def bank(scene: Scene) -> Bank:
    bank = Bank()
    bank.entries.clear()
    bank.down[0] = 0

    class Settings(OrdersSettings):
        @property
        def providers(self) -> Any:
            return {**super().providers, "sandbox": bank}

    scene.store.settings = Settings.load({})
    return bank


def entry(
    about: str, cents: int, kind: BookedKind = BookedKind.CAPTURE, name: str = "", currency: str = "USD"
) -> BookedEntry:
    return BookedEntry("sandbox", name or f"txn {about}", kind, cents, currency, about, about, "", clock.now())


def compare(scene: Scene, later: timedelta = timedelta()) -> Any:
    """Compare now, as a lead asks for it. Return how it stands."""
    with clock.shifted(later):
        scene.do(reconciling.compare_books, caller=GRACE)
        reconciling.compare_due(partial(scene.store.work, Work))
        return scene.do(reconciling.list_books, caller=GRACE)["items"][0]


def transactions_of_a_comparison(scene: Scene, later: timedelta) -> int:
    begun: list[None] = []

    def transaction(**more: Any) -> Any:
        begun.append(None)
        return scene.store.work(Work, **more)

    with clock.shifted(later):
        reconciling.compare_due(transaction)
    return len(begun)


def rows_of(table: sa.Table, work: Work) -> int:
    return work.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def paid(scene: Scene) -> Payment:
    number = scene.paid()
    payments: list[Payment] = scene.do(lambda work: work.payments.of_order(number))
    return payments[0]


def test_what_both_have_is_matched_once_however_often_read(scene: Scene, bank: Bank) -> None:
    payments = [paid(scene) for _ in range(5)]
    bank.entries.extend([entry(str(payment.reference), 2500) for payment in payments])

    first, again = compare(scene, 2 * DAY), compare(scene, 3 * DAY)

    assert (first["differences"], again["differences"], cases(scene)) == (0, 0, [])
    assert first["compared_at"] is not None
    assert first["problem"] is None


def test_a_difference_is_asked_about_once_and_ends_by_itself(scene: Scene, bank: Bank) -> None:
    number = scene.place()
    payment = scene.start(number)
    bank.entries.append(replace(entry("pay.lost", 2500), payment_id=payment.payment_id))

    young, old, again = compare(scene), compare(scene, 2 * DAY), compare(scene, 3 * DAY)
    asked = cases(scene)
    scene.report(replace(captured(payment), reference="pay.lost"))  # the webhook comes after all
    healed = compare(scene, 3 * DAY)

    assert [each["differences"] for each in (young, old, again, healed)] == [0, 1, 1, 0]
    assert [(case["kind"], case["payment_id"], case["order_number"]) for case in asked] == [
        ("books_differ", payment.payment_id, number)
    ]
    assert cases(scene) == []


def test_each_difference_ends_in_a_transaction_of_its_own(scene: Scene, bank: Bank) -> None:
    payments = [paid(scene) for _ in range(3)]
    compare(scene, 2 * DAY)
    with clock.shifted(3 * DAY):
        bank.entries.extend([entry(str(payment.reference), 2500) for payment in payments])
        scene.do(reconciling.compare_books, caller=GRACE)
    counts = []

    @contextmanager
    def counted(**more: Any) -> Iterator[Work]:
        with scene.store.work(Work, **more) as work:
            yield work
            counts.append(work.books.count("sandbox"))

    with clock.shifted(3 * DAY):
        reconciling.compare_due(counted)

    assert (counts[0], counts[-1]) == (3, 0)
    assert max(before - after for before, after in pairwise(counts)) == 1, "who locks two orders may wait in a circle"


def test_what_only_we_have_is_asked_about_after_the_grace(scene: Scene, bank: Bank) -> None:
    payment = paid(scene)

    young, old = compare(scene), compare(scene, 2 * DAY)
    settle(scene, payment, "noted")
    noted = compare(scene, 3 * DAY)
    with clock.shifted(3 * DAY):
        bank.entries.append(entry(str(payment.reference), 2500))
    healed = compare(scene, 3 * DAY)

    assert [each["differences"] for each in (young, old, noted, healed)] == [0, 1, 1, 0]
    assert cases(scene) == []


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([(2400, "USD")], "24.00 USD, and we have 25.00 USD"),
        ([(2500, "EUR")], "25.00 EUR, and we have 25.00 USD"),
        ([(2500, "USD"), (2500, "USD")], "twice"),
    ],
    ids=["amount", "currency", "twice"],
)
def test_another_amount_currency_or_number_is_one_case(
    scene: Scene, bank: Bank, entries: list[tuple[int, str]], said: str
) -> None:
    reference = str(paid(scene).reference)
    bank.entries.extend(
        entry(reference, cents, name=f"txn {place}", currency=currency)
        for place, (cents, currency) in enumerate(entries)
    )

    for later in (2, 3):
        assert compare(scene, later * DAY)["differences"] == 1

    (case,) = cases(scene)
    assert said in case["reason"]


def test_money_of_no_order_is_asked_about(scene: Scene, bank: Bank) -> None:
    bank.entries.extend([entry("nobody's", 990), entry("nobody's refund", 100, BookedKind.REFUND)])

    compare(scene, 2 * DAY)

    assert [(case["kind"], case["order_number"]) for case in cases(scene)] == [("books_differ", None)] * 2


def test_what_was_asked_about_is_not_asked_about_again(scene: Scene, bank: Bank) -> None:
    back = PaymentFact("r", FactKind.REFUND_SETTLED, "", "", 100, "USD", "re.1", payment_reference="nobody's")
    scene.report(back)
    bank.entries.append(entry("re.1", 100, BookedKind.REFUND))

    compare(scene, 2 * DAY)

    assert [case["kind"] for case in cases(scene)] == ["unknown_payment"]


def test_money_in_another_currency_that_went_back_is_ours(scene: Scene, bank: Bank) -> None:
    payment = scene.pay(scene.place(), 1500, "JPY")
    scene.report(bank_refund(payment, 1500, "JPY", "re.1"))
    taken = entry(str(scene.do(lambda work: work.payments.of_order(payment.order_number))[0].reference), 1500)
    back = replace(entry("re.1", 1500, BookedKind.REFUND), payment_id=payment.payment_id)
    more = replace(back, about="re.2", name="txn re.2")
    bank.entries.extend(replace(each, currency="JPY") for each in (taken, back, more))

    compare(scene, 2 * DAY)

    (case,) = cases(scene)
    assert case["reference"] == "refund re.2", "so much has not gone back"


def test_refunds_and_disputes_are_in_the_books(scene: Scene, bank: Bank) -> None:
    payment = paid(scene)
    told = PaymentFact("d", FactKind.DISPUTED, payment.payment_id, "", 2500, "USD", "dp", dispute="dp.1")
    scene.report(told, replace(told, event_id="l", kind=FactKind.DISPUTE_LOST))
    bank.entries.extend([entry(str(payment.reference), 2500)])
    missing = compare(scene, 2 * DAY)

    bank.entries.extend([entry("dp.1", 2500, BookedKind.DISPUTE), entry("dp.1", 2500, BookedKind.DISPUTE_BACK, "back")])
    back = compare(scene, 2 * DAY)
    scene.report(replace(told, event_id="w", kind=FactKind.DISPUTE_WON))
    healed = compare(scene, 4 * DAY)

    assert [each["differences"] for each in (missing, back, healed)] == [1, 1, 0]
    assert "books_differ" not in {case["kind"] for case in cases(scene)}


def test_who_stops_in_the_middle_goes_on_from_there(scene: Scene, bank: Bank) -> None:
    payments = [paid(scene) for _ in range(5)]
    bank.entries.extend([entry(str(payment.reference), 2500) for payment in payments])
    transaction = partial(scene.store.work, Work)
    later = 2 * DAY

    class Stopped(Exception):
        pass

    @dataclass
    class Breaking:
        """A way to the database that breaks at the given step."""

        left: int

        def __call__(self, **more: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise Stopped
            return transaction(**more)

    for steps in range(1, 40):
        with clock.shifted(later + steps * LEASE):
            scene.do(reconciling.compare_books, caller=GRACE)
            try:
                reconciling.compare_due(Breaking(steps))
                break
            except Stopped:
                continue

    assert steps > 5
    assert (compare(scene, later + 40 * LEASE)["differences"], cases(scene)) == (0, [])


def test_two_replicas_do_not_read_the_same_pages(scene: Scene, bank: Bank) -> None:
    bank.entries.extend([entry(f"pay.{each}", 100) for each in range(8)])
    transaction = partial(scene.store.work, Work)
    read, pages = bank.booked, list[str]()

    def meanwhile(since: datetime, until: datetime, after: str) -> BookedPage:
        pages.append(after)
        if len(pages) < 9:
            scene.do(reconciling.compare_books, caller=GRACE)  # a lead is in a hurry
            reconciling.compare_due(transaction)
        return read(since, until, after)

    bank.booked = meanwhile  # type: ignore[method-assign]
    reconciling.compare_due(transaction)

    assert pages == ["", "2", "4", "6"]


def test_what_is_old_in_the_books_is_dropped_and_not_asked_again(scene: Scene, bank: Bank) -> None:
    payment = paid(scene)
    bank.entries.extend([entry(str(payment.reference), 2500), entry("pay.unknown", 700)])
    before = compare(scene, 2 * DAY)["differences"]
    bank.entries.clear()

    walked = transactions_of_a_comparison(scene, COMPARED + 10 * DAY)
    with clock.shifted(timedelta(days=410)):
        reconciling.forget_old(partial(scene.store.work, Work))
    walked_nothing = transactions_of_a_comparison(scene, timedelta(days=410))

    left = [scene.do(partial(rows_of, each)) for each in (tables.movements, tables.differences)]
    assert (before, left, walked - walked_nothing) == (1, [0, 0], 0)
    assert [case["kind"] for case in cases(scene)] == ["books_differ"], "a person still has it"


def test_a_silent_provider_is_asked_again_and_people_told(scene: Scene, bank: Bank) -> None:
    bank.down[0] = 6

    tries = [compare(scene, timedelta(hours=turn)) for turn in range(7)]

    assert [each["problem"] is None for each in tries] == [False] * 6 + [True]
    told = sa.select(kit.journal.c.type).where(kit.journal.c.subject == "BOOKS-sandbox")
    assert scene.do(lambda work: list(work.session.scalars(told))) == ["books_unread"]
