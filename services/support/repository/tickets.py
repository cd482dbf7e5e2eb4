"""Tickets, their threads, ratings, clocks and the links that let guests in: each query with its index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics import ids
from services.common.basics.api import TimelineEntry
from services.common.basics.events import Event
from services.common.basics.shapes import Page
from services.common.basics.untyped import Fields
from services.common.commitments import Clock
from services.common.edge import tokens
from services.common.store import database
from services.common.store import tables as kit
from services.common.store.journal import ENTRIES, TIMELINE_LIMIT, as_published
from services.common.store.pages import page
from services.common.store.statements import add_rows, earliest
from services.support import domain as d
from services.support import tables as t
from services.support.api import Author, Category, ListTickets, Origin, TicketNotFound, TicketStatus, ViewCounts
from services.support.api.events import TicketAssigned, TicketMoved, TicketRated, TicketReopened
from services.support.api.teams import ALL_AGENTS
from services.support.api.terms import COMPLAINT_DECISION, UPDATE
from services.support.api.triage_events import TicketMerged
from services.support.domain.people import LINK_LIFETIME
from services.support.domain.teams import Assignment, Team
from services.support.repository.inbox import count_views, in_view, looked_for
from services.support.repository.locking import locked
from services.support.repository.people import Notifications
from services.support.repository.reports import Reports
from services.support.repository.teams import Teams

T = TypeVar("T")
THREAD_LIMIT, ARRIVED_LIMIT = 500, 20
FIRST_MAILED = "2"
"""The serial of the link in the first mails of a ticket that was opened by the form; the sender's own is 1."""
RATING_ASKED = "rating_asked"
"""What the mail is about that asks for a rating; it is taken back when there is nothing left to rate."""


class Reader(StrEnum):
    """The reader of a thread: staff all of it, the customer no notes, an unproven writer what was written unproven."""

    STAFF = "staff"
    CUSTOMER = "customer"
    UNPROVEN = "unproven"


_CLOCK = kit.commitments.c
_COMPLAINED = sa.select(_CLOCK.subject).where(_CLOCK.kind == COMPLAINT_DECISION, _CLOCK.stopped_at.is_(None))
_UPDATES = (
    sa.select(_CLOCK.clock)
    .where(
        _CLOCK.order_number == sa.bindparam("order"), _CLOCK.kind == UPDATE, _CLOCK.stopped_at.is_(None),
        _CLOCK.subject.not_in(_COMPLAINED),
    )
    .with_for_update()
)  # fmt: skip


