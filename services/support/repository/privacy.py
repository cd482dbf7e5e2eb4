"""Requests about personal data, and the one place in which support's rows of a customer are erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from services.common.basics.personal import CUSTOMER_ERASED, ERASED
from services.common.basics.shapes import Page
from services.common.store import tables as kit
from services.common.store.chain_keys import KeyMissing
from services.common.store.pages import page
from services.common.store.upsert import add_if_new, dialect_insert, values_of
from services.support import domain as d
from services.support import tables as t
from services.support.api import TicketStatus
from services.support.api.privacy import PrivacyKind, PrivacyRequestNotFound, PrivacyStatus
from services.support.contact_tables import WHO
from services.support.repository.incoming import IncomingMails
from services.support.repository.locking import locked
from services.support.repository.people import read_again
from services.support.repository.search import Found
from services.support.repository.uploads import Uploads

T = TypeVar("T")
NO_NEWS_AFTER = 2**31 - 1
_ROW, _MAIL = t.privacy_requests.c, t.notifications.c


class PrivacyRequests:
    """What customers asked about their own data."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def begin(self, request: d.PrivacyRequest) -> bool:
        """Add a request, unless one of its kind is open for that mailbox. Return whether it is new."""
        return add_if_new(self._session, t.privacy_requests, values_of(request, t.privacy_requests))

    def find_open(self, email: str, kind: PrivacyKind) -> d.PrivacyRequest | None:
        """Return the mailbox's request that has not ended, locked."""
        open_ = (PrivacyStatus.UNCONFIRMED, PrivacyStatus.RUNNING)
        query = sa.select(d.PrivacyRequest).where(_ROW.email == email, _ROW.kind == kind, _ROW.status.in_(open_))
        return self._session.execute(query.with_for_update()).scalar_one_or_none()

    def find(self, number: str) -> d.PrivacyRequest | None:
        """Return a request, locked."""
        query = sa.select(d.PrivacyRequest).where(_ROW.number == number)
        return self._session.execute(query.with_for_update()).scalar_one_or_none()

    def get(self, number: str) -> d.PrivacyRequest:
        """Return a request, locked. Raise PrivacyRequestNotFound if there is none."""
        found = self.find(number)
        if found is None:
            raise PrivacyRequestNotFound
        return found

    def of_mailbox(self, email: str) -> list[d.PrivacyRequest]:
        """Return all requests of a mailbox, locked."""
        query = sa.select(d.PrivacyRequest).where(_ROW.email == email).order_by(_ROW.number).with_for_update()
        return list(self._session.execute(query).scalars())

    def drop(self, request: d.PrivacyRequest) -> None:
        self._session.delete(request)

    def of_file(self, file_hash: str) -> d.PrivacyRequest | None:
        """Return the request that a link belongs to, while the link is good."""
        query = sa.select(d.PrivacyRequest).where(_ROW.file_hash == file_hash, _ROW.file_until > self._now)
        return self._session.execute(query).scalar_one_or_none()

    def page(
        self, show: Callable[[d.PrivacyRequest], T], *, email: str | None, cursor: str | None, limit: int
    ) -> Page[T]:
        """Return a page of requests, the newest first: of one mailbox, or of all."""
        query = sa.select(d.PrivacyRequest)
        if email is not None:
            query = query.where(_ROW.email == email)
        keys = (_ROW.asked_at, _ROW.number)
        return page(self._session, query, keys, show, cursor=cursor, limit=limit, descending=True)

    def forget(self, unconfirmed_before: datetime, ended_before: datetime) -> list[str]:
        """Drop what was not confirmed, or has ended, since before that; return the numbers of what is over.

        Forget whose copies they were that can be fetched no more.
        """
        stale = sa.and_(_ROW.status == PrivacyStatus.UNCONFIRMED, _ROW.asked_at < unconfirmed_before)
        over = sa.and_(_ROW.status == PrivacyStatus.ENDED, _ROW.file_until <= self._now)
        gone = sa.delete(t.privacy_requests).where(sa.or_(_ROW.ended_at < ended_before, stale))
        blank = sa.update(t.privacy_requests).where(over).values(email=ERASED, file_hash=None, file_until=None)
        return [number for each in (gone, blank) for number in self._session.scalars(each.returning(_ROW.number)).all()]


