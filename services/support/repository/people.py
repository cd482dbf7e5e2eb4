"""Contacts of orders, staff, and the mails that wait to be sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.errors import NotFound
from services.common.basics.untyped import JsonDict
from services.common.store.statements import change_later, earliest
from services.common.store.upsert import Insert, add_those_new, dialect_insert, values_of
from services.support import domain as d
from services.support import tables as t
from services.support.contact_tables import WHO
from services.support.domain.notification import LEASE
from services.support.domain.people import CODE_WINDOW, CODES_PER_WINDOW
from services.support.domain.sorting import ORDER_MOVES

CLAIMED = 100
"""Mails that one worker takes up at a time."""


class ContactNotFound(NotFound):
    """Nothing is known yet of this order; its event is tried again later."""

    code = "order_contact_not_found"
    message = "Nothing is known yet of this order; its event is tried again later."


class Notifications:
    """The mails that wait, were sent, or were given up."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def last_of(self, ticket_number: str, recipient: str) -> d.Notification | None:
        """Return the latest mail of a ticket to that address."""
        self._session.flush()
        query = (
            sa.select(d.Notification)
            .where(_MAIL.ticket_number == ticket_number, _MAIL.recipient == recipient)
            .order_by(_MAIL.created_at.desc(), _MAIL.key.desc())
            .limit(1)
        )
        return self._session.execute(query).scalar_one_or_none()

    def add(self, item: d.Notification) -> None:
        """Write a mail down, unless one with the same key was."""
        self._session.flush()
        add_those_new(self._session, t.notifications, values_of(item, t.notifications))

    def sent_to(self, recipient: str, limit: int = 1000) -> list[d.Notification]:
        """Return the mails that were sent to that address, the newest first."""
        query = sa.select(d.Notification).where(_MAIL.recipient == recipient, _MAIL.sent_at.is_not(None))
        return list(self._session.scalars(query.order_by(_MAIL.created_at.desc(), _MAIL.key).limit(limit)))

    def language_of(self, recipient: str) -> str | None:
        """Return the language of the newest mail to a customer at that address."""
        self._session.flush()
        ours = sa.and_(_MAIL.recipient == recipient, _MAIL.language.is_not(None))
        query = sa.select(_MAIL.language).where(ours, _MAIL.tells_customer).order_by(_MAIL.created_at.desc()).limit(1)
        return self._session.scalar(query)

    def waits(self, reference: str, about: str) -> bool:
        """Return whether a mail of that kind about this is still to be sent."""
        pending = _MAIL.status == d.NotificationStatus.PENDING
        query = sa.select(_MAIL.key).where(_MAIL.reference == reference, _MAIL.about == about, pending).limit(1)
        return self._session.scalar(query) is not None

    def known(self, key: str) -> bool:
        """Return whether a mail with that key was stored before."""
        query = sa.select(t.notifications.c.key).where(t.notifications.c.key == key)
        return self._session.execute(query).first() is not None

    def withdraw(self, order_number: str, about: str) -> None:
        """Take back the mails about that which are not under way yet."""
        untried = sa.and_(_MAIL.next_attempt_at > self._now, _MAIL.attempts == 0)
        about_it = sa.and_(_MAIL.order_number == order_number, _MAIL.about == about)
        for item in self._session.scalars(sa.select(d.Notification).where(about_it, untried).with_for_update()):
            self._session.delete(item)

    def latest(self, reference: str, about: str, recipient: str) -> d.Notification | None:
        """Return the latest mail of that kind about this to that address."""
        self._session.flush()
        row = sa.and_(_MAIL.reference == reference, _MAIL.about == about, _MAIL.recipient == recipient)
        query = sa.select(d.Notification).where(row).order_by(_MAIL.created_at.desc(), _MAIL.key.desc()).limit(1)
        return self._session.execute(query).scalar_one_or_none()

    def take_back(self, reference: str, about: str) -> None:
        """Take back the mails of that kind about this that wait for their time."""
        untried = sa.and_(_MAIL.next_attempt_at > self._now, _MAIL.attempts == 0)
        about_it = sa.and_(_MAIL.reference == reference, _MAIL.about == about)
        for item in self._session.scalars(sa.select(d.Notification).where(about_it, untried).with_for_update()):
            self._session.delete(item)

    def next_due(self) -> datetime | None:
        """Return when the next mail is due, if any waits."""
        return self._session.scalar(_NEXT_DUE)

    def claim_due(self, limit: int = CLAIMED) -> list[d.Notification]:
        """Begin an attempt with each mail that is due. No other worker takes it before the lease is over."""
        given = {"now": self._now, "lease": self._now + LEASE, "limit": limit}
        due = self._session.scalars(_CLAIM, given, execution_options={"populate_existing": True}).all()
        return sorted(due, key=lambda item: item.created_at)

    def handed_over(self, number: str, recipient: str, message_id: str | None) -> d.Notification | None:
        """Return the mail about a ticket or an order that was handed over to a server, locked: that one, or the last.

        message_id: without brackets; an id that none of the last fifty has stands for none.
        """
        about = sa.or_(_MAIL.ticket_number == number, _MAIL.order_number == number)
        sent = sa.and_(about, _MAIL.recipient == recipient, _MAIL.sent_at.is_not(None))
        query = sa.select(d.Notification).where(sent).order_by(_MAIL.sent_at.desc(), _MAIL.key).limit(50)
        found = list(self._session.scalars(query.with_for_update()))
        return next((item for item in found if item.message_id == message_id), found[0] if found else None)

    def locked(self, keys: Iterable[str]) -> list[d.Notification]:
        """Return these mails, locked in one order."""
        return list(self._session.scalars(_LOCKED, {"keys": sorted(keys)}))