class Tickets:
    """Tickets, their threads, ratings and clocks."""

    def __init__(self, session: Session, work: database.Work, team_time: d.TeamTime):
        self._session, self._work, self._team_time = session, work, team_time
        self._reports = Reports(session, work.now)

    def get(self, number: str, *, lock: bool = False) -> d.Ticket:
        """Return the ticket. Raise TicketNotFound if there is none. Commands lock it."""
        query = sa.select(d.Ticket).where(t.tickets.c.number == number)
        found = self._session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
        if found is None:
            raise TicketNotFound
        return found

    def goes_on(self, ticket: d.Ticket) -> d.Ticket:
        """Return the ticket, locked, in which a locked one goes on: itself, if it is not merged."""
        while ticket.status is TicketStatus.MERGED and ticket.next_number is not None:
            ticket = self.get(ticket.next_number, lock=True)
        return ticket

    def locked(self, numbers: Iterable[str]) -> list[d.Ticket]:
        """Return those of these tickets that there are, locked in the one order (`locking`)."""
        return locked(self._session, t.tickets.c.number.in_(sorted(numbers)))

    def get_if_free(self, number: str) -> d.Ticket | None:
        """Return the ticket, locked; None if another worker has it locked just now."""
        query = sa.select(d.Ticket).where(t.tickets.c.number == number).with_for_update(skip_locked=True)
        return self._session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()

    def numbers_of(self, email: str, limit: int = 1000) -> list[str]:
        """Return the numbers of a mailbox's conversations, the newest first."""
        row = t.tickets.c
        query = sa.select(row.number).where(row.customer_email == email).order_by(row.opened_at.desc(), row.number)
        return list(self._session.execute(query.limit(limit)).scalars())

    def of_order_in_work(self, contact: d.OrderContact, category: Category) -> d.Ticket | None:
        """Return an active conversation about that order and in that category with its customer, locked."""
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
        """Return the active conversations that we began about an order, locked."""
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
        """Return tickets resolved before that moment, without complaints, locked.

        Those of other workers are skipped.
        """
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

    def clocks(self, ticket: d.Ticket, *, lock: bool = True, new: bool = False) -> d.TicketClocks:
        """Return the ticket's clocks, locked, because the sweep writes to them too. new: it is being opened."""
        kept = self._work.commitments
        known = kept.hold(ticket.number, new=new) if lock else kept.on(ticket.number)
        return d.TicketClocks(known, self._team_time, ids.new_id)

    def keep(
        self,
        ticket: d.Ticket,
        clocks: d.TicketClocks,
        events: Sequence[Event],
        message: d.TicketMessage | None = None,
        at: datetime | None = None,
    ) -> None:
        """Write down what the ticket did: its row, message, clocks and journal entries.

        at: from when its clocks count, where that is not now.
        """
        clocks.hear(ticket, events, at or self._work.now)
        ticket.next_due_at = clocks.next_due_at
        if any(event.audience == "public" for event in events):
            ticket.public_version += 1
        self._session.add(ticket)
        self._session.flush()
        if message is not None:
            message.version, message.public_version = ticket.version, ticket.public_version
            self._session.add(message)
            self._session.flush()
        self._work.commitments.start(*clocks.started)
        for clock in clocks.changed.values():
            self._work.commitments.save(clock)
        self._session.add_all(given_to(events, self._work.now))
        self._reports.note(ticket, events, message, self._work.caller)
        if any(isinstance(event, TicketReopened | TicketMoved | TicketRated | TicketMerged) for event in events):
            Notifications(self._session, self._work.now).take_back(ticket.number, RATING_ASKED)
        self._work.journal.record(*events)

    def thread(self, number: str, reader: Reader) -> list[d.TicketMessage]:
        """Return the latest 500 messages that this reader may see, oldest first."""
        query = sa.select(d.TicketMessage).where(*_readable(number, reader)).order_by(t.messages.c.position.desc())
        return list(self._session.execute(query.limit(THREAD_LIMIT)).scalars())[::-1]

    def count(self, number: str, reader: Reader, until: int | None = None) -> int:
        """Count the messages that this reader may see, up to and including position `until`."""
        query = sa.select(sa.func.count()).select_from(t.messages).where(*_readable(number, reader))
        return self._session.execute(
            query if until is None else query.where(t.messages.c.position <= until)
        ).scalar_one()

    def reads(self, number: str, reader: Reader, position: int) -> bool:
        """Return whether this reader may see the message there."""
        query = sa.select(t.messages.c.position).where(*_readable(number, reader), t.messages.c.position == position)
        return self._session.scalar(query) is not None

    def arrived(self, ticket: d.Ticket, reader: Reader, seen: int) -> list[d.TicketMessage]:
        """Return what was written since the reader saw that version of the ticket."""
        column = t.messages.c.version if reader is Reader.STAFF else t.messages.c.public_version
        query = sa.select(d.TicketMessage).where(*_readable(ticket.number, reader), column > seen)
        return list(self._session.execute(query.order_by(t.messages.c.position).limit(ARRIVED_LIMIT)).scalars())

    def last_question(self, number: str) -> d.TicketMessage | None:
        """Return the customer's latest message."""
        query = sa.select(d.TicketMessage).where(
            t.messages.c.ticket_number == number, t.messages.c.author == Author.CUSTOMER
        )
        latest = query.order_by(t.messages.c.position.desc()).limit(1)
        return self._session.execute(latest).scalar_one_or_none()

    def last_answer(self, number: str) -> d.TicketMessage | None:
        """Return the latest public message of an agent."""
        row = t.messages.c
        query = sa.select(d.TicketMessage).where(
            row.ticket_number == number, row.author == Author.AGENT, row.internal.is_(False)
        )
        return self._session.execute(query.order_by(row.position.desc()).limit(1)).scalar_one_or_none()

    def waiting(self, now: datetime, limit: int = 50) -> list[d.Ticket]:
        """Return tickets to remind the customer of, or reminded of long ago; locked, those of others skipped."""
        row = t.tickets.c
        to_remind = sa.and_(row.reminded_at.is_(None), row.waiting_since <= now - d.REMIND_AFTER)
        to_end = row.reminded_at <= now - d.END_AFTER_REMINDER
        query = (
            sa.select(d.Ticket)
            .where(
                row.waiting_since.is_not(None),
                row.status == TicketStatus.WAITING_CUSTOMER,
                sa.or_(to_remind, to_end),
            )
            .order_by(row.waiting_since)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self._session.execute(query).scalars())

    def stop_updates(self, order_number: str) -> None:
        """Stop the clocks of our next news about that order: they are being told now.

        News about a complaint that is looked into is another matter.
        """
        for record in self._session.execute(_UPDATES, {"order": order_number}).scalars().all():
            clock = Clock.from_record(record)
            clock.stop(max(self._work.now, clock.started_at))
            self._work.commitments.save(clock)

    def timeline(self, number: str, *, public_only: bool) -> list[TimelineEntry]:
        """Return the ticket's journal entries, oldest first; the latest, if there are too many."""
        row = kit.journal.c
        query = ENTRIES.where(row.subject == number).order_by(row.subject_seq.desc())
        if public_only:
            query = query.where(row.audience == "public")
        rows = self._session.execute(query.limit(TIMELINE_LIMIT)).mappings().all()
        return [as_published(dict(entry)) for entry in reversed(rows)]

    def rating(self, ticket: d.Ticket) -> d.Rating | None:
        """Return the customer's rating of the present cycle's resolution."""
        return self._session.get(d.Rating, (ticket.number, ticket.cycle)) if ticket.rated_cycle else None

    def rating_of(self, number: str, cycle: int) -> d.Rating | None:
        """Return the customer's rating of what ended that cycle."""
        return self._session.get(d.Rating, (number, cycle))

    def page(
        self, show: Callable[[d.Ticket], T], wanted: ListTickets, *, email: str | None, number: str | None
    ) -> Page[T]:
        """Return a page of tickets: for staff (no e-mail, no number) by deadline, for a customer newest first."""
        column = t.tickets.c
        query = sa.select(d.Ticket).where(*looked_for(wanted, self._teams_for(wanted)))
        if wanted.status is not None:
            query = query.where(column.status == wanted.status)
        if wanted.view is not None:
            query = query.where(in_view(wanted.view, self._work.caller.email or "", self._work.now))
        if email is None and number is None:
            if wanted.status is None and wanted.view is None:
                query = query.where(column.status.not_in([TicketStatus.SPAM, TicketStatus.QUARANTINED]))
            keys, newest_first = (column.next_due_at, column.number), False
        else:
            theirs = column.customer_email == email if email is not None else column.number == number
            query, keys, newest_first = query.where(theirs), (column.opened_at, column.number), True
        cursor, limit = wanted.cursor, wanted.limit
        found: object = page(
            self._session, query, keys, cast(Any, show), cursor=cursor, limit=limit, descending=newest_first
        )
        return cast(Page[T], found)

    def count_views(self, wanted: ListTickets) -> ViewCounts:
        """Count for the caller what each view has of what is looked for."""
        teams = self._teams_for(wanted)
        return count_views(self._session, wanted, self._work.caller.email or "", self._work.now, teams)

    def _teams_for(self, wanted: ListTickets) -> list[Team]:
        return Teams(self._session).every() if wanted.team else []


