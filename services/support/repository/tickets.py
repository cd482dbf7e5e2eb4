"""Tickets, their threads, ratings, clocks and the links that let guests in: each query with its index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics import ids
from services.common.basics.events import Event
from services.common.basics.shapes import Page
from services.common.commitments import Clock
from services.common.edge import tokens
from services.common.store import database
from services.common.store import tables as kit
from services.common.store.pages import page
from services.support import domain as d
from services.support import tables as t
from services.support.api import Category, ListTickets, Origin, TicketNotFound, TicketStatus
from services.support.domain.people import LINK_LIFETIME

T = TypeVar("T")
THREAD_LIMIT = 500


class Tickets:
    """Tickets, their threads, ratings and clocks."""

    def __init__(self, session: Session, work: database.Work, promises: d.Promises):
        self._session, self._work, self._promises = session, work, promises

    def get(self, number: str, *, lock: bool = False) -> d.Ticket:
        """The ticket; TicketNotFound. Commands lock it."""
        query = sa.select(d.Ticket).where(t.tickets.c.number == number)
        found = self._session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
        if found is None:
            raise TicketNotFound
        return found

    def of_order_in_work(self, contact: d.OrderContact, category: Category) -> d.Ticket | None:
        """A conversation about that order and in that category with its customer, that still goes on; locked."""
        query = (
            sa.select(d.Ticket)
            .where(
                t.tickets.c.order_number == contact.order_number,
                t.tickets.c.order_proven.is_(True),
                t.tickets.c.customer_email == contact.email,
                t.tickets.c.category == category,
                t.tickets.c.status.in_(sorted(d.IN_WORK)),
            )
            .order_by(t.tickets.c.opened_at.desc())
            .limit(1)
        )
        return self._session.execute(query.with_for_update()).scalar_one_or_none()

    def outreach_of(self, order_number: str) -> list[d.Ticket]:
        """The conversations that we began about an order and that still go on; locked."""
        query = (
            sa.select(d.Ticket)
            .where(
                t.tickets.c.order_number == order_number,
                t.tickets.c.origin == Origin.OUTREACH,
                t.tickets.c.status.in_(sorted(d.IN_WORK)),
            )
            .order_by(t.tickets.c.number)
            .limit(20)
        )
        return list(self._session.execute(query.with_for_update()).scalars())

    def silent_since(self, moment: datetime, limit: int = 50) -> list[d.Ticket]:
        """Resolved before that moment and no complaints; locked, those of other workers skipped."""
        query = (
            sa.select(d.Ticket)
            .where(
                t.tickets.c.status == TicketStatus.RESOLVED,
                t.tickets.c.resolved_at < moment,
                t.tickets.c.category != Category.COMPLAINT,
            )
            .order_by(t.tickets.c.resolved_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self._session.execute(query).scalars())

    def clocks(self, ticket: d.Ticket, *, lock: bool = True) -> d.TicketClocks:
        """The ticket's clocks; locked, because the sweep writes to them too."""
        row = kit.commitments.c
        query = sa.select(row.clock).where(row.subject == ticket.number).order_by(row.started_at, row.id)
        records = self._session.execute(query.with_for_update() if lock else query).scalars()
        return d.TicketClocks(map(Clock.from_record, records), self._promises, ids.new_id)

    def keep(
        self, ticket: d.Ticket, clocks: d.TicketClocks, events: Sequence[Event], message: d.Message | None = None
    ) -> None:
        """Write down what the ticket did: its row, message, clocks and journal entries."""
        clocks.hear(ticket, events, self._work.now)
        ticket.next_due_at = clocks.next_due_at
        self._session.add(ticket)
        self._session.flush()
        if message is not None:
            self._session.add(message)
            self._session.flush()
        for clock in clocks.started:
            self._work.commitments.start(clock)
        for clock in clocks.changed.values():
            self._work.commitments.save(clock)
        self._work.journal.record(*events)

    def thread(self, number: str, *, internal: bool) -> list[d.Message]:
        """The latest 500 messages, oldest first; notes only for staff."""
        query = sa.select(d.Message).where(t.messages.c.ticket_number == number)
        if not internal:
            query = query.where(t.messages.c.internal.is_(False))
        latest = self._session.execute(query.order_by(t.messages.c.position.desc()).limit(THREAD_LIMIT)).scalars()
        return list(latest)[::-1]

    def rating(self, ticket: d.Ticket) -> d.Rating | None:
        """What the customer said of the present cycle's resolution."""
        return self._session.get(d.Rating, (ticket.number, ticket.cycle)) if ticket.rated_cycle else None

    def page(
        self, show: Callable[[d.Ticket], T], wanted: ListTickets, *, email: str | None, number: str | None
    ) -> Page[T]:
        """For staff (no e-mail, no number given): by next deadline. For a customer: theirs, the newest first."""
        query, column = sa.select(d.Ticket), t.tickets.c
        for name in ("status", "category", "assignee", "order_number"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(column[name] == value)
        if email is None and number is None:
            if wanted.status is None:
                query = query.where(column.status != TicketStatus.SPAM)
            keys, newest_first = (column.next_due_at, column.number), False
        else:
            theirs = column.customer_email == email if email is not None else column.number == number
            query, keys, newest_first = query.where(theirs), (column.opened_at, column.number), True
        cursor, limit = wanted.cursor, wanted.limit
        found: object = page(
            self._session, query, keys, cast(Any, show), cursor=cursor, limit=limit, descending=newest_first
        )
        return cast(Page[T], found)


class Links:
    """The links that let guests into their ticket."""

    def __init__(self, session: Session, now: datetime, secret: str):
        self._session, self._now, self._secret = session, now, secret

    def begin(self, number: str) -> str:
        """The first two links of a new ticket: the token for who filled in the form, and the one for the mails."""
        self._add(number, 2, mailed=True)
        return self._add(number, 1, mailed=False)

    def for_mail(self, number: str, *, renew: bool = False) -> str:
        """The serial of a link to put into a mail: the one mailed before while it is fresh, else a new one."""
        query = sa.select(d.TicketLink).where(t.ticket_links.c.ticket_number == number)
        last = self._session.execute(query.order_by(t.ticket_links.c.serial.desc()).limit(1)).scalar_one_or_none()
        if last is not None and last.mailed and last.fresh(self._now) and not renew:
            return str(last.serial)
        serial = last.serial + 1 if last else 1
        self._add(number, serial, mailed=True)
        return str(serial)

    def revoke_all(self, number: str) -> None:
        """None of the links given out so far is good any more."""
        row = t.ticket_links.c
        revoke = sa.update(t.ticket_links).where(row.ticket_number == number, row.revoked_at.is_(None))
        self._session.execute(revoke.values(revoked_at=self._now))

    def find_good(self, token: str) -> d.TicketLink | None:
        """The link with that token, unless it is revoked or expired."""
        link = self._session.get(d.TicketLink, tokens.token_hash(token))
        return link if link is not None and link.good(self._now) else None

    def _add(self, number: str, serial: int, *, mailed: bool) -> str:
        token = tokens.ticket_token(self._secret, number, serial)
        expires_at = self._now + LINK_LIFETIME
        link = d.TicketLink(tokens.token_hash(token), number, serial, mailed, self._now, expires_at)
        self._session.add(link)
        return token
