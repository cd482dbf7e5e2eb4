"""Goods and money: what arrived, what was accepted, and that each cent is paid back once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aftersales.api.events import RefundClaimed, ReturnClosed, ReturnRefunded, ReturnRefundTakenBack
from services.aftersales.api.refusals import AlreadyPaidBack, UnitNotExpected, UnknownRefund
from services.aftersales.api.statuses import ClaimStatus, Condition, Outcome, ReturnStatus
from services.aftersales.domain import Finding, Return
from services.aftersales.tests.builders import (
    ALAN,
    GRACE,
    NOW,
    a_return,
    judged,
    some,
)
from services.common.basics.errors import Invalid
from services.common.basics.money import Money, split

pytestmark = pytest.mark.pure

S = ReturnStatus


# the goods


def test_received_and_accepted_are_two_findings():
    item = a_return(paid=[500, 500, 500], status=S.IN_TRANSIT)

    item.receive([some(Condition.RECEIVED_OK), some(Condition.DAMAGED), some(Condition.LOST_BY_CARRIER)], GRACE, NOW)

    assert item.status is S.RECEIVED
    assert [unit.outcome for unit in item.units] == [None] * 3
    assert item.refund == Money(0)


def test_of_three_requested_and_two_accepted_two_are_refunded():
    item = a_return(paid=[501, 500, 499], status=S.IN_TRANSIT)
    item.receive([some(Condition.RECEIVED_OK, 2), some(Condition.MISSING)], GRACE, NOW)

    events = item.inspect([judged(Outcome.ACCEPTED, 2), judged(Outcome.DISPUTED, note="not in the box")], GRACE, NOW)

    claimed = next(event for event in events if isinstance(event, RefundClaimed))
    assert claimed.amount == Money(1001)
    assert [(unit.line_id, unit.unit) for unit in claimed.units] == [(1, 0), (1, 1)]
    assert item.status is S.REFUND_DUE


def test_only_arrived_and_unaccepted_pieces_are_judged():
    item = a_return(status=S.IN_TRANSIT)
    item.receive([some(Condition.RECEIVED_OK)], GRACE, NOW)

    with pytest.raises(UnitNotExpected):
        item.inspect([judged(Outcome.ACCEPTED, 2)], GRACE, NOW)
    fresh = a_return(status=S.REFUND_DUE)
    with pytest.raises(UnitNotExpected):
        fresh.inspect([judged(Outcome.ACCEPTED)], GRACE, NOW)


def test_a_dispute_needs_to_say_why():
    item = a_return(status=S.RECEIVED)

    with pytest.raises(Invalid, match="dispute_without_note"):
        item.inspect([judged(Outcome.DISPUTED)], GRACE, NOW)


def test_a_disputed_piece_can_be_accepted_after_all():
    item = a_return(paid=[700], status=S.INSPECTED)

    item.inspect([judged(Outcome.ACCEPTED)], ALAN, NOW)

    assert (item.status, item.refund) == (S.REFUND_DUE, Money(700))


def test_what_the_order_paid_back_already_cannot_be_accepted():
    item = a_return(status=S.RECEIVED)

    with pytest.raises(AlreadyPaidBack):
        item.inspect([judged(Outcome.ACCEPTED)], GRACE, NOW, paid_back={(1, 0)})


def test_goods_that_arrive_after_the_return_lapsed_are_received():
    item = a_return(status=S.LAPSED)

    item.receive([some(Condition.RECEIVED_OK, 2)], GRACE, NOW)

    assert item.status is S.RECEIVED
    assert all(unit.holds for unit in item.units)


def test_a_return_in_two_parcels_is_refunded_in_two_claims():
    item = a_return(paid=[600, 400], status=S.IN_TRANSIT)
    item.receive([some(Condition.RECEIVED_OK)], GRACE, NOW)
    item.inspect([judged(Outcome.ACCEPTED)], GRACE, NOW)
    settle(item, "REF-1", 600)
    assert status_of(item) is S.IN_TRANSIT

    item.receive([some(Condition.RECEIVED_OK)], GRACE, NOW)
    item.inspect([judged(Outcome.ACCEPTED)], GRACE, NOW)
    settle(item, "REF-2", 400, seq=2)

    assert item.status is S.CLOSED
    assert [claim.amount for claim in item.claims] == [Money(600), Money(400)]


# the money


def status_of(item: Return) -> ReturnStatus:
    """Return the status again: a type checker would remember the first value."""
    return item.status


def settle(item: Return, refund_id: str, cents: int, seq: int = 1) -> list[object]:
    return [*item.hear_of_refund(ClaimStatus.SETTLED, refund_id, Money(cents), seq, NOW, NOW)[1]]


def test_the_return_closes_when_the_money_has_arrived():
    item = a_return(paid=[1999, 1998], status=S.REFUND_DUE)

    events = settle(item, "REF-1", 3997)

    assert [type(event) for event in events] == [ReturnRefunded, ReturnClosed]
    assert (item.status, item.closed_at) == (S.CLOSED, NOW)


def test_a_failed_refund_stays_due_and_may_settle_later():
    item = a_return(paid=[1000], status=S.REFUND_DUE)
    item.hear_of_refund(ClaimStatus.FAILED, "REF-1", Money(1000), 5, NOW, NOW)
    assert status_of(item) is S.REFUND_DUE

    settle(item, "REF-1", 1000, seq=8)

    assert item.status is S.CLOSED


@given(st.permutations([(ClaimStatus.SUBMITTED, 1), (ClaimStatus.FAILED, 2), (ClaimStatus.SUBMITTED, 3)]))
def test_old_news_of_the_ledger_does_not_undo_newer_news(news):
    item = a_return(paid=[1000], status=S.REFUND_DUE)

    for status, seq in news:
        item.hear_of_refund(status, "REF-1", Money(1000), seq, NOW, NOW)

    assert (item.claims[0].status, item.status) == (ClaimStatus.SUBMITTED, S.REFUND_DUE)


def test_a_refund_the_bank_takes_back_is_owed_again():
    item = a_return(paid=[1000], status=S.REFUND_DUE)
    settle(item, "REF-1", 1000)

    claim, events = item.hear_of_refund(ClaimStatus.FAILED, "REF-1", Money(1000), 99, NOW, NOW)

    assert (item.status, item.closed_at) == (S.REFUND_DUE, None)
    assert claim is not None
    assert (claim.status, claim.settled_at) == (ClaimStatus.FAILED, None)
    assert [type(event) for event in events] == [ReturnRefundTakenBack]


PAID = (ClaimStatus.SUBMITTED, ClaimStatus.FAILED, ClaimStatus.SUBMITTED, ClaimStatus.SETTLED)
TAKEN_BACK = (*PAID, ClaimStatus.FAILED)
PAID_AGAIN = (*TAKEN_BACK, ClaimStatus.SUBMITTED, ClaimStatus.SETTLED)


@pytest.mark.parametrize(("told", "end"), [(PAID, S.CLOSED), (TAKEN_BACK, S.REFUND_DUE), (PAID_AGAIN, S.CLOSED)])
@given(st.data())
def test_refund_news_ends_alike_in_any_order(told, end, data):
    item = a_return(paid=[1000], status=S.REFUND_DUE)
    news = data.draw(st.permutations([(status, seq) for seq, status in enumerate(told, 1)]))

    for status, seq in [*news, *news]:
        item.hear_of_refund(status, "REF-1", Money(1000), seq, NOW, NOW)

    assert item.status is end
    assert item.claims[0].settled_at == (NOW if end is S.CLOSED else None)


def test_news_of_a_refund_that_was_not_claimed_is_an_error():
    item = a_return(paid=[1000], status=S.REFUND_DUE)

    with pytest.raises(UnknownRefund):
        settle(item, "REF-1", 999)


def test_pieces_that_cost_nothing_need_no_refund():
    item = a_return(paid=[0], status=S.RECEIVED)

    events = item.inspect([judged(Outcome.ACCEPTED)], GRACE, NOW)

    assert (item.status, item.claims) == (S.CLOSED, [])
    assert not [event for event in events if isinstance(event, RefundClaimed)]


@given(st.integers(1, 10**7), st.integers(1, 12), st.data())
def test_each_cent_is_refunded_once_in_any_order_of_parts(total, pieces, data):
    paid = split(Money(total), [1] * pieces)
    item = a_return(paid=[part.cents for part in paid], status=S.IN_TRANSIT)
    claimed: list[Money] = []
    left = list(range(pieces))

    while left:
        batch = data.draw(st.lists(st.sampled_from(left), min_size=1, unique=True))
        left = [unit for unit in left if unit not in batch]
        item.receive(
            [some(Condition.RECEIVED_OK)._replace(sku=None, line_id=1, unit=unit) for unit in batch], GRACE, NOW
        )
        found = item.inspect([Finding(Outcome.ACCEPTED, line_id=1, unit=unit) for unit in batch], GRACE, NOW)
        claimed += [event.amount for event in found if isinstance(event, RefundClaimed)]

    assert Money.total(claimed) == Money(total) == item.refund
