"""The books of each provider, read page by page and compared with ours: once a day, and when a lead wants it.

    read the next page (no transaction) → keep it, and how far we are → … → match → ask about what differs → finish

Each step is a transaction of its own and may be done again: who stops anywhere begins the reading where it was, keeps
no entry twice and asks about nothing twice. A provider that does not answer is asked again later; when it stays silent
people are told.

One replica does it at a time: it leases the books, step by step, and one that lost them stops. What differs for longer
than `COMPARED` is looked at no more: a person was asked about it.

What is younger than the grace is left for the next time, for a webhook may be on its way. Matching changes only which
entry is what: money moves by the reports of providers alone (facts.py), and what they do not report a person settles.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from services.common.basics import ids
from services.common.basics.errors import ServiceError
from services.common.basics.money import CURRENCY
from services.common.store.leases import LeaseLost
from services.orders import bank_views
from services.orders.adapters.payments import FactKind, PaymentProvider
from services.orders.api import AttentionKind
from services.orders.api.reconciling import BookList, BooksUnread
from services.orders.api.statuses import BookedKind, DisputeStatus
from services.orders.api.terms import BOOKS_KEPT
from services.orders.domain import Payment
from services.orders.domain.books import (
    COMPARED,
    BookedEntry,
    Comparison,
    Difference,
    subject_of,
)
from services.orders.domain.currencies import reported
from services.orders.handlers import cases
from services.orders.handlers.book_turns import Turn, books_of
from services.orders.repository import Transaction, Work
from services.orders.settings import OrdersSettings

Found = TypeVar("Found")
log = logging.getLogger(__name__)


def list_books(work: Work) -> BookList:
    """Show how far the books of the providers are compared."""
    kept = [work.books.comparison(name) for name in _readable(work.settings)]
    return {"items": [bank_views.books_view(each, work.books.count(each.provider)) for each in kept if each]}


def compare_books(work: Work) -> BookList:
    """Have the books compared at once; the timer does it."""
    for name in _readable(work.settings):
        work.books.begin(Comparison.first(name, work.now))
        comparison = work.books.comparison(name, lock=True)
        if comparison is not None:
            comparison.ask(work.now)
    return list_books(work)


def next_comparison(work: Work) -> datetime | None:
    """Return when the books of a provider are due to be compared."""
    last = [work.books.comparison(name) for name in _readable(work.settings)]
    return min((work.now if each is None else each.next_at for each in last), default=None)


def compare_due(transaction: Transaction) -> None:
    """Compare the books of each provider whose time has come."""
    with transaction(reading=True) as work:
        settings = work.settings
        due = [name for name in _readable(settings) if _is_due(work, name)]
    for name in due:
        turn = Turn.taken(transaction, name)
        try:
            if turn is not None:
                _take_turn(turn, settings.provider(name))
        except LeaseLost:
            log.info("the books of %s are compared by another replica", name)


def forget_old(transaction: Transaction) -> None:
    """Drop what was booked, and what differed, longer ago than it is kept."""
    with transaction() as work:
        work.books.forget(work.now - BOOKS_KEPT.span)


def _take_turn(turn: Turn, provider: PaymentProvider) -> None:
    try:
        _read(turn, provider)
    except ServiceError as problem:
        with turn.transaction() as work:
            turn.end(work)
            told = note_failure(work, turn.name, str(problem))
        log.log(logging.WARNING if told else logging.INFO, "the books of %s cannot be read: %s", turn.name, problem)
    else:
        _compare(turn)


def _readable(settings: OrdersSettings) -> list[str]:
    return [name for name, each in settings.providers.items() if each.keeps_books and each.is_set_up]


def _is_due(work: Work, name: str) -> bool:
    comparison = work.books.comparison(name)
    return comparison is None or comparison.next_at <= work.now


def note_failure(work: Work, name: str, problem: str) -> bool:
    """Note that the provider did not answer. Return whether people are told, as they are when that goes on."""
    comparison = books_of(work, name)
    is_told = comparison.fail(problem, work.now)
    if is_told:
        told = BooksUnread(
            books=f"BOOKS-{name}", provider=name, compared_at=comparison.finished_at, problem=problem[:500]
        )
        work.journal.record(told)
    return is_told


# reading


def _read(turn: Turn, provider: PaymentProvider) -> None:
    """Read the provider's books to their end, from where the last reading stopped."""
    while True:
        with turn.transaction() as work:
            comparison = turn.comparison(work)
            since, until, after = comparison.since, comparison.begin(work.now), comparison.after
        page = provider.booked(since, until, after)
        with turn.transaction() as work:
            comparison = turn.comparison(work)
            work.books.keep(page.movements)
            comparison.turn(len(page.movements), page.following, page.complete_from)
        if not page.following:
            return


# comparing


