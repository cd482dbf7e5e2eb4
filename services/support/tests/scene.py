"""Support without a bus: people who do things, events that come, and what is then in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.edge.schemas import load
from services.common.store.database import Store
from services.common.testing import fresh_store, guest, staff
from services.support.api import (
    BadCode,
    Category,
    ListTickets,
    RequestSignIn,
    ResolutionCode,
    SignedIn,
    TicketSummary,
    TicketView,
    VerifySignIn,
)
from services.support.domain import Notification
from services.support.domain.people import sign_in_code
from services.support.handlers import complaints, links, news, opening, sign_in, tickets, writing
from services.support.repository import Work
from services.support.tests.builders import ADA, NOW, SETTINGS, a_form, message_of, order_placed, token_of

GRACE = staff("agent", email="grace@pledge.example")
LENA = staff("lead", email="lena@pledge.example")


class Scene:
    """Support's handlers on a fresh database. All happens at NOW unless a test says otherwise."""

    def __init__(self, store: Store):
        self.store, self.asked = store, "nobody asked"

    @contextmanager
    def work(self, caller: Caller | None = None, at: datetime = NOW, *, reading: bool = False) -> Iterator[Work]:
        with clock.frozen(at), self.store.work(Work, caller or guest(), reading=reading) as work:
            yield work

    def opened(self, caller: Caller | None = None, at: datetime = NOW, **form: Any) -> tuple[str, str]:
        """Open a ticket. Return its number and the form's token."""
        with self.work(caller, at) as work:
            ticket, _ = opening.take_in(work, a_form(**form))
        return ticket.number, token_of(ticket.number, 1)

    def does(
        self, caller: Caller, handler: Callable[..., Any], number: str, /, at: datetime = NOW, **request: Any
    ) -> Any:
        """Return what a handler of one ticket answers to that request."""
        kind = get_type_hints(handler).get("request")
        with self.work(caller, at) as work:
            return handler(work, number, load(kind, request)) if kind else handler(work, number)

    def seen(self, caller: Caller, number: str) -> TicketView:
        with self.work(caller, reading=True) as work:
            return tickets.get_ticket(work, number)

    def listed(self, caller: Caller = GRACE, **query: Any) -> list[TicketSummary]:
        with self.work(caller, reading=True) as work:
            return tickets.list_tickets(work, ListTickets(**query))["items"]

    def resolved(self, **form: Any) -> str:
        number, _ = self.opened(**form)
        if form.get("category") is Category.COMPLAINT:
            self.decided(number)
            return number
        self.does(GRACE, writing.post_message, number, body="The shirt is made of cotton.")
        self.does(GRACE, tickets.resolve_ticket, number, code=ResolutionCode.ANSWERED)
        return number

    def decided(self, number: str) -> None:
        """Uphold a complaint; that resolves it."""
        said = "We have found out what happened. You were right to complain."
        step = partial(self.does, GRACE, complaints.step_complaint, number)
        step(step="acknowledged", message="We have read what you wrote and look into it now.")
        step(step="investigated", findings="It is as the customer says.")
        step(step="decided", decision="upheld", message=said, cause="conduct", remedy="apology")

    def learns_order(self, email: str = ADA, seq: int = 1) -> None:
        """Follow the order, without the mail about it."""
        event = order_placed(email)
        with self.work() as work:
            news.learn_contact(work, event, message_of(event, seq=seq))

    def hears(self, handler: Callable[[Work, Any, Message], None], event: Event, *, source: str = "") -> None:
        with self.work() as work:
            handler(work, event, message_of(event, source=source))

    def owed(self, at: datetime = NOW) -> list[Notification]:
        """Claim and return the mails that wait."""
        with self.work(at=at) as work:
            return work.notifications.claim_due(limit=100)

    def exchanged(self, token: str, at: datetime = NOW) -> frozenset[str]:
        """Return the grants of a link."""
        with self.work(at=at, reading=True) as work:
            return frozenset(links.exchange_ticket_token(work, token)["grants"])

    def code_for(self, email: str = ADA, at: datetime = NOW) -> str | None:
        """Ask for a code and read it from the mail that waits."""
        self.asked = self.asks(email, at)
        with self.work(at=at) as work:
            found = [item for item in work.notifications.claim_due(limit=100) if item.recipient == email]
            return sign_in_code(SETTINGS.secret, found[-1].link_key) if found else None

    def asks(self, email: str = ADA, at: datetime = NOW) -> str:
        """Ask for a code; return what the browser is to send back with it."""
        with self.work(at=at) as work:
            return sign_in.request_sign_in(work, RequestSignIn(email))["request"]

    def verified(
        self, code: str | None, email: str = ADA, at: datetime = NOW, request: str = "", **more: Any
    ) -> SignedIn | None:
        """Sign in with the code, in the browser that asked last. Return None where it was refused."""
        given = VerifySignIn(email, code or "", request or self.asked, **more)
        with clock.frozen(at):
            try:
                return sign_in.verify_sign_in(partial(self.store.work, Work), given)
            except BadCode:
                return None


@contextmanager
def a_scene(folder: Path, *, postgres: bool | None = None) -> Iterator[Scene]:
    with fresh_store("support", folder, postgres=postgres, settings=SETTINGS) as store:
        yield Scene(store)
