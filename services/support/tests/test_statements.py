"""How many statements a message and a mail take: these numbers may only fall."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

from services.common.basics import clock, ids
from services.common.basics.events import Event
from services.common.testing import guest
from services.common.testing.rows import plans
from services.common.testing.statements import Counting
from services.logistics.api.events import ShipmentDispatched
from services.orders.api.events import OrderPlaced, ReviewPassed
from services.support.follows import FOLLOWS
from services.support.handlers import following, mailing, opening
from services.support.repository import Work
from services.support.tests.builders import NOW, a_form, an_event, message_of, order_placed
from services.support.tests.scene import a_scene

MOST = {"contact": 15, "placed": 4, "paid": 4, "gathered": 7, "dispatched": 4, "mails": 8}
"""On SQLite, where the journal takes four; PostgreSQL has two for it. One asks who is to be told of what goes out."""
ANOTHER = {"order_number": ids.number(ids.ORDER, 8)}
FOLLOWING = {each.key: each for each in FOLLOWS}


def test_messages_and_mails_take_few_statements(tmp_path: Path) -> None:
    with a_scene(tmp_path) as scene, clock.frozen(NOW):
        caller, counting = replace(guest(), idempotency_key="k1"), Counting(scene.store)
        transaction, places = partial(scene.store.work, Work), count(1)

        def together(*events: Event) -> None:
            with scene.work() as work:
                for event in events:
                    message = message_of(event, seq=next(places))
                    if FOLLOWING[event.source, event.type].matters(message):
                        FOLLOWING[event.source, event.type].handler(work, event, message)

        counting.note("contact", lambda: opening.open_ticket(partial(transaction, caller), a_form()))
        counting.note("placed", lambda: together(order_placed()))
        counting.note("paid", lambda: together(an_event(ReviewPassed)))
        gathered = [an_event(kind, **ANOTHER) for kind in (OrderPlaced, ReviewPassed)]
        counting.note("gathered", lambda: together(*gathered))
        counting.note("dispatched", lambda: scene.hears(following.on_shipment_dispatched, an_event(ShipmentDispatched)))
        counting.note("mails", lambda: mailing.send_due_mails(transaction))

        assert counting.beyond(MOST) == {}


def test_what_people_have_is_counted_by_an_index(tmp_path: Path) -> None:
    """It is counted each second: only what is in work may be read for it, however much is closed."""
    with a_scene(tmp_path) as scene:

        def look() -> None:
            with scene.store.work(Work, guest()) as work:
                work.teams.loads()

        (plan,) = plans(scene.store.engine, look).values()

        if scene.store.is_sqlite:  # what PostgreSQL plans hangs on how many rows there are, and here are none
            assert "ix_tickets_status" in plan