def _compare(turn: Turn) -> None:
    with turn.transaction() as work:
        now, grace, since = work.now, work.settings.books_grace, turn.comparison(work).compared_since(work.now)
    for found in _unmatched(turn, since, now):
        with turn.transaction() as work:
            _match(work, found)
    for found in _unmatched(turn, since, now - grace):
        with turn.transaction() as work:
            _ask(work, turn.name, found.kind, found.about)
    for kind, about in _missing(turn, since, now - grace):
        with turn.transaction() as work:
            _ask(work, turn.name, kind, about)
    for known in _open(turn, now - COMPARED):
        with turn.transaction() as work:
            _end_if_settled(work, known)
    with turn.transaction() as work:
        turn.end(work).finish(work.now)


def _unmatched(turn: Turn, since: datetime, until: datetime) -> Iterator[BookedEntry]:
    after = since, ""
    while True:
        with turn.transaction(reading=True) as work:
            found = work.books.unmatched(turn.name, after, until)
        yield from _each(turn, found)
        if not found:
            return
        after = found[-1].moved_at, found[-1].name


def _missing(turn: Turn, since: datetime, until: datetime) -> Iterator[tuple[BookedKind, str]]:
    """Yield what we have and they have not; what was asked about meanwhile is not found again."""
    seen: set[tuple[BookedKind, str]] = set()
    while True:
        with turn.transaction(reading=True) as work:
            found = [each for each in work.books.missing(turn.name, since, until) if each not in seen]
        yield from _each(turn, found)
        if not found:
            return
        seen.update(found)


def _open(turn: Turn, since: datetime) -> Iterator[Difference]:
    after = ""
    while True:
        with turn.transaction(reading=True) as work:
            found = work.books.differences(turn.name, since, after)
        yield from _each(turn, found)
        if not found:
            return
        after = found[-1].subject


def _each(turn: Turn, found: Sequence[Found]) -> Iterator[Found]:
    for each in found:
        turn.go_on()
        yield each


def _match(work: Work, found: BookedEntry) -> bool:
    """Find what of ours an entry is, once. Return whether it is anything with this amount."""
    for movement in work.books.unmatched_of(found.provider, found.kind, found.about):
        if _ours(work, movement)[1] == "" and not work.books.is_matched(movement.subject):
            movement.matched = movement.subject
            work.session.flush()
    return work.books.is_matched(found.subject)


def _ask(work: Work, provider: str, kind: BookedKind, about: str) -> None:
    """Ask a person about what differs, once; not if it agrees by now."""
    payment_id, problem = _difference(work, provider, kind, about)
    if not problem:
        return
    number = work.payments.order_of(payment_id)
    if number is not None:
        work.orders.find(number, lock=True)
        payment_id, problem = _difference(work, provider, kind, about)
    known = work.books.difference(subject_of(kind, about))
    if not problem or (known is not None and known.ended_at is None):
        return
    if known is None:
        work.books.add(Difference(subject_of(kind, about), provider, payment_id, work.now))
    else:
        known.found_at, known.ended_at = work.now, None
    theirs = work.books.unmatched_of(provider, kind, about)
    cents, currency = (theirs[0].cents, theirs[0].currency) if theirs else _amount(work, provider, kind, about)
    reference = subject_of(kind, about)[:200]
    cases.open_case(work, AttentionKind.BOOKS_DIFFER, payment_id, number, cents, currency, problem, reference)


def _end_if_settled(work: Work, known: Difference) -> None:
    """End a difference that is none any more. Only its order is locked: of two at once each could wait for another."""
    kind, _, about = known.subject.partition(" ")
    for movement in work.books.unmatched_of(known.provider, BookedKind(kind), about)[:1]:
        _match(work, movement)  # it may be older than what is compared
    if _difference(work, known.provider, BookedKind(kind), about)[1]:
        return
    number = work.payments.order_of(known.payment_id)
    if number is not None:
        work.orders.find(number, lock=True)
    found = work.books.difference(known.subject)
    if found is not None and found.ended_at is None:
        found.ended_at = work.now
        cases.close_kinds(work, found.payment_id, AttentionKind.BOOKS_DIFFER, reference=found.subject[:200])


def _difference(work: Work, provider: str, kind: BookedKind, about: str) -> tuple[str, str]:
    """Return whose it is, and what differs about one thing in the two books; nothing where they agree."""
    matched = work.books.is_matched(subject_of(kind, about))
    theirs = work.books.unmatched_of(provider, kind, about)
    for movement in theirs:
        payment_id, problem = _ours(work, movement)
        amount = reported(movement.cents, movement.currency)
        booked = f"{provider} has booked {kind.value.replace('_', ' ')} {about} of {amount.amount} {amount.currency}"
        if matched:
            return payment_id, f"{booked} twice"
        if problem:
            return payment_id, f"{booked}{problem}"
    if theirs or matched:
        return "", ""
    payment_id, problem = _ours_alone(work, provider, kind, about)
    return payment_id, f"we have {problem}, and {provider} has not booked it" if problem else ""


