"""A customer's own data: a copy of it, and its erasure.

An erasure is heard by orders, which decides order by order; logistics and aftersales answer for each order that it
erased. Here, conversations are erased as soon as they are closed, and whom to write to about an order as soon as no
return of it is open. When all have answered, the customer is told by mail, and that they are a customer is forgotten.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence

from services.aftersales.api.events import ReturnsErased
from services.common.basics import ids
from services.common.basics.caller import ADMIN, CUSTOMER
from services.common.basics.clock import rfc3339
from services.common.basics.errors import ServiceError
from services.common.basics.message import Message
from services.common.basics.shapes import Page
from services.common.commitments import start
from services.common.edge import tokens
from services.common.store.database import repeated
from services.logistics.api.events import ShipmentsErased
from services.orders.api.events import OrdersSorted
from services.support.adapters.mail import privacy as mails
from services.support.api import (
    BadCode,
    ConfirmPrivacy,
    ExportOver,
    ExportOwner,
    LinksEnded,
    NoSession,
    PartStatus,
    PrivacyKind,
    PrivacyRequestNotFound,
    PrivacyRequestView,
    PrivacyStatus,
    TicketStatus,
    TooManyCodes,
)
from services.support.api.privacy import ListPrivacyRequests
from services.support.api.terms import (
    COPIES_KEPT,
    MAILS_KEPT,
    PRIVACY_REQUEST,
    REQUESTS_KEPT,
    TERMS,
    TICKETS_KEPT,
    UNCONFIRMED_KEPT,
)
from services.support.domain import PrivacyRequest, Ticket
from services.support.domain.incoming import IncomingRecord
from services.support.domain.people import CODE_LIFETIME
from services.support.domain.privacy import ORDERS
from services.support.handlers import sessions, sorting, tickets
from services.support.handlers.mailing import queue_mail
from services.support.repository import Transaction, Work
from services.support.repository.privacy import TICKET_ENDED

PAGES = 50
"""Pages of what is old that one run of the timer forgets at most."""
TAX_RECORDS = "the records of what was sold, which tax law wants"
OPEN_TICKET = "the conversation is not closed"
EXPORTED, COPY = 100, "privacy_copy"


def ask(work: Work, kind: PrivacyKind) -> PrivacyRequestView:
    """Begin a request of the caller and mail its code; while one runs, return that."""
    email = _mailbox(work)
    known = work.privacy.find_open(email, kind)
    running = known is not None and known.status is PrivacyStatus.RUNNING
    if (
        known is not None
        and running
        and (kind is not PrivacyKind.EXPORT or work.notifications.waits(known.number, COPY))
    ):
        return show(known)
    if not work.people.count_code(f"privacy:{hashlib.sha256(email.encode()).hexdigest()}"):
        raise TooManyCodes
    if known is not None and running:  # the mail with its link was given up
        _mail_copy(work, known)
        return show(known)
    code_id = secrets.token_hex(16)
    number = ids.new_number(ids.PRIVACY)
    request = PrivacyRequest(number, kind, email, work.now, code_id, work.now + CODE_LIFETIME)
    if known is None and not work.privacy.begin(request):
        known = work.privacy.find_open(email, kind)  # it was asked for at the same moment
    if known is not None:
        request = known
        request.mail_code(code_id, work.now)
    queue_mail(
        work, mails.code(kind, request.number), email, code_id, key=f"privacy:{code_id}", about="privacy_code",
        reference=request.number, tells_customer=False, not_after=request.code_until,
    )  # fmt: skip
    return show(request)


def confirm(transaction: Transaction, number: str, request: ConfirmPrivacy) -> PrivacyRequestView:
    """Confirm a request. A refusal is raised after the try that it costs is committed."""

    def attempt() -> PrivacyRequestView | ServiceError:
        with transaction() as work:
            return _try_code(work, number, request.code.replace(" ", ""))

    outcome = repeated(attempt)
    if isinstance(outcome, ServiceError):
        raise outcome
    return outcome


def _try_code(work: Work, number: str, code: str) -> PrivacyRequestView | ServiceError:
    email = _mailbox(work)
    request = work.privacy.find(number)
    if request is None or request.email != email:
        return PrivacyRequestNotFound()
    if request.status is PrivacyStatus.UNCONFIRMED:
        if not request.takes(code, work.settings.secrets, work.now):
            return BadCode()
        _begin(work, request)
    return show(request)


def _begin(work: Work, request: PrivacyRequest) -> None:
    work.journal.record(request.confirm(work.now))
    clock = start(
        PRIVACY_REQUEST, request.number, request.asked_at, id=ids.new_id(), owner="support",
        terms=TERMS[PRIVACY_REQUEST], zone=work.settings.support_zone,
    )  # fmt: skip
    request.due_at = clock.due_at
    work.commitments.start(clock)
    if request.kind is PrivacyKind.ERASURE:
        _erase_or_wait(work, work.erasing.tickets_of(request.email), request)
        return
    _mail_copy(work, request)


def _mail_copy(work: Work, request: PrivacyRequest) -> None:
    token = tokens.export_token(work.settings.secret, request.number)
    request.file_hash, request.file_until = tokens.token_hash(token), work.now + COPIES_KEPT.span
    queue_mail(
        work, mails.copy_ready(request.number, request.file_until), request.email, request.number,
        key=f"privacy:{request.number}:copy:{int(work.now.timestamp())}", about=COPY, reference=request.number,
        not_after=request.file_until,
    )  # fmt: skip


def list_requests(work: Work, query: ListPrivacyRequests) -> Page[PrivacyRequestView]:
    """List the caller's own requests; an admin's list has all, unless it is to be their own."""
    email = None if work.caller.has(ADMIN) and not query.mine else _mailbox(work)
    return work.privacy.page(show, email=email, cursor=query.cursor, limit=query.limit)


def open_export(work: Work, token: str) -> ExportOwner:
    """Say whose data a link leads to."""
    found = work.privacy.of_file(tokens.token_hash(token))
    if found is None:
        raise ExportOver
    return {"number": found.number, "email": found.email}


def export_conversations(work: Work) -> Mapping[str, object]:
    """Return the caller's conversations, where they are signed in, the mails they were sent, and their requests."""
    email = _mailbox(work)
    return {
        "conversations": [tickets.get_ticket(work, number) for number in work.tickets.numbers_of(email)],
        "sessions": sessions.sessions_of(work, email),
        "mails": [
            {"sent_at": item.sent_at and rfc3339(item.sent_at), "subject": item.subject, "text": item.text}
            for item in work.notifications.sent_to(email)
        ],
        "mails_received": [_received(each) for each in work.incoming.of_sender(email)],
        "unreachable": _unreachable(work, email),
        "followed_suggestions": work.suggestions.followed_by(email),
        "requests": work.privacy.page(show, email=email, cursor=None, limit=EXPORTED)["items"],
    }


