"""Questions that cannot be answered at once: looked into, answered when a second person agrees (standard, section 1).

The ticket is locked before its verification, so that two decisions, or a decision and a draft, follow one another.
"""

from __future__ import annotations

from services.common.basics import ids
from services.common.basics.caller import LEAD, is_same_person
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.common.language import speaking
from services.support import views
from services.support.adapters.mail import staff as staff_mails
from services.support.adapters.mail import tickets as mails
from services.support.adapters.mail.letter import Mail
from services.support.api import (
    DecideVerification,
    DraftAnswer,
    ListVerifications,
    VerificationDecision,
    VerificationView,
    VerifyTicket,
)
from services.support.domain import Ticket, Verification
from services.support.domain.state import require_sentence
from services.support.handlers import quality
from services.support.handlers.access import acting, for_staff, require_person, zone_of
from services.support.handlers.basis import cite
from services.support.handlers.mailing import for_reader, language_of, queue_ticket_mail, tell_person
from services.support.repository import Work


def verify_ticket(work: Work, number: str, request: VerifyTicket) -> VerificationView:
    """Record the question, and tell the customer what is looked into and until when."""
    ticket = for_staff(work, number, request.version)
    require_sentence(request.question)
    actor, found = acting(work), ids.new_id()
    complete_by, news_by = work.settings.team_time.complete_by(work.now), work.settings.team_time.news_by(work.now)
    mail = mails.looked_into(number, request.question, complete_by, news_by, zone_of(work, ticket))
    message, events = ticket.verify(
        found, for_reader(work, ticket, mail).text, actor, work.now, complete_by=complete_by
    )
    verification = Verification(found, number, request.question, request.known, request.evidence, actor, work.now)
    verification.basis = cite(work, request.basis) or None
    if request.draft is not None:
        events += verification.submit(request.draft, actor, work.now, ticket.linked_order, basis=verification.basis)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)
    work.verifications.add(verification)
    queue_ticket_mail(work, ticket, mail, "verification_requested")
    if request.draft is not None:
        _ask_second_person(work, verification)
    return views.verification(verification)


def list_verifications(work: Work, query: ListVerifications) -> Page[VerificationView]:
    """List what is looked into."""
    return work.verifications.page(views.verification, query)


def get_verification(work: Work, verification_id: str) -> VerificationView:
    """Show one."""
    return views.verification(work.verifications.get(verification_id))


def draft_answer(work: Work, verification_id: str, request: DraftAnswer) -> VerificationView:
    """Write the complete answer, and tell the leads that it waits for a second person."""
    ticket, verification = _locked(work, verification_id, request.version)
    events = verification.submit(
        request.draft, acting(work), work.now, ticket.linked_order, known=request.known, evidence=request.evidence,
        basis=cite(work, request.basis),
    )  # fmt: skip
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    _ask_second_person(work, verification)
    return views.verification(verification)


def decide_verification(work: Work, verification_id: str, request: DecideVerification) -> VerificationView:
    """Send the complete answer to the customer, or the draft back to its author."""
    ticket, verification = _locked(work, verification_id, request.version)
    actor = acting(work)
    if request.decision is VerificationDecision.SEND_BACK:
        events = verification.send_back(request.note or "", actor, work.now, ticket.linked_order)
        work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
        quality.draw_sent_back(work, ticket, verification)
        if verification.drafted_by:
            _tell(work, verification, verification.drafted_by, staff_mails.sent_back(ticket.number))
        return views.verification(verification)
    answer = verification.approve(request.text, actor, work.now)
    author, edited = verification.drafted_by or actor, answer != verification.draft
    message, events = ticket.give_verified_answer(
        answer, author, actor, work.now, edited=edited, basis=verification.basis
    )
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)
    quality.draw_answer(work, ticket, message)
    with speaking(language_of(work, ticket.customer_email, ticket)):
        text = answer + mails.based_on(message.basis, work.settings.public_url)
    mail = mails.verified(ticket.number, text, verification.question)
    queue_ticket_mail(work, ticket, mail, "answer_verified")
    return views.verification(verification)


def _locked(work: Work, verification_id: str, version: int | None) -> tuple[Ticket, Verification]:
    verification = work.verifications.get(verification_id)
    ticket = work.tickets.get(verification.ticket_number, lock=True)
    verification = work.verifications.lock(verification)
    require_person(ticket)
    require_version(version, verification.version, lambda: views.verification(verification))
    return ticket, verification


def _ask_second_person(work: Work, verification: Verification) -> None:
    mail = staff_mails.drafted(verification.ticket_number)
    for lead in work.people.with_role(LEAD):
        if not is_same_person(lead.email, verification.drafted_by):
            _tell(work, verification, lead.email, mail)


def _tell(work: Work, verification: Verification, recipient: str, mail: Mail) -> None:
    key = f"{verification.id}:{verification.version}:{recipient}"
    tell_person(work, verification.ticket_number, recipient, mail, key, about="verification")