KNOWN_NO_MORE = sa.literal(ERASED, literal_execute=True)
"""Written into the statement, so that indexes of what is not erased yet serve it."""
_ENDS = [TicketStatus.CLOSED, TicketStatus.SPAM, TicketStatus.QUARANTINED]
_TARGET = t.tickets.alias("target")
_GOES_ON_IN_WHAT_ENDED = sa.exists().where(
    _TARGET.c.number == t.tickets.c.next_number,
    sa.or_(_TARGET.c.status.in_(_ENDS), _TARGET.c.customer_email == KNOWN_NO_MORE),
)
_END_OF_TARGET = (
    sa.select(sa.func.coalesce(_TARGET.c.closed_at, _TARGET.c.opened_at))
    .where(_TARGET.c.number == t.tickets.c.next_number, t.tickets.c.status == TicketStatus.MERGED)
    .scalar_subquery()
)
"""When the conversation ended in which a merged one goes on; nothing for one that goes on by itself."""
OVER = sa.or_(t.tickets.c.status.in_(_ENDS), sa.and_(t.tickets.c.status == TicketStatus.MERGED, _GOES_ON_IN_WHAT_ENDED))
"""Match the conversations that are closed; a merged one is with the one in which it goes on."""
TICKET_ENDED = sa.exists().where(t.tickets.c.number == kit.erasures.c.subject, OVER)
"""Match the conversations that wait to be erased and are closed."""