def _received(record: IncomingRecord) -> Mapping[str, object]:
    return {
        "received_at": rfc3339(record.received_at),
        "size": record.size,
        "message_id": record.message_id,
        "conversation": record.ticket_number,
        "outcome": record.outcome,
    }


def _unreachable(work: Work, email: str) -> Mapping[str, object] | None:
    """Return since when our mail to the mailbox comes back, and what its server says."""
    found = work.incoming.unreachable(email)
    return {"since": rfc3339(found.since), "reason": found.reason} if found else None


# what the services answer


def on_orders_sorted(work: Work, event: OrdersSorted, message: Message) -> None:
    """Note which orders were erased, which wait, and which records the law wants."""
    request = work.privacy.get(event.request_id)
    for each in event.erased:
        request.note(f"order {each.order_number}", PartStatus.ERASED)
        if each.kept_until is not None:
            what = f"your name and address with order {each.order_number}"
            request.note(what, PartStatus.KEPT, TAX_RECORDS, each.kept_until)
    for waiting in event.waiting:
        request.note(f"order {waiting.order_number}", PartStatus.WAITING, waiting.why)
    request.erased_orders = [each.order_number for each in event.erased]
    request.answered(ORDERS)
    _end_if_answered(work, request)


def on_shipments_erased(work: Work, event: ShipmentsErased, message: Message) -> None:
    """Note that logistics has erased its part of an order."""
    _note_answer(work, event.request_id, f"logistics {event.order_number}")


def on_returns_erased(work: Work, event: ReturnsErased, message: Message) -> None:
    """Forget whom to write to about an order, unless a return of it is open; then it waits with it."""
    if not event.waiting:
        _erase_order(work, event.order_number, event.request_id)
        _note_answer(work, event.request_id, f"aftersales {event.order_number}")
        return
    request = work.privacy.find(event.request_id)
    if request is not None and request.status is PrivacyStatus.RUNNING:
        request.note(f"returns of order {event.order_number}", PartStatus.WAITING, event.waiting)
    _note_answer(work, event.request_id, f"aftersales {event.order_number}")


def erase_what_ended(work: Work) -> None:
    """Erase the conversations that were open when their customer asked, and are closed by now."""
    waiting = work.tickets.locked(subject for subject, _ in work.erasures.waiting(TICKET_ENDED))
    over = [ticket for ticket in waiting if work.erasing.is_over(ticket)]
    if over:
        _erase(work, *over)
    for ticket in over:
        work.erasures.done(ticket.number)


def forget(transaction: Transaction) -> None:
    """Forget what has been kept long enough (`api.terms`): requests, mails, and who closed conversations were with.

    A page at a time, until nothing is left, at most `PAGES` of each; the next run goes on.
    """
    with transaction() as work:
        over = work.privacy.forget(work.now - UNCONFIRMED_KEPT.span, work.now - REQUESTS_KEPT.span)
        work.erasures.drop_keys(*over)
    for forget_some in (_forget_mails, _forget_tickets):
        for _ in range(PAGES):
            with transaction() as work:
                if not forget_some(work):
                    break


