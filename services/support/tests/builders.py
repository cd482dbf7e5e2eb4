"""Tickets, forms, events and people as tests need them: say only what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from services.common.basics import ids
from services.common.basics.events import Event, to_json
from services.common.basics.message import Message
from services.common.bus.travel import read_event
from services.common.commitments.events import CommitmentBreached
from services.common.edge.tokens import ticket_token
from services.common.store.database import Store
from services.common.testing import whole_body
from services.orders.api.events import OrderPlaced
from services.support.api import Category, ContactForm
from services.support.domain import Staff, Ticket, TicketClocks, TicketMessage
from services.support.repository import Work
from services.support.settings import SupportSettings

E = TypeVar("E", bound=Event)
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Monday, ten in the morning in Shanghai."""
ADA, EVE = "ada@example.com", "eve@example.com"
ORDER_NUMBER, TICKET_NUMBER = ids.number(ids.ORDER, 7), ids.number(ids.TICKET, 7)
SETTINGS = SupportSettings()
PROMISES = SETTINGS.team_time
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_form(**changes: Any) -> ContactForm:
    values = {
        "name": "Ada",
        "email": ADA,
        "category": Category.PRODUCT,
        "subject": "Is it cotton?",
        "message": "What is the shirt made of?",
    }
    return ContactForm(**{**values, **changes})


def form_json(**changes: Any) -> dict[str, Any]:
    """Build the contact form as a client sends it."""
    values = {
        "name": "Ada",
        "email": ADA,
        "category": "product",
        "subject": "Is it cotton?",
        "message": "What is the shirt made of?",
    }
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def a_ticket(now: datetime = NOW, **form: Any) -> tuple[Ticket, TicketMessage, list[Any]]:
    contact_form = a_form(**form)
    due = PROMISES.answer_by(contact_form.category, now)
    return Ticket.open(TICKET_NUMBER, contact_form, now, answer_by=due, mailbox_proven=False, order_proven=False)


class Desk:
    """A ticket with its clocks, as handlers keep them together; every method of the ticket is called through `does`."""

    def __init__(self, now: datetime = NOW, **form: Any):
        self.ticket, _, events = a_ticket(now, **form)
        self.clocks = TicketClocks([], PROMISES, ids.new_id)
        self.clocks.hear(self.ticket, events, now)

    def does(self, method: str, *args: Any, now: datetime = NOW, **kwargs: Any) -> list[Any]:
        outcome = getattr(self.ticket, method)(*args, **kwargs)
        events: list[Any] = outcome if isinstance(outcome, list) else outcome[1]
        self.clocks.hear(self.ticket, events, now)
        return events

    def clock(self, kind: str) -> Any:
        """Return the latest clock of a kind."""
        return [clock for clock in self.clocks.all if clock.kind == kind][-1]


def told(source: str, event_type: str, **changes: Any) -> dict[str, Any]:
    """Build the body of an event as its contract shows it, with changes, about ORDER_NUMBER."""
    return whole_body(source, event_type, {"order_number": ORDER_NUMBER, **to_json(changes)})


def an_event(kind: type[E], /, **changes: Any) -> E:
    """Build the event of another service as support reads it."""
    return read_event(kind, told(kind.source, kind.type, **changes))


def message_of(event: Event, *, source: str = "", seq: int = 1) -> Message:
    """Build the envelope of an event."""
    return Message(
        id=ids.new_id(),
        service=source or event.source,
        type=event.type,
        version=1,
        subject=event.subject,
        subject_seq=seq,
        order_number=event.order,
        occurred_at=NOW,
        actor=f"service:{source or event.source}",
        trace_id="test",
        body=event.body(),
        handler=f"on_{event.type}",
    )


def breached(kind: str, subject: str, order_number: str | None = None) -> CommitmentBreached:
    times = {"started_at": NOW - DAY, "due_at": NOW, "told_at": NOW}
    return CommitmentBreached(kind=kind, promised_on=subject, order_number=order_number, owner="logistics", **times)


def token_of(number: str, serial: int) -> str:
    return ticket_token(SETTINGS.secret, number, serial)


def add_staff(store: Store, *people: Staff) -> None:
    with store.work(Work) as work:
        work.people.add_staff(people)


def mails_in(folder: Path) -> list[EmailMessage]:
    """Return the mails that were written to files, oldest first."""
    found = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [_mail_in(path, path.stat().st_mtime_ns, path.stat().st_size) for path in found]


@lru_cache(maxsize=2000)
def _mail_in(path: Path, _changed: int, _size: int) -> EmailMessage:
    """Read a mail once: who waits for a mail looks at all of them again and again."""
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def text_of(mail: EmailMessage, form: str = "plain") -> str:
    """Return what a mail says, as text or in HTML."""
    part = mail.get_body((form,))
    assert part is not None, f"a mail without {form}"
    return str(part.get_content()).replace("\r", "")


def link_in(mail: EmailMessage) -> str:
    """Return the link or the code in a mail."""
    lines = text_of(mail).splitlines()
    labels = ("See your order: ", "Read and answer: ", "Your code: ", "Open it: ", "Get the file: ")
    return next(line.partition(": ")[2] for line in lines if line.startswith(labels))


CUSTOMER_JSON = {"name": "Ada", "email": ADA, "phone": "+4930123456", "language": "en", "time_zone": "Europe/Berlin"}


def order_placed(email: str = ADA) -> OrderPlaced:
    return an_event(OrderPlaced, customer={**CUSTOMER_JSON, "email": email})


def order_placed_json(email: str = ADA) -> dict[str, Any]:
    return told("orders", "order_placed", customer={**CUSTOMER_JSON, "email": email})
