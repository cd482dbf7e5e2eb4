"""The ladder: people are told when the time of a promise on a ticket runs out (standard, section 6).

The events of a clock put its rungs down; a timer tells of them, so that many at once become one mail for each person,
within the hours of the team. What is told to whom is kept in the transaction that queues the mail: a second replica,
or a start after a crash, goes on where it ended.
"""

from __future__ import annotations

from collections import defaultdict

from services.common.basics.clock import rfc3339
from services.common.basics.personal import ERASED
from services.common.commitments import Clock
from services.common.commitments.events import CommitmentAtRisk, CommitmentBreached
from services.support.adapters.mail import ladder as mails
from services.support.api.events import RungTold
from services.support.domain import Ticket
from services.support.domain.ladder import AT_RISK, FAR_OVER, OVER, Rung, RungMail, next_look
from services.support.handlers.mailing import queue_mail
from services.support.handlers.whom import at_work, whom_to_tell
from services.support.repository import Work

Told = dict[str, list[tuple[Rung, Clock]]]


def put_down(work: Work, event: CommitmentAtRisk | CommitmentBreached) -> None:
    """Note that the clock of a ticket has come to a rung; of one that is over, also the rung after it."""
    shares = (OVER, FAR_OVER) if isinstance(event, CommitmentBreached) else (AT_RISK,)
    for share in shares:
        work.ladder.add(Rung(event.promised_on, event.kind, event.started_at, share, event.due_at, work.now))


def climb(work: Work) -> None:
    """Tell of the rungs that are reached, in one mail for each person; the others are looked at again later."""
    if not at_work(work):
        return
    rungs = work.ladder.due()
    reached = _reached(work, rungs)
    wanted = {id(rung): _people(work, rung, ticket) for rung, _, ticket in reached}
    known: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for mail in work.ladder.told(rung.ticket_number for rung in rungs):
        known[*mail.of, mail.share].add(mail.recipient)
    untold = {id(rung): wanted[id(rung)] - known[*rung.of, rung.share] for rung, _, _ in reached}
    free_from = work.ladder.free_from(email for people in untold.values() for email in people)
    batch: Told = defaultdict(list)
    for rung, clock, ticket in reached:
        people = untold[id(rung)]
        now = sorted(email for email in people if free_from[email] <= work.now)
        rung.look_at = min((free_from[email] for email in people if email not in now), default=None)
        rung.due_at = clock.due_at
        for email in now:
            batch[email].append((rung, clock))
        if now:
            _note(work, rung, ticket, now)
    for email, found in sorted(batch.items()):
        _mail(work, email, found)


def _reached(work: Work, rungs: list[Rung]) -> list[tuple[Rung, Clock, Ticket]]:
    """Return the rungs to tell of now, by ticket; set aside what is over, and when to look again at the others."""
    numbers = sorted({rung.ticket_number for rung in rungs})
    tickets = {number: work.tickets.get(number) for number in numbers}
    clocks = {(each.subject, each.kind, each.started_at): each for each in work.commitments.of_subjects(numbers)}
    found = []
    for rung in sorted(rungs, key=lambda each: (each.ticket_number, each.kind, each.started_at, each.share)):
        clock, ticket = clocks.get(rung.of), tickets[rung.ticket_number]
        gone = clock is None or ticket.customer_email == ERASED
        look = None if clock is None or gone else next_look(clock, rung.share, work.now)
        if clock is not None and look is not None and look <= work.now:
            found.append((rung, clock, ticket))
        else:
            rung.look_at = look
    return found


def _people(work: Work, rung: Rung, ticket: Ticket) -> set[str]:
    return {person.email for person in whom_to_tell(work, ticket, rung.kind, rung.share)}


def _note(work: Work, rung: Rung, ticket: Ticket, people: list[str]) -> None:
    work.ladder.note(RungMail(*rung.of, rung.share, email, work.now) for email in people)
    told = RungTold(
        ticket_number=rung.ticket_number, order_number=ticket.linked_order, kind=rung.kind, share=rung.share,
        due_at=rung.due_at, told=people,
    )  # fmt: skip
    work.journal.record(told)


def _mail(work: Work, email: str, found: list[tuple[Rung, Clock]]) -> None:
    lines = [
        mails.RungLine(rung.ticket_number, rung.kind, rung.share, clock.due_at, late=clock.stopped_at is not None)
        for rung, clock in found
    ]
    one = {line.ticket_number for line in lines}
    page = f"desk/inbox/{lines[0].ticket_number}" if len(one) == 1 else "desk/today"
    queue_mail(
        work, mails.running_out(lines, work.settings.support_zone), email, page,
        key=f"ladder:{email}:{rfc3339(work.now)}", about="ladder", reference=lines[0].ticket_number,
        tells_customer=False,
    )  # fmt: skip