_MAIL = t.notifications.c
_NEXT_DUE = earliest(_MAIL.next_attempt_at)
_DUE = (
    sa.select(_MAIL.key)
    .where(_MAIL.next_attempt_at <= sa.bindparam("now"))
    .order_by(_MAIL.next_attempt_at)
    .limit(sa.bindparam("limit", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = (
    sa.update(d.Notification)
    .where(_MAIL.key == _DUE.c.key)
    .values(attempts=_MAIL.attempts + 1, next_attempt_at=sa.bindparam("lease"))
    .returning(d.Notification)
    .execution_options(synchronize_session=False)
)
_LOCKED = (
    sa.select(d.Notification)
    .where(_MAIL.key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(_MAIL.key)
    .with_for_update()
)


CONTACTS_HELD = "contacts that are held"
"""Where a session keeps them: what this transaction has locked changes only here."""


def read_again(session: Session, order_number: str) -> None:
    """Have a contact read again, because it was changed otherwise."""
    session.info.get(CONTACTS_HELD, {}).pop(order_number, None)


class Contacts:
    """Whom to write to about an order."""

    def __init__(self, session: Session):
        self._session = session
        self._held: dict[str, d.OrderContact] = session.info.setdefault(CONTACTS_HELD, {})

    def find(self, order_number: str, *, lock: bool = False) -> d.OrderContact | None:
        """Return the contact, None if unknown. One that is locked is read once, however much news of it there is."""
        if order_number in self._held:
            return self._held[order_number]
        if not lock:
            return self._session.get(d.OrderContact, order_number)
        row = self._session.execute(_LOCK, {"of": order_number}).one_or_none()
        if row is not None:
            self._held[order_number] = _contact_of(row)
        return self._held.get(order_number)

    def get(self, order_number: str) -> d.OrderContact:
        """Return the contact, locked, so that news about one order opens one conversation only.

        Raise ContactNotFound if unknown.
        """
        found = self.find(order_number, lock=True)
        if found is None:
            raise ContactNotFound(f"no contact of order {order_number} is known yet")
        return found

    def learn(self, contact: d.OrderContact) -> bool:
        """Remember, unless something newer is known; whether it is the newest. What it leaves open is known before."""
        known = self._held.get(contact.order_number) or self._add(contact)
        if known is None or known.seq >= contact.seq:
            self._held[contact.order_number] = known or contact
            return known is None
        self._held[contact.order_number] = contact
        moves = contact.state is not None and known.state in ORDER_MOVES[contact.state]
        contact.contents = contact.contents or known.contents
        contact.state = contact.state if moves else known.state
        row = _row_of(contact)
        if all(getattr(known, name) == row[name] for name in row if name not in ("seq", "state")):
            newer = {"of": contact.order_number, "to_seq": contact.seq, "to_state": contact.state}
            change_later(self._session, _NEWER, newer)
            return True
        mine = sa.update(t.order_contacts).where(_CONTACT.order_number == contact.order_number)
        stored = WHO.stored(row, WHO.new_key())
        change_later(self._session, mine.values(stored).execution_options(synchronize_session=False))
        return True

    def _add(self, contact: d.OrderContact) -> d.OrderContact | None:
        """Add the contact; return the one that was there, locked."""
        key = WHO.new_key()
        stored = WHO.stored(_row_of(contact), key)
        row = self._session.execute(_contact(dialect_insert(self._session)), stored).one()
        return None if (row.seq, row.own_key) == (contact.seq, key) else _contact_of(row)


_CONTACT = t.order_contacts.c
_FIELDS = tuple(each.name for each in fields(d.OrderContact))
_LOCK = sa.select(t.order_contacts).where(_CONTACT.order_number == sa.bindparam("of")).with_for_update()
_NEWER = (
    sa.update(t.order_contacts)
    .where(_CONTACT.order_number == sa.bindparam("of"))
    .values(seq=sa.bindparam("to_seq"), state=sa.bindparam("to_state"))
)


def _contact_of(row: sa.Row[tuple[object, ...]]) -> d.OrderContact:
    """Return the contact of a row as it is stored."""
    known: JsonDict = row._asdict()
    return d.OrderContact(**{**{name: known[name] for name in _FIELDS}, **WHO.texts(known)})


def _row_of(contact: d.OrderContact) -> dict[str, object]:
    return {name: getattr(contact, name) for name in _FIELDS}


@lru_cache
def _contact(insert: Insert) -> sa.Executable:
    """Add a contact, or lock the one that is known; return it as it stands there."""
    new, row = insert(t.order_contacts), t.order_contacts.c
    same = {"order_number": new.excluded.order_number}
    return new.on_conflict_do_update(index_elements=["order_number"], set_=same).returning(*row)


class People:
    """Staff, and how many codes an address was sent lately."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def find_staff(self, email: str) -> d.Staff | None:
        """Return that member of staff, while they work here."""
        found = self._session.get(d.Staff, email)
        return found if found is not None and found.active else None

    def with_role(self, role: str) -> list[d.Staff]:
        """Return all active staff in that role."""
        everybody = self._session.execute(sa.select(d.Staff).where(t.staff.c.active.is_(True)).limit(500)).scalars()
        return [person for person in everybody if role in person.roles]

    def every_staff(self, *, lock: bool = False) -> list[d.Staff]:
        """Return all who work or worked here, by address. Lock them in that order, so that changes come one by one."""
        query = sa.select(d.Staff).order_by(t.staff.c.email)
        return list(self._session.execute(query.with_for_update() if lock else query).scalars())

    def any_staff(self, email: str) -> d.Staff | None:
        """Return that person, whether they still work here or not."""
        return self._session.get(d.Staff, email)

    def has_staff(self) -> bool:
        """Return whether any staff was ever entered."""
        return self._session.execute(sa.select(t.staff.c.email).limit(1)).first() is not None

    def add_staff(self, people: Iterable[d.Staff]) -> None:
        """Add staff who are new. Others are not changed."""
        for person in people:
            values = {column.name: getattr(person, column.name) for column in t.staff.c}
            insert = dialect_insert(self._session)(t.staff).values(values)
            self._session.execute(insert.on_conflict_do_nothing())

    def count_code(self, key: str, most: int = CODES_PER_WINDOW) -> bool:
        """Count one more code for that address, or whatever the key names, in one statement, for all replicas.

        Return whether it may be sent now. most: in a window.
        """
        row, began = t.sign_in_limits.c, self._now - CODE_WINDOW
        insert = dialect_insert(self._session)(t.sign_in_limits)
        over = row.window_began_at <= began
        upsert = insert.values(email=key, window_began_at=self._now, codes=1).on_conflict_do_update(
            index_elements=["email"],
            set_={
                "codes": sa.case((over, 1), else_=row.codes + 1),
                "window_began_at": sa.case((over, self._now), else_=row.window_began_at),
            },
            where=sa.or_(over, row.codes < most),
        )
        return self._session.execute(upsert.returning(row.codes)).first() is not None

    def forget_counts(self, before: datetime) -> None:
        """Drop what was counted before that moment."""
        self._session.execute(sa.delete(t.sign_in_limits).where(t.sign_in_limits.c.window_began_at < before))
