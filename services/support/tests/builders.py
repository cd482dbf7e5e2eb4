"""Tickets, forms, events and people as tests need them: say only what the test is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from services.common.basics import ids
from services.common.basics.caller import CUSTOMER, Caller
from services.common.basics.message import Message
from services.common.store.database import Store
from services.support.domain import Category, Form, Staff, Ticket
from services.support.domain import Message as Entry
from services.support.repository import Work
from services.support.settings import SupportSettings
from services.support.sla import TicketClocks

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Monday, ten in the morning in Shanghai."""
ADA, EVE = "ada@example.com", "eve@example.com"
ORDER_NUMBER, TICKET_NUMBER = ids.number(ids.ORDER, 7), ids.number(ids.TICKET, 7)
SETTINGS = SupportSettings()
PROMISES = SETTINGS.promises
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_form(**changes: Any) -> Form:
    values = {
        "name": "Ada",
        "email": ADA,
        "category": Category.PRODUCT,
        "subject": "Is it cotton?",
        "message": "What is the shirt made of?",
    }
    return Form(**{**values, **changes})


def form_json(**changes: Any) -> dict[str, Any]:
    """The contact form as a client sends it."""
    values = {
        "name": "Ada",
        "email": ADA,
        "category": "product",
        "subject": "Is it cotton?",
        "message": "What is the shirt made of?",
    }
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def a_ticket(now: datetime = NOW, **form: Any) -> tuple[Ticket, Entry, list[Any]]:
    contact_form = a_form(**form)
    due = PROMISES.answer_by(contact_form.category, now)
    return Ticket.open(TICKET_NUMBER, contact_form, now, answer_by=due, mailbox_proven=False, order_proven=False)


class Desk:
    """A ticket with its clocks, as handlers keep them together; every method of the ticket is called through `does`."""

    def __init__(self, now: datetime = NOW, **form: Any):
        self.ticket, _, events = a_ticket(now, **form)
        self.clocks = TicketClocks([], PROMISES)
        self.clocks.hear(self.ticket, events, now)

    def does(self, method: str, *args: Any, now: datetime = NOW, **kwargs: Any) -> list[Any]:
        outcome = getattr(self.ticket, method)(*args, **kwargs)
        events: list[Any] = outcome if isinstance(outcome, list) else outcome[1]
        self.clocks.hear(self.ticket, events, now)
        return events

    def clock(self, kind: str) -> Any:
        """The latest clock of a kind."""
        return [clock for clock in self.clocks.all if clock.kind == kind][-1]


def heard(source: str, event_type: str, body: Mapping[str, Any], *, seq: int = 1, subject: str = "") -> Message:
    """An event as its follower is given it."""
    return Message(
        id=ids.new_id(),
        service=source,
        type=event_type,
        version=1,
        subject=subject or str(body.get("promised_on") or body["order_number"]),
        subject_seq=seq,
        order_number=body.get("order_number"),
        occurred_at=NOW,
        actor=f"service:{source}",
        trace_id="test",
        body=body,
        handler=f"on_{event_type}",
    )


def signed_in(email: str = ADA) -> Caller:
    return Caller(f"customer:{email}", email=email, roles=frozenset({CUSTOMER}), trace_id="test")


def add_staff(store: Store, *people: Staff) -> None:
    with store.work(Work) as work:
        work.people.add_staff(people)


@contextmanager
def working(store: Store, caller: Caller) -> Iterator[Work]:
    with store.work(Work, caller) as work:
        yield work


def mails_in(folder: Path) -> list[EmailMessage]:
    """The mails that were written to files, oldest first."""
    found = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def link_in(mail: EmailMessage) -> str:
    """The line of a mail that holds the link or the code."""
    lines = str(mail.get_content()).splitlines()
    labels = ("See your order: ", "Read and answer: ", "Your code: ", "Open it: ")
    return next(line.partition(": ")[2] for line in lines if line.startswith(labels))


CUSTOMER_JSON = {"name": "Ada", "email": ADA, "phone": "+4930123456", "language": "en", "time_zone": "Europe/Berlin"}


def order_placed(order_number: str = ORDER_NUMBER, email: str = ADA) -> dict[str, Any]:
    """The body of the event, as much of it as support reads."""
    return {"order_number": order_number, "customer": {**CUSTOMER_JSON, "email": email}}
