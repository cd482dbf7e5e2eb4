"""The inbox is searched in any spelling, shown by views with their counts, and forgets whom it is told to forget."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import ids
from services.common.basics.searching import terms, wanted
from services.common.store import search
from services.common.store.migrations import alembic_config
from services.common.testing import customer, event_like, staff
from services.logistics.api.events import ParcelCorrected, ShipmentDispatched
from services.support import tables as t
from services.support.api import ListTickets, View
from services.support.domain import Staff
from services.support.handlers import following, privacy, tickets, writing
from services.support.jobs import SupportJobs
from services.support.repository.inbox import COUNTED, count_views
from services.support.repository.search import Found
from services.support.tests.builders import ADA, NOW, add_staff
from services.support.tests.builders import ORDER_NUMBER as ORDER
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

LETTERS = "aezoßéüñçłøÅŽ'’-0179" + "한退货مд"
WORD = st.text(LETTERS, min_size=2, max_size=12)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


@pytest.fixture(scope="module")
def one_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with a_scene(tmp_path_factory.mktemp("search")) as scene:
        yield scene


def numbers(scene: Scene, q: str, **more: Any) -> list[str]:
    return sorted(each["number"] for each in scene.listed(q=q, **more))


def test_a_ticket_is_found_by_all_that_is_known_of_it(scene: Scene) -> None:
    number, _ = scene.opened(
        name="Zoë O’Neill-Müller", email="zoe@example.com", subject="Wo bleibt die Écharpe?", category="logistics",
        message="Straße und Hausnummer stimmen. 我要退货", order_number=ORDER, sku="MUG/CLAY-350",
    )  # fmt: skip
    other, _ = scene.opened(name="Bo Smith", email="bo@example.com", subject="Is it cotton?", message="The shirt.")
    scene.does(GRACE, writing.post_message, number, body="The maker says Tuesday.", internal=True)

    plain = number.replace("-", "")
    for asked in (
        number, plain, plain[3:].lower(), f" {number[:8].lower()} ", "zoe", "ZOE", "Zoe\u0308", "oneill muller",
        "O'Neill", "o neill", "zoe@example.com", "echarpe", "STRASSE", "haus", "退货", "tuesday", ORDER,
        ORDER.replace("-", " "), "mug/clay-350", "mugclay350", "ｃｌａｙ", "zoe tuesday strasse",
        ORDER.replace("-", "\u2013"),
    ):  # fmt: skip
        assert numbers(scene, asked) == [number], asked
    for asked in ("zoe cotton", "bleib nicht", "%", "__", "--", "a b"):
        assert numbers(scene, asked) == [], asked
    assert numbers(scene, "example com") == sorted([number, other])


def test_a_parcels_number_leads_to_tickets_of_its_order(scene: Scene) -> None:
    scene.learns_order()
    number, _ = scene.opened(category="logistics", order_number=ORDER)
    parcels = [{"parcel_id": "p", "carrier": "ups", "tracking_number": "1Z 999-AA1"}]
    sent = {"order_number": ORDER, "shipment_number": ids.number(ids.SHIPMENT, 1)}
    scene.hears(following.on_shipment_dispatched, event_like(ShipmentDispatched, {**sent, "parcels": parcels}))
    assert [numbers(scene, each) for each in ("1z999aa1", "1Z 999 AA1", "2Z888")] == [[number], [number], []]

    scene.hears(following.on_parcel_corrected, event_like(ParcelCorrected, {**sent, "tracking_number": "2Z888"}))

    assert numbers(scene, "2z888") == [number]


def test_a_customers_search_finds_no_notes(scene: Scene) -> None:
    number, _ = scene.opened(caller=customer(ADA))
    scene.does(GRACE, writing.post_message, number, body="Suspicious: look at the address.", internal=True)
    scene.opened(caller=customer(ADA), subject="Another")

    assert numbers(scene, "suspicious") == [number]
    assert len(scene.listed(customer(ADA), q="suspicious")) == 2  # as without


def test_amending_changes_what_is_found(scene: Scene) -> None:
    number, _ = scene.opened(sku="MUG-1")

    scene.does(GRACE, tickets.amend_ticket, number, sku="CUP-2")

    assert (numbers(scene, "mug-1"), numbers(scene, "cup-2")) == ([], [number])


def test_an_erased_conversation_is_found_by_no_word_of_it(scene: Scene) -> None:
    number = scene.resolved(name="Zoë Müller", subject="A secret", message="It is about my knee.")
    scene.does(staff("lead", email="lena@x.example"), tickets.close_ticket, number)
    assert numbers(scene, "knee") == numbers(scene, "zoe") == [number]

    privacy.forget(partial(scene.work, at=NOW + timedelta(days=1200)))

    for asked in ("zoe", "muller", "secret", "knee", ADA, "cotton"):
        assert numbers(scene, asked) == [], asked
    assert numbers(scene, number) == [number]
    with scene.work(reading=True) as work:
        kept = set(work.session.scalars(sa.select(t.search_words.c.word)))
    assert kept == {*terms(number), "erased"}


def test_the_migration_fills_what_was_there(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in range(3):
        number, _ = scene.opened(name=f"Zoë {each}", subject="Wo?", order_number=ORDER, sku="MUG-1")
        scene.does(GRACE, writing.post_message, number, body="The maker says Tuesday.", internal=True)
    every = sa.select(*t.search_words.c).order_by(*t.search_words.c)
    migration = next(each.module for each in revisions() if each.path.endswith("_search.py"))
    monkeypatch.setattr(migration, "BATCH", 2)

    with scene.store.engine.begin() as connection:
        kept = connection.execute(every).all()
        connection.execute(sa.delete(t.search_words))
        with Operations.context(MigrationContext.configure(connection)):
            migration._fill_heads()
            migration._fill_said()
        filled = connection.execute(every).all()

    assert filled == kept
    assert len(kept) > 30


def revisions() -> Iterator[Any]:
    return ScriptDirectory.from_config(alembic_config("support")).walk_revisions()


def test_views_show_and_count_what_they_say(scene: Scene) -> None:
    add_staff(scene.store, Staff(GRACE.email or "", "Grace", ["agent"]), Staff(LENA.email or "", "Lena", ["lead"]))
    mine, theirs, waits, junk, late = (scene.opened(subject=f"Number {each}")[0] for each in range(5))
    done = scene.resolved()
    scene.opened(category="suggestion", subject="Number six")
    scene.does(GRACE, tickets.assign_ticket, mine, assignee=GRACE.email)
    scene.does(GRACE, tickets.assign_ticket, theirs, assignee=LENA.email)
    scene.does(GRACE, writing.post_message, waits, body="Which of the two is it?", status="waiting_customer")
    scene.does(LENA, tickets.mark_spam, junk, reason="nonsense")

    def shown(at: Any = NOW, caller: Any = GRACE, **query: Any) -> tuple[dict[str, int], dict[str, int]]:
        """Return what the reply counts, and how many tickets each view really lists."""
        with scene.work(caller, at, reading=True) as work:
            told = tickets.list_tickets(work, ListTickets(limit=1, **query))["counts"]
            lists = {
                view.value: len(tickets.list_tickets(work, ListTickets(limit=100, view=view, **query))["items"])
                for view in View
            }
        return {name: int(str(count)) for name, count in told.items()}, lists

    told, listed = shown()
    assert told == listed
    assert told == {
        "open": 4, "mine": 1, "unassigned": 2, "overdue": 0, "escalated": 0, "verifying": 0, "waiting": 1, "spam": 1,
        "quarantined": 0,
    }  # fmt: skip
    told, listed = shown(NOW + timedelta(days=30))
    assert told == listed
    assert told["overdue"] == 4
    told, listed = shown(category="suggestion", q="number")
    assert told == listed
    assert told["open"] == told["unassigned"] == 1
    assert shown(caller=LENA)[0]["mine"] == 1
    assert [each["number"] for each in scene.listed(view="spam", status="spam")] == [junk]
    assert scene.listed(view="mine", status="resolved") == []
    assert done in numbers(scene, "cotton")
    assert late in numbers(scene, "number", view="unassigned")


@given(st.lists(WORD, min_size=1, max_size=4), st.data())
def test_any_spelling_that_a_person_holds_equal_finds_it(one_scene: Scene, words: list[str], data: Any) -> None:
    text = data.draw(st.sampled_from([" ", ", ", "\n", "  "])).join(words)
    word = data.draw(st.sampled_from(words))
    spelled = data.draw(st.sampled_from([str.upper, str.lower, str.casefold, str.title, str]))(word)
    spelled = unicodedata.normalize(data.draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])), spelled)
    mark = data.draw(st.sampled_from(["-", "\u2010", "\u2013", ""]))
    spelled = spelled.replace("-", mark).replace("'", data.draw(st.sampled_from(["'", "\u2019"])))
    if data.draw(st.booleans()):
        apart = unicodedata.normalize("NFD", spelled)
        spelled = "".join(char for char in apart if not "\u0300" <= char <= "\u036f")
    looked_for, row = wanted(spelled), t.search_words.c

    with one_scene.work() as work:
        work.session.execute(sa.delete(t.search_words))
        search.put(work.session.connection(), t.search_words, "here", "said", terms(text))
        search.put(work.session.connection(), t.search_words, "there", "said", terms("qqqqq"))
        query = sa.select(row.subject).where(search.matches(row.subject, looked_for, search.begins(t.search_words)))
        found = set(work.session.scalars(query))

    enough = looked_for.words or looked_for.whole
    assert found == ({"here"} if enough else set()), (text, spelled)


def test_searches_and_mails_use_their_indexes(scene: Scene) -> None:
    """Ask the database for its plan of the very statements that are sent."""
    scene.opened()
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, given: Any, *_: object) -> None:
        asked.append((statement, given))

    sa.event.listen(scene.store.engine, "before_cursor_execute", note)
    try:
        with scene.work(GRACE) as work:
            tickets.list_tickets(work, ListTickets(q="zoe"))
            work.notifications.sent_to(ADA)
            work.erasing.contact(ORDER)
            work.erasing.person(ADA)
    finally:
        sa.event.remove(scene.store.engine, "before_cursor_execute", note)

    plans = []
    with scene.store.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            connection.exec_driver_sql("SET enable_seqscan = off")  # the tables are nearly empty
        for statement, given in asked:
            if statement.startswith("SELECT") and ("search_words" in statement or "FROM notifications" in statement):
                explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
                told = connection.exec_driver_sql(explain + statement.replace(" FOR UPDATE", ""), given).all()
                plans.append(" ".join(str(row) for row in told))
    for index in ("ix_search_words_word_subject", "ix_notifications_order_number", "ix_notifications_recipient"):
        assert any(index in plan for plan in plans), (index, plans)
    assert not [plan for plan in plans if "SCAN notifications" in plan or "SCAN search_words" in plan]


def test_no_view_is_counted_without_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.support.repository.inbox.COUNTED", 2)
    for each in range(3):
        scene.opened(subject=f"Number {each}")

    with scene.work(GRACE, reading=True) as work:
        assert count_views(work.session, ListTickets(), "grace", NOW, [])["open"] == 2
    assert COUNTED == 1000


def test_what_older_code_left_is_mended(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code without a search opens one ticket, and erases another, during an update."""
    opened, _ = scene.opened(name="Zoë Müller", email="zoe@example.com", subject="A plug")
    erased = scene.resolved(name="Bo Smith", email="bo@example.com", subject="A secret", message="It is about my knee.")
    words = t.search_words
    with scene.work() as work:
        before = [row._asdict() for row in work.session.execute(sa.select(words).where(words.c.subject == erased))]
        for ticket in work.erasing.tickets_of("bo@example.com"):
            work.erasing.ticket(ticket)
    with scene.work() as work:
        work.session.execute(sa.delete(words))
        work.session.execute(sa.insert(words), before)
    assert numbers(scene, "smith") == numbers(scene, "knee") == [erased], "as older code would leave it"

    monkeypatch.setattr(Found.mend, "__defaults__", (1,))  # a page is one ticket
    SupportJobs.mend_search(cast(Any, SimpleNamespace(transaction=scene.work)))

    with scene.work() as work:
        assert work.found.mend() == 0
    assert numbers(scene, "smith") == numbers(scene, "knee") == []
    assert (numbers(scene, "zoe"), numbers(scene, erased)) == ([opened], [erased])
