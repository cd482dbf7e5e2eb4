"""Mail that comes in: each taken once, within bounds, none lost (standard, section 5).

A mail is read and noted in one transaction, its files are examined in none, and it is taken in another, which notes
that too; only then is it moved. Whatever is killed half-way, it is tried again, and one that was taken is only moved.

What was sent to a reply address that we gave to its sender is their answer. All else is a stranger's: it opens a
conversation of its own, whose writer sees what they wrote until they show that they read that mailbox. Programs and
mail servers are never answered. What cannot be read or is too much goes to a folder for a person to look at.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import NamedTuple

from services.common.basics.clock import rfc3339
from services.common.basics.errors import ServiceError
from services.common.basics.shapes import Page, PageQuery
from services.common.runtime.parallel import in_thread
from services.common.runtime.upload_settings import UploadSettings
from services.common.store.leases import LeaseLost
from services.support.adapters.mailbox.places import Found, MailboxAway
from services.support.adapters.mailbox.reading import (
    HEADER_BYTES,
    MOST_BYTES,
    MailUnreadable,
    fingerprint_of,
    read,
)
from services.support.adapters.mailbox.settings import Box, MailInSettings, opened
from services.support.api.mail_in import MailAside, MailOutcome
from services.support.api.terms import RECEIPTS_KEPT, RECEIVED_KEPT
from services.support.domain.incoming import (
    ON_TICKET,
    OPENED_BY_ALL,
    OPENED_BY_SENDER,
    TRIES,
    IncomingMail,
    IncomingRecord,
    MailKind,
)
from services.support.handlers import letters_in, mail_files, notices_in
from services.support.handlers.reply_tokens import owner_of
from services.support.repository import Transaction, Work

log = logging.getLogger(__name__)

MAILBOX, LEASE = "support.mailbox", timedelta(minutes=10)
"""One replica looks into the mailbox at a time; it has so long for each mail."""
AT_ONCE = 50
"""Mails that one look into the mailbox takes at most."""
BROKEN = "it could not be taken, again and again"


class _Begun(NamedTuple):
    """What is known before files are examined. outcome: where nothing more is to be done; uploads: ids of its files."""

    outcome: MailOutcome | None
    uploads: tuple[str, ...] = ()


def take_mails(transaction: Transaction) -> None:
    """Take what waits in the mailbox, the oldest first."""
    with transaction(reading=True) as work:
        settings, now = work.settings.part(MailInSettings), work.now
    if not settings.mail_in:
        return
    with transaction() as work:
        held = work.leases.take(MAILBOX, LEASE)
    if held is None:
        return  # another replica is at it: two would each count a try of the same mail
    try:
        with opened(settings) as box:
            for found in box.waiting(AT_ONCE):
                _take(transaction, box, found, settings)
                with transaction() as work:
                    held = work.leases.renew(MAILBOX, held, LEASE)
            box.forget(now - RECEIVED_KEPT.span)
    except MailboxAway as problem:
        log.warning("mail is not read: %s", problem)
    except LeaseLost:
        log.warning("mail is read by another replica: a mail took too long")
    finally:  # also when the database was away for a moment: else no replica reads mail for ten minutes
        with transaction() as work:
            work.leases.end(MAILBOX, held)


def list_mail_aside(work: Work, query: PageQuery) -> Page[MailAside]:
    """List what a person has to look at."""
    return work.incoming.aside(_shown, cursor=query.cursor, limit=query.limit)


def forget_mails(work: Work) -> None:
    """Drop what is known of mails that came long ago."""
    work.incoming.forget(work.now - RECEIPTS_KEPT.span)


def _take(transaction: Transaction, box: Box, found: Found, settings: MailInSettings) -> None:
    try:
        if found.size > MOST_BYTES:
            raise MailUnreadable(f"it has more than {MOST_BYTES} bytes")
        mail = in_thread(read, box.read(found.name), settings.tokens_in)
    except FileNotFoundError:
        return  # another replica has moved it
    except MailUnreadable as problem:
        _leave_unreadable(transaction, box, found, str(problem))
        return
    try:
        outcome = take(transaction, mail, found.size)
    except ServiceError as problem:
        log.warning("a mail waits for the next look: %s", problem)
        return
    except Exception:
        log.exception("a mail could not be taken; it is tried again")
        return
    if outcome is MailOutcome.ASIDE:
        box.aside(found.name)
        with transaction() as work:
            work.incoming.get(mail.fingerprint).moved_aside()
    elif outcome is not MailOutcome.TRYING:
        box.done(found.name)


def take(transaction: Transaction, mail: IncomingMail, size: int) -> MailOutcome:
    """Take one mail, unless it was. Return what became of it."""
    with transaction() as work:
        begun, store = _begin(work, mail, size), work.settings.part(UploadSettings).store
    if begun.outcome is not None:
        return begun.outcome
    files = mail_files.keep(mail.files, begun.uploads, store)
    with transaction() as work:
        record = work.incoming.get(mail.fingerprint)
        if record.over:
            return record.outcome
        work.incoming.taking = record
        mail_files.note(work, files)
        if mail.kind is MailKind.BOUNCE:
            notices_in.note_bounce(work, mail, record)
        elif mail.kind is MailKind.AUTOMATIC or _is_ours(work, mail):
            notices_in.note_automatic(work, mail, record)
        else:
            letters_in.take_letter(work, mail, record, files)
        return record.outcome


def _begin(work: Work, mail: IncomingMail, size: int) -> _Begun:
    record = work.incoming.begin(IncomingRecord(mail.fingerprint, work.now, size, mail.sender, mail.message_id))
    if record.only_moves:
        return _Begun(record.outcome)
    if record.outcome is MailOutcome.TRYING and record.attempts >= TRIES:
        record.put_aside(BROKEN)
        return _Begun(MailOutcome.ASIDE)
    put_back = record.begin()
    if mail.kind is MailKind.LETTER and not _is_ours(work, mail):
        reason = _too_much(work, mail) if not put_back else None
        reason = reason or _not_for_us(work, mail)
        if reason is not None:
            record.put_aside(reason)
            return _Begun(MailOutcome.ASIDE)
        return _Begun(None, mail_files.begin(work, mail))
    return _Begun(None)


def _not_for_us(work: Work, mail: IncomingMail) -> str | None:
    """Return why a letter cannot be taken, even if a person has put it back."""
    if mail.sender is None:
        return "it has no sender whom we could answer"
    if owner_of(work, mail, mail.sender) is None and work.people.find_staff(mail.sender) is not None:
        return "a member of staff sent it: staff answer on the desk"
    return None


def _too_much(work: Work, mail: IncomingMail) -> str | None:
    """Return why no more letters are taken within this hour: neither floods nor loops go on."""
    owner = owner_of(work, mail, mail.sender) if mail.sender else None
    number = letters_in.number_taking(work, owner) if owner else None
    if number is not None:
        full = work.incoming.added_lately(number) >= ON_TICKET
        return "its conversation had too many mails within an hour" if full else None
    if work.incoming.opened_lately(mail.sender or "") >= OPENED_BY_SENDER:
        return "its sender began too many conversations within an hour"
    if owner is None and work.incoming.opened_lately() >= OPENED_BY_ALL:
        return "strangers began too many conversations within an hour"
    return None


def _is_ours(work: Work, mail: IncomingMail) -> bool:
    """Return whether we sent it ourselves: to answer it would never end."""
    settings = work.settings.part(MailInSettings)
    return mail.sender is not None and mail.sender in (settings.address.lower(), settings.mail_from.lower())


def _leave_unreadable(transaction: Transaction, box: Box, found: Found, reason: str) -> None:
    """Keep a mail aside, unless it was taken before: then there is nothing to look at."""
    try:
        fingerprint = fingerprint_of(box.read(found.name, HEADER_BYTES))
    except FileNotFoundError:
        return
    with transaction() as work:
        record = work.incoming.begin(IncomingRecord(fingerprint, work.now, found.size))
        over = record.over
        if not over:
            record.put_aside(reason)
    if over:
        box.done(found.name)
        return
    box.aside(found.name)
    with transaction() as work:
        work.incoming.get(fingerprint).moved_aside()
    log.warning("a mail is kept aside: %s", reason)


def _shown(record: IncomingRecord) -> MailAside:
    return {
        "id": record.id,
        "received_at": rfc3339(record.received_at),
        "sender": record.sender,
        "size": record.size,
        "reason": record.reason or "",
    }