class Links:
    """The links that let guests into their ticket."""

    def __init__(self, session: Session, now: datetime, secret: str):
        self._session, self._now, self._secret = session, now, secret

    def begin(self, number: str, *, proven: bool, reads: bool) -> str:
        """Add the first two links of a new ticket: one for the sender of the form, one for the mails. Return the form's
        token.

        proven: the sender has shown that they read the mailbox, so that their token need not show it again. reads: they
        hold the link of the order that the ticket is about.
        """
        first = self._row(number, int(FIRST_MAILED), mailed=True), self._row(number, 1, mailed=proven, reads=reads)
        add_rows(self._session, t.ticket_links, first)
        return tokens.ticket_token(self._secret, number, 1)

    def for_mail(self, number: str, *, renew: bool = False) -> str:
        """Return the serial of a link for a mail: the one mailed before while it is fresh, else a new one."""
        query = sa.select(d.TicketLink).where(t.ticket_links.c.ticket_number == number)
        last = self._session.execute(query.order_by(t.ticket_links.c.serial.desc()).limit(1)).scalar_one_or_none()
        same = last is not None and last.token_hash == self._hash(number, last.serial)  # else the secret has changed
        if last is not None and last.mailed and last.fresh(self._now) and same and not renew:
            return str(last.serial)
        serial = last.serial + 1 if last else 1
        add_rows(self._session, t.ticket_links, [self._row(number, serial, mailed=True, renewed=renew)])
        return str(serial)

    def good(self, number: str) -> list[d.TicketLink]:
        """Return the links of a ticket that are good, the newest first."""
        row = t.ticket_links.c
        good = row.ticket_number == number, row.revoked_at.is_(None), row.expires_at > self._now
        query = sa.select(d.TicketLink).where(*good)
        return list(self._session.execute(query.order_by(row.serial.desc()).limit(100)).scalars())

    def revoke(self, number: str, serials: Iterable[int]) -> None:
        """End these links."""
        self._revoke(number, t.ticket_links.c.serial.in_(list(serials)))

    def revoke_unproven(self, number: str) -> None:
        """End the links whose holders have not shown that they read the customer's mail."""
        self._revoke(number, t.ticket_links.c.mailed.is_(False))

    def revoke_before(self, number: str, serial: int) -> None:
        """End the links that are older than that one."""
        self._revoke(number, t.ticket_links.c.serial < serial)

    def find_good(self, token: str) -> d.TicketLink | None:
        """Return the link with that token, unless it is revoked or expired."""
        link = self._session.get(d.TicketLink, tokens.token_hash(token))
        return link if link is not None and link.good(self._now) else None

    def next_request(self) -> datetime | None:
        return self._session.scalar(earliest(t.link_requests.c.requested_at))

    def take_requests(self, limit: int = 100) -> list[d.LinkRequest]:
        """Take the oldest requests for a new link away. Those locked by other workers are skipped."""
        query = sa.select(d.LinkRequest).order_by(t.link_requests.c.requested_at).limit(limit)
        found = list(self._session.execute(query.with_for_update(skip_locked=True)).scalars())
        for request in found:
            self._session.delete(request)
        return found

    def _revoke(self, number: str, which: sa.ColumnElement[bool]) -> None:
        row = t.ticket_links.c
        revoke = sa.update(t.ticket_links).where(row.ticket_number == number, row.revoked_at.is_(None), which)
        self._session.execute(revoke.values(revoked_at=self._now))

    def _hash(self, number: str, serial: int) -> str:
        return tokens.token_hash(tokens.ticket_token(self._secret, number, serial))

    def _row(self, number: str, serial: int, *, mailed: bool, renewed: bool = False, reads: bool = False) -> Fields:
        return {
            "token_hash": self._hash(number, serial), "ticket_number": number, "serial": serial, "mailed": mailed,
            "created_at": self._now, "expires_at": self._now + LINK_LIFETIME, "revoked_at": None, "renewed": renewed,
            "reads": reads,
        }  # fmt: skip


def given_to(events: Iterable[Event], now: datetime) -> list[Assignment]:
    """Return what is kept of who was given a ticket."""
    return [
        Assignment(ids.new_id(), each.ticket_number, each.assignee, each.team or ALL_AGENTS, now)
        for each in events
        if isinstance(each, TicketAssigned) and each.assignee is not None
    ]


def _readable(number: str, reader: Reader) -> list[sa.ColumnElement[bool]]:
    row = t.messages.c
    mine = [row.ticket_number == number]
    if reader is not Reader.STAFF:
        mine.append(row.internal.is_(False))
    if reader is Reader.UNPROVEN:
        mine += [row.author == Author.CUSTOMER, row.proven.is_not(True)]
    return mine
