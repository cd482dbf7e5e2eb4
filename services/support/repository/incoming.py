"""Mails that came in, and mailboxes that cannot be reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.common.store.pages import page
from services.common.store.upsert import add_if_new, values_of
from services.support import tables as t
from services.support.api.mail_in import MailOutcome
from services.support.domain.incoming import HOUR, IncomingRecord, UnreachableMailbox

T = TypeVar("T")
_ROW = t.incoming_mails.c


class IncomingMails:
    """What is remembered of mails. taking: the one that is dealt with in this transaction."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now
        self.taking: IncomingRecord | None = None

    def begin(self, record: IncomingRecord) -> IncomingRecord:
        """Return the row of this mail, locked; it is added if the mail is new."""
        add_if_new(self._session, t.incoming_mails, values_of(record, t.incoming_mails))
        return self.get(record.id)

    def get(self, record_id: str) -> IncomingRecord:
        """Return the row of a mail, locked."""
        query = sa.select(IncomingRecord).where(_ROW.id == record_id).with_for_update()
        return self._session.execute(query).scalar_one()

    def opened_lately(self, sender: str | None = None) -> int:
        """Count the conversations that mails began within the hour: those of one mailbox, or all."""
        query = self._lately().where(_ROW.outcome == MailOutcome.OPENED)
        return self._session.scalar(query if sender is None else query.where(_ROW.sender == sender)) or 0

    def added_lately(self, ticket_number: str) -> int:
        """Count the mails that a conversation took within the hour."""
        return self._session.scalar(self._lately().where(_ROW.ticket_number == ticket_number)) or 0

    def latest_id(self, ticket_number: str, sender: str, since: datetime | None, *, first: bool = False) -> str | None:
        """Return the Message-ID of the latest mail that the sender wrote on a ticket after that moment.

        first: only what is dealt with now can have been written on it.
        """
        taking = self.taking
        if taking is not None and taking.sender == sender and taking.message_id:
            return taking.message_id
        if first:
            return None
        query = sa.select(_ROW.message_id).where(
            _ROW.ticket_number == ticket_number, _ROW.sender == sender, _ROW.message_id.is_not(None)
        )
        if since is not None:
            query = query.where(_ROW.received_at >= since)
        return self._session.scalar(query.order_by(_ROW.received_at.desc()).limit(1))

    def aside(self, show: Callable[[IncomingRecord], T], *, cursor: str | None, limit: int) -> Page[T]:
        """Return a page of the mails that were kept aside, the newest first."""
        query = sa.select(IncomingRecord).where(_ROW.outcome == MailOutcome.ASIDE)
        keys = (_ROW.received_at, _ROW.id)
        return page(self._session, query, keys, show, cursor=cursor, limit=limit, descending=True)

    def of_sender(self, email: str, limit: int = 1000) -> list[IncomingRecord]:
        """Return what is remembered of the mails of a mailbox, the newest first."""
        query = sa.select(IncomingRecord).where(_ROW.sender == email)
        return list(self._session.scalars(query.order_by(_ROW.received_at.desc(), _ROW.id).limit(limit)))

    def mark_unreachable(self, email: str, reason: str) -> None:
        """Note that mail to this mailbox comes back, unless that is known."""
        row = values_of(UnreachableMailbox(email, self._now, reason), t.unreachable_mailboxes)
        add_if_new(self._session, t.unreachable_mailboxes, row)

    def unreachable(self, email: str) -> UnreachableMailbox | None:
        return self._session.get(UnreachableMailbox, email)

    def mark_reached(self, email: str) -> None:
        """Note that the owner of this mailbox wrote."""
        self._session.execute(sa.delete(t.unreachable_mailboxes).where(t.unreachable_mailboxes.c.email == email))

    def forget(self, before: datetime) -> None:
        """Drop what came before that moment, and what is known of mailboxes since before it."""
        self._session.execute(sa.delete(t.incoming_mails).where(_ROW.received_at < before))
        self._session.execute(sa.delete(t.unreachable_mailboxes).where(t.unreachable_mailboxes.c.since < before))

    def erase(self, email: str) -> None:
        """Forget that mails came from this mailbox, and that it could not be reached."""
        gone = sa.update(t.incoming_mails).where(_ROW.sender == email)
        self._session.execute(gone.values(sender=ERASED, message_id=None))
        self.mark_reached(email)

    def _lately(self) -> sa.Select[int]:
        return sa.select(sa.func.count()).select_from(t.incoming_mails).where(_ROW.received_at > self._now - HOUR)
