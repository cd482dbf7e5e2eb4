"""The fault harness's checker on a real platform's evidence: true as it is, and red in each promise when it is not.

The evidence is tampered with as a lost, doubled or wrong row would be seen: one row, or one entry of the clients'
record, at a time.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deploy.lab.chaos import deliveries
from deploy.lab.chaos.evidence import Evidence
from deploy.lab.chaos.promises import PROMISES, broken, judge
from services.common.basics.clock import now
from tests.e2e.chaos.play import Play

Tamper = Callable[[Evidence], None]


@pytest.fixture(scope="module")
def evidence(play: Play) -> Evidence:
    """Return what is left when each story was told once."""
    ada = play.customer
    for story in (ada.buys_and_sends_back, ada.asks, ada.cancels, ada.is_declined_first, ada.is_short_of_something):
        story()
    play.rest()
    return play.evidence


def rows(evidence: Evidence, place: str) -> list[Any]:
    """Return the table `service.table`, as a list of its own that may be changed."""
    service, _, table = place.partition(".")
    changed = list(evidence.rows(service, table))
    evidence._tables[service, table] = changed
    return changed


def find(table: list[Any], **wanted: Any) -> int:
    return next(at for at, row in enumerate(table) if all(row[name] == value for name, value in wanted.items()))


def lost(place: str, **wanted: Any) -> Tamper:
    """Remove the first row of that kind."""

    def tamper(evidence: Evidence) -> None:
        table = rows(evidence, place)
        del table[find(table, **wanted)]

    return tamper


def doubled(place: str, wanted: dict[str, Any], **changes: Any) -> Tamper:
    """Add the first row of that kind a second time, with these changes."""

    def tamper(evidence: Evidence) -> None:
        table = rows(evidence, place)
        table.append({**table[find(table, **wanted)], **changes})

    return tamper


def wrong(place: str, wanted: dict[str, Any], **changes: Any) -> Tamper:
    """Change the first row of that kind."""

    def tamper(evidence: Evidence) -> None:
        table = rows(evidence, place)
        at = find(table, **wanted)
        table[at] = {**table[at], **changes}

    return tamper


def heard(what: str, **facts: Any) -> Tamper:
    """Add an entry to the clients' record."""
    return lambda evidence: evidence.entries.append({"what": what, **facts})


def paid_back_again(evidence: Evidence) -> None:
    evidence.entries.append(evidence.recorded("paid_back")[0])


def done_again_later(evidence: Evidence) -> None:
    table = rows(evidence, "logistics.journal")
    effect = next(row for row in table if row["causation_id"] and row["actor"] == "service:logistics")
    table.append({**effect, "id": "again", "occurred_at": effect["occurred_at"] + timedelta(seconds=1)})


TAMPERINGS: dict[str, Tamper] = {
    "orders_exist_exactly_once": lost("orders.orders"),
    "payments_are_captured_exactly_once": doubled("orders.journal", {"type": "payment_captured"}),
    "messages_exist_exactly_once": doubled("support.messages", {"author": "agent"}),
    "returns_exist_exactly_once": doubled("aftersales.returns", {}, number="RMA-AGAIN"),
    "dispatches_and_scans_exist_exactly_once": doubled("logistics.tracking_events", {}),
    "decisions_are_kept_as_given": wrong("orders.changes", {"kind": "stock_short"}, status="awaiting_customer"),
    "what_the_bank_took_is_captured": wrong("orders.payments", {}, captured=1),
    "refunds_never_exceed_what_was_captured": wrong("orders.refunds", {}, amount=10**9),
    "nothing_is_owed_and_nothing_paid_too_much": lost("orders.refunds"),
    "every_refund_was_paid_back_once_by_the_bank": paid_back_again,
    "shelves_equal_their_ledger": lost("orders.stock_ledger"),
    "what_is_reserved_belongs_to_open_orders": wrong("orders.stock_ledger", {}, reserved_delta=1),
    "corrections_are_counted_exactly_once": lambda evidence: rows(evidence, "orders.stock_ledger").extend(
        evidence.rows("orders", "stock_ledger")
    ),
    "every_event_reached_every_follower": lost("support.inbox"),
    "no_event_is_known_that_was_never_recorded": lost("orders.journal", type="order_placed"),
    "every_event_had_its_effect_once": done_again_later,
    "services_agree_on_what_happened": lost("support.order_contacts"),
    "no_clock_is_missing": lost("logistics.commitments"),
    "every_clock_is_open_kept_or_breached": wrong("orders.commitments", {}, due_at=None),
    "no_answer_went_to_another": heard("answer", client="ada", asked="ORD-1", got="ORD-2"),
    "no_answer_was_a_surprise": heard("failure", client="ada", asked="GET /", got="500"),
    "no_request_hung": heard("hang", client="ada", asked="GET /", seconds=60),
    "processes_end_only_when_told_and_then_well": heard("ended", name="orders.1", told=False, code=1),
    "no_dead_letters": wrong("support.inbox", {}, done_at=None, dead_at=now(), error="Conflict: no"),
}
ON_THE_PLATFORM = {"journals_verify", "everything_came_to_rest"}


def test_every_promise_is_seen_broken_here() -> None:
    assert TAMPERINGS.keys() | ON_THE_PLATFORM == {promise.__name__ for promise in PROMISES}


def test_what_really_happened_breaks_no_promise(evidence: Evidence) -> None:
    assert broken(judge(evidence)) == set()


@pytest.mark.parametrize("promise", TAMPERINGS)
def test_one_row_or_answer_that_is_wrong_breaks_its_promise(evidence: Evidence, promise: str) -> None:
    tampered = copy.copy(evidence)
    tampered._tables, tampered.entries = dict(evidence._tables), list(evidence.entries)

    TAMPERINGS[promise](tampered)

    assert promise in broken(judge(tampered))


def test_an_event_that_waits_in_a_queue_is_not_at_rest(play: Play, evidence: Evidence) -> None:
    member = play.stage.members["support.1"]
    member.kill()
    deliveries.publish(play.stage.amqp_uri, "orders", evidence.events("orders", "order_placed")[:1])

    found = broken(judge(play.evidence))

    member.start()
    play.rest()
    assert found == {"everything_came_to_rest"}


def test_an_edited_journal_entry_does_not_verify(play: Play) -> None:
    with edited(play.stage.owners["orders"]):
        assert broken(judge(play.evidence)) == {"journals_verify"}

    assert broken(judge(play.evidence)) == set()


@contextmanager
def edited(url: str) -> Iterator[None]:
    """Edit the journal as the owner of its table, who may switch the triggers off. Undo it afterwards."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)

    def edit(sets: str) -> None:
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE journal DISABLE TRIGGER USER"))
            connection.execute(sa.text(f"UPDATE journal SET {sets} WHERE position = 1"))  # noqa: S608 (our own text)
            connection.execute(sa.text("ALTER TABLE journal ENABLE TRIGGER USER"))

    edit("actor = actor || '!'")
    try:
        yield
    finally:
        edit("actor = rtrim(actor, '!')")
        engine.dispose()