def _forget_mails(work: Work) -> int:
    return work.erasing.old_mails(work.now - MAILS_KEPT.span)


def _forget_tickets(work: Work) -> int:
    found = work.erasing.old_tickets(work.now - TICKETS_KEPT.span)
    _erase(work, *found)
    return len(found)


def show(request: PrivacyRequest) -> PrivacyRequestView:
    """Show a request; times that there are not yet are left out."""
    shown: PrivacyRequestView = {
        "number": request.number,
        "kind": request.kind,
        "status": request.status,
        "email": request.email,
        "asked_at": rfc3339(request.asked_at),
        "parts": request.parts,
    }
    if request.confirmed_at is not None:
        shown["confirmed_at"] = rfc3339(request.confirmed_at)
    if request.due_at is not None:
        shown["due_at"] = rfc3339(request.due_at)
    if request.ended_at is not None:
        shown["ended_at"] = rfc3339(request.ended_at)
    return shown


def _mailbox(work: Work) -> str:
    """Return the caller's mailbox. A link is not enough: it says nothing about other orders and conversations."""
    if CUSTOMER not in work.caller.roles or not work.caller.email:
        raise NoSession
    return work.caller.email


def _note_answer(work: Work, request_id: str, answer: str) -> None:
    request = work.privacy.find(request_id)
    if request is not None and request.status is PrivacyStatus.RUNNING:
        request.answered(answer)
        _end_if_answered(work, request)


def _end_if_answered(work: Work, request: PrivacyRequest) -> None:
    wanted = [f"{service} {number}" for number in request.erased_orders for service in ("logistics", "aftersales")]
    if request.status is not PrivacyStatus.RUNNING or not request.is_answered(wanted):
        return
    email = request.email
    for other in work.privacy.of_mailbox(email):
        if other is not request:
            _drop(work, other)
    sessions.end_all(work, email, "erased")
    sorting.forget_customer(work, email)
    work.session.flush()
    work.erasures.drop_keys(*work.erasing.person(email), request.number)
    work.erasures.forget_copies(email)
    queue_mail(
        work, mails.erased(request.number, request.parts), email, "contact", key=f"privacy:{request.number}:erased",
        about="privacy_erased", reference=request.number,
    )  # fmt: skip
    work.journal.record(request.end(work.now))
    work.commitments.stop(PRIVACY_REQUEST, request.number, work.now)


def _drop(work: Work, other: PrivacyRequest) -> None:
    """Let nothing come of another request of who is erased: what was to be copied is gone."""
    work.erasures.drop_keys(other.number)
    if other.status is PrivacyStatus.UNCONFIRMED:
        work.privacy.drop(other)
        return
    work.journal.record(other.end(work.now))
    work.commitments.recall(PRIVACY_REQUEST, other.number, work.now)
    other.forget()


def _erase_or_wait(work: Work, found: Sequence[Ticket], request: PrivacyRequest) -> None:
    over = [ticket for ticket in found if work.erasing.is_over(ticket)]
    _erase(work, *over)
    for ticket in found:
        what = f"conversation {ticket.number}"
        if ticket in over:
            request.note(what, PartStatus.ERASED)
        else:
            work.erasures.wait(ticket.number, request.number)
            request.note(what, PartStatus.WAITING, OPEN_TICKET)


def _erase(work: Work, *tickets: Ticket) -> None:
    for ticket in tickets:
        _erase_ticket(work, ticket)
    numbers = [ticket.number for ticket in tickets]
    work.erasures.forget_copies(*numbers)
    work.erasures.drop_keys(*numbers)


def _erase_ticket(work: Work, ticket: Ticket) -> None:
    if ticket.status is TicketStatus.QUARANTINED:  # it cannot be let through any more, and must not wait for ever
        events = ticket.mark_spam("its customer was erased", by_lead=True)
        work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    work.erasing.ticket(ticket)


def _erase_order(work: Work, number: str, request_id: str) -> None:
    email = work.erasing.contact(number)
    if links := [each.id for each in work.order_links.of(number)]:
        work.order_links.end(number, links, tokens.ORDER_LIFETIME)
        work.journal.record(LinksEnded(ticket_number=None, order_number=number, links=links))
    found = work.erasing.tickets_of(email, number) if email else []
    over = [ticket for ticket in found if work.erasing.is_over(ticket)]
    for ticket in found:
        if ticket in over:
            _erase_ticket(work, ticket)
        else:
            work.erasures.wait(ticket.number, request_id)
    gone = [number, *(ticket.number for ticket in over)]
    work.erasures.forget_copies(*gone)
    work.erasures.drop_keys(*gone)