def _ours(work: Work, theirs: BookedEntry) -> tuple[str, str]:
    """Return the payment that an entry of theirs is about, and why it is not what we have; "" if it is."""
    find = {
        BookedKind.CAPTURE: _our_capture,
        BookedKind.REFUND: _our_refund,
        BookedKind.REFUND_BACK: _our_refund,
        BookedKind.DISPUTE: _our_dispute,
        BookedKind.DISPUTE_BACK: _our_dispute,
    }[theirs.kind]
    return find(work, theirs)


def _our_capture(work: Work, theirs: BookedEntry) -> tuple[str, str]:
    payment = work.books.captured(theirs.provider, theirs.about)
    if payment is not None:
        return payment.payment_id, _amounts(theirs, payment.received_cents or 0, payment.received_currency or "")
    return _of_no_row(work, theirs, FactKind.CAPTURED)


def _our_refund(work: Work, theirs: BookedEntry) -> tuple[str, str]:
    failed = work.books.failed(theirs.provider, theirs.payment_reference, theirs.about)
    if failed is not None:
        return failed, ""  # it left, and it came back
    found = work.books.refunded(theirs.provider, theirs.about)
    if found is None and theirs.kind is BookedKind.REFUND and work.books.returned(_payment_of(work, theirs), theirs):
        return _payment_of(work, theirs), ""
    if found is None:
        return _of_no_row(work, theirs, FactKind.REFUND_SETTLED)
    if theirs.kind is BookedKind.REFUND_BACK:
        return found[1], ", and we have it as paid"
    return found[1], _amounts(theirs, found[0], CURRENCY)


def _our_dispute(work: Work, theirs: BookedEntry) -> tuple[str, str]:
    dispute = work.books.disputed(theirs.provider, theirs.about)
    if dispute is None:
        return _payment_of(work, theirs), ", and we know of none"
    if theirs.kind is BookedKind.DISPUTE_BACK and dispute.status is not DisputeStatus.WON:
        return dispute.payment_id, f", and we have the dispute as {dispute.status.value}"
    whole = work.payments.received_cents(dispute.payment_id)
    return dispute.payment_id, _amounts(theirs, dispute.cents or whole, dispute.currency)


def _of_no_row(work: Work, theirs: BookedEntry, reported_as: FactKind) -> tuple[str, str]:
    """Return what an entry is that we have no row for: a person was asked about it when it was reported, or nothing."""
    is_asked = work.books.asked_about_unknown(f"{reported_as.value} {theirs.about}"[:200], theirs.cents)
    return _payment_of(work, theirs), "" if is_asked else ", and we know of none"


def _amounts(theirs: BookedEntry, cents: int, currency: str) -> str:
    if (theirs.cents, theirs.currency) == (cents, currency):
        return ""
    ours = reported(cents, currency or CURRENCY)
    return f", and we have {ours.amount} {ours.currency}"


def _payment_of(work: Work, theirs: BookedEntry) -> str:
    """Return our number of the payment that an entry is about; one made of their name if it is none of ours."""
    if ids.is_number(theirs.payment_id, ids.PAYMENT):
        return theirs.payment_id
    name = theirs.payment_reference or theirs.about
    payment = work.payments.of_reference(theirs.provider, name)
    known = payment.payment_id if payment else work.books.begun(theirs.provider, name)
    return known or ids.number_after(ids.PAYMENT, theirs.provider, theirs.about)


def _ours_alone(work: Work, provider: str, kind: BookedKind, about: str) -> tuple[str, str]:
    """Return the payment and what we have of it under that name; nothing if we have none."""
    cents, currency = _amount(work, provider, kind, about)
    if not cents:
        return "", ""
    amount = reported(cents, currency)
    what = f"{kind.value.replace('_', ' ')} {about} of {amount.amount} {amount.currency}"
    if kind is BookedKind.CAPTURE:
        payment = work.books.captured(provider, about)
        return (payment.payment_id, what) if payment else ("", "")
    if kind is BookedKind.REFUND:
        refund = work.books.refunded(provider, about)
        return (refund[1], what) if refund else ("", "")
    dispute = work.books.disputed(provider, about)
    is_gone = dispute is not None and kind is BookedKind.DISPUTE and dispute.status is DisputeStatus.LOST
    return (dispute.payment_id, what) if dispute and is_gone else ("", "")


def _amount(work: Work, provider: str, kind: BookedKind, about: str) -> tuple[int, str]:
    """Return what we have under that name of the provider: cents and currency."""
    if kind is BookedKind.CAPTURE:
        payment: Payment | None = work.books.captured(provider, about)
        return (payment.received_cents or 0, payment.received_currency or CURRENCY) if payment else (0, CURRENCY)
    if kind in (BookedKind.REFUND, BookedKind.REFUND_BACK):
        refund = work.books.refunded(provider, about)
        return (refund[0], CURRENCY) if refund else (0, CURRENCY)
    dispute = work.books.disputed(provider, about)
    if dispute is None:
        return 0, CURRENCY
    return dispute.cents or work.payments.received_cents(dispute.payment_id), dispute.currency