class Erasing:
    """Overwrites what support knows of a customer. What it does twice is done once."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def tickets_of(self, email: str, order_number: str | None = None) -> list[d.Ticket]:
        """Return the conversations of a mailbox, or those of it about one order, locked."""
        mine = t.tickets.c.customer_email == email
        if order_number is not None:
            mine = sa.and_(mine, t.tickets.c.order_number == order_number)
        return locked(self._session, mine)

    def is_over(self, ticket: d.Ticket) -> bool:
        """Return whether the conversation is closed, so that it can be erased."""
        query = sa.select(t.tickets.c.number).where(t.tickets.c.number == ticket.number, OVER)
        return self._session.scalar(query) is not None

    def ticket(self, ticket: d.Ticket) -> None:
        """Overwrite a conversation: who it was with, and everything that was said."""
        number = ticket.number
        ticket.customer_email = ticket.customer_name = ticket.subject = ERASED
        ticket.time_zone = None
        if ticket.resolution_note:
            ticket.resolution_note = ERASED
        self._session.flush()
        said, rated = t.messages.c, t.ratings.c
        actor = sa.case((said.actor.startswith("customer:"), CUSTOMER_ERASED), else_=said.actor)
        self._session.execute(
            sa.update(t.messages).where(said.ticket_number == number).values(body=ERASED, actor=actor, basis=None)
        )
        passed = t.quarantines.c
        by = sa.case((passed.let_through_by.startswith("customer:"), CUSTOMER_ERASED), else_=passed.let_through_by)
        held = sa.update(t.quarantines).where(passed.ticket_number == number)
        self._session.execute(held.values(let_through_by=by))
        asked = t.verifications.c
        wrote = {name: _erased(asked[name]) for name in ("question", "known", "evidence", "draft", "note", "answer")}
        drafted = sa.update(t.verifications).where(asked.ticket_number == number)
        self._session.execute(drafted.values({**wrote, "basis": None}))
        read = t.quality_reviews.c
        drawn = {name: _erased(read[name]) for name in ("question", "answer", "remark")}
        self._session.execute(sa.update(t.quality_reviews).where(read.ticket_number == number).values(drawn))
        complaint = self._session.get(d.Complaint, number)
        if complaint is not None:
            complaint.erase(ERASED)
        words = t.suggestions.c
        unseen = sa.and_(words.ticket_number == number, words.public.is_(False))
        drafts = {name: _erased(words[name]) for name in ("title", "text", "reason")}
        self._session.execute(sa.update(t.suggestions).where(unseen).values(drafts))
        commented = sa.and_(rated.ticket_number == number, rated.comment.is_not(None))
        self._session.execute(sa.update(t.ratings).where(commented).values(comment=ERASED))
        Found(self._session).not_by_words(number)
        Uploads(self._session, self._now).end_of_ticket(number)
        for table in (t.ticket_links, t.link_requests, t.drafts):
            self._session.execute(sa.delete(table).where(table.c.ticket_number == number))
        self._mails(_MAIL.ticket_number == number)

    def contact(self, order_number: str) -> str | None:
        """Forget whom to write to about an order, whatever is heard later. Return the mailbox, if it was known."""
        query = sa.select(t.order_contacts).where(t.order_contacts.c.order_number == order_number)
        stored = self._session.execute(query.with_for_update()).mappings().one_or_none()
        email = _mailbox(stored) if stored else None
        row = {
            "order_number": order_number, "seq": NO_NEWS_AFTER, "email": ERASED, "name": ERASED,
            "language": None, "time_zone": None, "contents": None, "country": None, "own_key": "", "sealed": None,
        }  # fmt: skip
        insert = dialect_insert(self._session)(t.order_contacts).values(row)
        self._session.execute(insert.on_conflict_do_update(index_elements=["order_number"], set_=row))
        known = self._session.identity_map.get(self._session.identity_key(d.OrderContact, order_number))
        if known is not None:
            self._session.expire(known)
        read_again(self._session, order_number)
        Found(self._session).not_by_parcels(order_number)
        Uploads(self._session, self._now).end_of_returns(order_number)
        self._mails(_MAIL.order_number == order_number)
        return email

    def person(self, email: str) -> list[str]:
        """Drop how a person signed in, and the mails that they were sent; those about what waits still leave.

        Return the sessions that there were.
        """
        ended = list(self._session.scalars(sa.select(t.sessions.c.id).where(t.sessions.c.email == email)))
        for table in (
            t.sessions, t.known_browsers, t.sign_in_codes, t.sign_in_requests, t.sign_in_limits, t.link_requests,
        ):  # fmt: skip
            self._session.execute(sa.delete(table).where(table.c.email == email))
        followed = t.suggestion_followers.c
        mine = sa.select(followed.suggestion_id).where(followed.email == email)
        fewer = {"followers": t.suggestions.c.followers - 1}
        self._session.execute(sa.update(t.suggestions).where(t.suggestions.c.id.in_(mine)).values(fewer))
        self._session.execute(sa.delete(t.suggestion_followers).where(followed.email == email))
        IncomingMails(self._session, self._now).erase(email)
        if self._session.scalar(sa.select(t.staff.c.email).where(t.staff.c.email == email)) is None:
            for table in (t.factors, t.recovery_codes, t.passkeys):  # a member of staff keeps theirs
                self._session.execute(sa.delete(table).where(table.c.email == email))
        about_nothing = sa.and_(_MAIL.ticket_number.is_(None), _MAIL.order_number.is_(None))
        sent = _MAIL.status != d.NotificationStatus.PENDING
        self._mails(sa.and_(_MAIL.recipient == email, sa.or_(sent, about_nothing)))
        return ended

    def old_tickets(self, before: datetime, limit: int = 100) -> list[d.Ticket]:
        """Return conversations that were over before that and still say with whom, locked."""
        row = t.tickets.c
        ended = sa.and_(OVER, row.opened_at < before)
        since = sa.func.coalesce(_END_OF_TARGET, row.closed_at, row.opened_at) < before
        query = sa.select(d.Ticket).where(ended, since, row.customer_email != KNOWN_NO_MORE)
        query = query.order_by(row.opened_at, row.number).limit(limit).with_for_update(skip_locked=True)
        return list(self._session.execute(query).scalars())

    def old_mails(self, before: datetime, limit: int = 1000) -> int:
        """Overwrite mails that left, or were given up, before that: a page of them. Return how many."""
        sent = sa.and_(_MAIL.created_at < before, _MAIL.status != d.NotificationStatus.PENDING)
        query = (
            sa.select(d.Notification)
            .where(sent, _MAIL.recipient != KNOWN_NO_MORE)
            .order_by(_MAIL.created_at)
            .limit(limit)
        )
        found = list(self._session.scalars(query.with_for_update(skip_locked=True)))
        for item in found:
            item.erase()
        return len(found)

    def _mails(self, which: sa.ColumnElement[bool]) -> None:
        """Take back those that have not left, and overwrite the others; that they were sent, and when, stays."""
        self._session.flush()
        query = sa.select(d.Notification).where(which).order_by(_MAIL.key)
        for item in self._session.scalars(query.with_for_update()):
            if item.status is d.NotificationStatus.PENDING:
                self._session.delete(item)
            else:
                item.erase()
        self._session.flush()


def _erased(column: sa.Column[str]) -> sa.ColumnElement[str | None]:
    """Return what stands where a text was; where there was none there still is none."""
    return sa.case((column.is_not(None), ERASED))


def _mailbox(stored: RowMapping) -> str | None:
    """Return the mailbox of a contact as it is stored; None where it is erased, or the key to it is missing."""
    try:
        email = WHO.texts({**stored})["email"]
    except KeyMissing:
        return None
    return None if email == ERASED else str(email)
