"""Complaints: taken in, investigated, decided, objected to (standard, section 6: no arbitrary rejection).

The ticket is locked before its complaint, so that two decisions, or a decision and an objection, follow one another. A
refund is asked of orders by an event, and told to the customer when orders has answered; until then nothing is decided.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.common.basics.api import KEPT_DAYS
from services.common.basics.caller import LEAD, person_of
from services.common.basics.message import Message
from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.orders.api.events import GoodwillGranted, GoodwillRefused, RefundFailed, RefundSettled, ResendOffered
from services.orders.api.statuses import RefundCause
from services.support import complaint_views
from services.support.adapters.mail import complaints as mails
from services.support.adapters.mail.letter import Mail
from services.support.api import Author, Category, ResolutionCode, StillVerifying, TicketNotFound
from services.support.api.complaint_views import ComplaintReport, ComplaintView, DecidedComplaint
from services.support.api.complaints import (
    ListComplaints,
    ListDecided,
    ObjectToDecision,
    ReportComplaints,
    StepComplaint,
)
from services.support.api.escalation import LeadAnswersFirst
from services.support.api.refusals import (
    CauseNeedsLead,
    ComplaintNotFound,
    ComplaintUndecided,
    NothingDecided,
    OtherPersonDecides,
)
from services.support.api.statuses import ComplaintDecision, ComplaintStatus, ComplaintStep, RefundState
from services.support.api.terms import COMPLAINT_ACKNOWLEDGMENT, COMPLAINT_DECISION, UPDATE
from services.support.domain import Complaint, Ticket
from services.support.domain.complaint import Decision
from services.support.domain.escalation import note_answer_of_lead
from services.support.domain.state import require_sentence
from services.support.domain.suggestion import Words, require_no_customer
from services.support.handlers import assigning
from services.support.handlers.access import acting, for_staff, prove, reader_of, require_seen, side_of, zone_of
from services.support.handlers.mailing import for_reader, queue_ticket_mail, tell_assignee, tell_person
from services.support.handlers.rating import ask_for_rating
from services.support.handlers.whom import leads
from services.support.repository import Reader, Work

_S = ComplaintStep


def take_in(work: Work, ticket: Ticket, at: datetime | None = None) -> tuple[datetime, datetime] | None:
    """Make a complaint of a ticket of that category. Return until when a person takes it up and until when it is
    decided, None if it is another one, or was a complaint before. at: since when we have it, where that is not now."""
    at = at or work.now
    if ticket.category is not Category.COMPLAINT:
        return None
    complaint = work.complaints.find(ticket.number)
    if complaint is None:
        complaint = Complaint(ticket.number, at)
        work.complaints.add(complaint)
    elif complaint.status is not ComplaintStatus.WITHDRAWN:
        return None
    by = work.settings.team_time.complaint_by
    acknowledge_by, decide_by = by(COMPLAINT_ACKNOWLEDGMENT, at), by(COMPLAINT_DECISION, at)
    events = complaint.receive(ticket.linked_order, at, acknowledge_by, decide_by)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, at=at)
    return acknowledge_by, decide_by


def sort_anew(work: Work, ticket: Ticket) -> None:
    """Follow the category that staff corrected: begin a complaint and tell its author, or end it."""
    if ticket.category is Category.COMPLAINT:
        steps = take_in(work, ticket)
        if steps is not None:
            mail = mails.taken_in(ticket.number, *steps, zone_of(work, ticket))
            queue_ticket_mail(work, ticket, mail, f"complaint_received:{ticket.version}")
        return
    complaint = work.complaints.find(ticket.number)
    if complaint is not None and (events := complaint.withdraw(ticket.linked_order)):
        work.tickets.keep(ticket, work.tickets.clocks(ticket), events)


def require_decided(work: Work, ticket: Ticket) -> None:
    """Raise ComplaintUndecided for a complaint before its decision."""
    if ticket.category is not Category.COMPLAINT:
        return
    complaint = work.complaints.find(ticket.number)
    if complaint is None or not complaint.is_decided:
        raise ComplaintUndecided


def show(work: Work, ticket: Ticket) -> ComplaintView | None:
    """Show the complaint of a ticket as the caller may see it; None if it is none."""
    complaint = work.complaints.find(ticket.number)
    if complaint is None or complaint.status is ComplaintStatus.WITHDRAWN:
        return None
    reader, clocks = reader_of(work, ticket), work.tickets.clocks(ticket, lock=False)
    return complaint_views.complaint(
        complaint, ticket, clocks, work.now, to_staff=reader is Reader.STAFF, proven=reader is not Reader.UNPROVEN
    )


def step_complaint(work: Work, number: str, request: StepComplaint) -> ComplaintView:
    """Take the step that staff decided. Who is given it is found out under the lock of all teams, before the ticket."""
    if request.owner is not None or request.step is _S.ACKNOWLEDGED:
        work.teams.lock()
    ticket = for_staff(work, number, request.version)
    if ticket.category is Category.COMPLAINT and work.complaints.find(number) is None:  # of an older release
        take_in(work, ticket)
    complaint = work.complaints.get(number)
    if request.step is _S.IMPROVED:
        _improve(work, ticket, complaint, request)
    else:
        _require_theirs(work, ticket)
        match request.step:
            case _S.ACKNOWLEDGED:
                _acknowledge(work, ticket, complaint, request)
            case _S.INVESTIGATED:
                _investigate(work, ticket, complaint, request)
            case _S.DECIDED:
                _decide(work, ticket, complaint, request)
            case _S.AGREED:
                events = complaint.agree(work.caller.actor, ticket.linked_order, by_lead=work.caller.has(LEAD))
                _require_lead_if_wanted(ticket, complaint)
                work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
                _put_in_force(work, ticket, complaint)
            case _S.SENT_BACK:
                events = complaint.send_back(request.note or "", ticket.linked_order)
                work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
                _tell_proposer(work, complaint)
    return _shown(work, ticket)


def object_to_decision(work: Work, number: str, request: ObjectToDecision) -> ComplaintView:
    """Take the customer's objection: other people decide again. It is a message of theirs, too."""
    ticket = work.tickets.get(number, lock=True)
    reader = reader_of(work, ticket)
    if side_of(work, ticket) is not Author.CUSTOMER:
        raise TicketNotFound
    require_seen(work, ticket, reader, request.version)
    complaint = work.complaints.get(number)
    if reader is Reader.UNPROVEN:  # they were shown no decision
        raise ComplaintNotFound
    proven, clocks = prove(work, ticket), work.tickets.clocks(ticket)
    decide_by = work.settings.team_time.complaint_by(COMPLAINT_DECISION, work.now)
    events = complaint.object(work.now, ticket.linked_order, decide_by)
    message, said = ticket.write(request.message, work.caller.actor, work.now, proven=proven)
    work.tickets.keep(ticket, clocks, [*said, *events], message)
    news_by = clocks.due(UPDATE) or decide_by
    mail = mails.objected(number, decide_by, news_by, zone_of(work, ticket))
    queue_ticket_mail(work, ticket, mail, "complaint_objected")
    _tell_leads(work, ticket, mails.decide_again(number), "objected")
    return _shown(work, ticket)


def list_complaints(work: Work, query: ListComplaints) -> Page[ComplaintView]:
    """List complaints, what is to be decided first first."""

    def shown(item: Complaint) -> ComplaintView:
        ticket = work.tickets.get(item.ticket_number)
        clocks = work.tickets.clocks(ticket, lock=False)
        return complaint_views.complaint(item, ticket, clocks, work.now, to_staff=True, proven=True)

    return work.complaints.page(shown, query)


def report_complaints(work: Work, query: ReportComplaints) -> ComplaintReport:
    """Count what was decided by cause."""
    since, until = _since(work, query.since), query.until or work.now
    found = work.complaints.all_decided(since, query.until)
    return complaint_views.report(found, since, until, work.complaints.count_open())


def list_decided_complaints(work: Work, query: ListDecided) -> Page[DecidedComplaint]:
    """List the rows of the report."""
    return work.complaints.decided(complaint_views.row, query, _since(work, query.since))


# what orders answers


def on_goodwill_granted(work: Work, event: GoodwillGranted, message: Message) -> None:
    """Put the decision in force, now that orders pays the refund, and tell the customer."""
    ticket = work.tickets.get(event.ticket_number, lock=True)
    complaint = work.complaints.get(ticket.number)
    if complaint.awaits(event.ask):
        complaint.fund(event.refund_id, event.due_at)
        _put_in_force(work, ticket, complaint)


def on_resend_offered(work: Work, event: ResendOffered, message: Message) -> None:
    """Put the decision in force, now that orders asks the customer about the parcel."""
    ticket = work.tickets.get(event.ticket_number, lock=True)
    complaint = work.complaints.get(ticket.number)
    if complaint.awaits(event.ask):
        complaint.offer(event.remedy_id)
        _put_in_force(work, ticket, complaint)


def on_goodwill_refused(work: Work, event: GoodwillRefused, message: Message) -> None:
    """Put the refund in front of a second person, or the decision back to who took it."""
    ticket = work.tickets.get(event.ticket_number, lock=True)
    complaint = work.complaints.get(ticket.number)
    if not complaint.awaits(event.ask):
        return
    events = complaint.refuse_refund(event.why, ticket.linked_order, needs_second=event.needs_second_person)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    if event.needs_second_person:
        _ask_second_person(work, ticket, complaint)
    else:
        _tell_proposer(work, complaint)


def note_refund(work: Work, event: RefundSettled | RefundFailed) -> None:
    """Note on its complaint how far a refund is.

    Raise NothingDecided before the answer of orders is known here: the event is then tried again later.
    """
    number, _, ask = event.reference.partition("/")
    if event.cause is not RefundCause.GOODWILL:
        return
    work.tickets.get(number, lock=True)
    complaint = work.complaints.get(number)
    if complaint.awaits(int(ask)):
        raise NothingDecided
    if isinstance(event, RefundSettled):
        complaint.note_refund(event.refund_id, RefundState.SETTLED, event.settled_at)
    else:
        complaint.note_refund(event.refund_id, RefundState.FAILED)


# the steps


def _acknowledge(work: Work, ticket: Ticket, complaint: Complaint, request: StepComplaint) -> None:
    said, owner = request.message or "", request.owner or acting(work)
    require_sentence(said)
    if request.owner is not None:
        assigning.require_there(work, request.owner)
    clocks, by = work.tickets.clocks(ticket), work.settings.team_time
    acknowledged = complaint.acknowledge(owner, work.now, ticket.linked_order)
    decide_by = clocks.due(COMPLAINT_DECISION) or by.complaint_by(COMPLAINT_DECISION, work.now)
    mail = mails.acknowledged(ticket.number, said, by.news_by(work.now), decide_by, zone_of(work, ticket))
    complaint.tell(said, work.now)
    message, events = ticket.answer(for_reader(work, ticket, mail).text, acting(work), work.now)
    events += note_answer_of_lead(ticket, work.now) if work.caller.has(LEAD) else []
    assigned = ticket.assign(owner, team=assigning.team_of(work, ticket)) if ticket.assignee != owner else []
    work.tickets.keep(ticket, clocks, [*events, *acknowledged, *assigned], message)
    queue_ticket_mail(work, ticket, mail, "complaint_acknowledged")
    tell_assignee(work, ticket, mails.investigate(ticket.number), f"complaint:{ticket.version}")


def _investigate(work: Work, ticket: Ticket, complaint: Complaint, request: StepComplaint) -> None:
    if request.owner is not None:
        assigning.require_there(work, request.owner)
    events = complaint.investigate(request.findings or "", request.owner, ticket.linked_order)
    if request.owner is not None and request.owner != ticket.assignee:
        events += ticket.assign(request.owner, team=assigning.team_of(work, ticket))
    clocks = work.tickets.clocks(ticket)
    if request.message is None:
        work.tickets.keep(ticket, clocks, events)
        return
    complaint.tell(request.message, work.now)
    before = work.tickets.last_answer(ticket.number)
    message, said = ticket.answer(request.message, acting(work), work.now, last=before.body if before else "")
    said += note_answer_of_lead(ticket, work.now) if work.caller.has(LEAD) else []
    work.tickets.keep(ticket, clocks, [*events, *said], message)
    by = work.settings.team_time
    decide_by = clocks.due(COMPLAINT_DECISION) or by.complaint_by(COMPLAINT_DECISION, work.now)
    news_by = clocks.due(UPDATE) or by.news_by(work.now)
    mail = mails.news(ticket.number, request.message, news_by, decide_by, zone_of(work, ticket))
    queue_ticket_mail(work, ticket, mail, "complaint_news")


def _decide(work: Work, ticket: Ticket, complaint: Complaint, request: StepComplaint) -> None:
    if ticket.verifying:
        raise StillVerifying
    ticket.require_in_work()
    contact = work.contacts.find(ticket.linked_order) if ticket.linked_order else None
    country, lead = contact.country if contact else None, work.caller.has(LEAD)
    decision = Decision.of(request, work.caller.actor, country, by_lead=lead)
    events = complaint.propose(decision, ticket.linked_order)
    _require_lead_if_wanted(ticket, complaint)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    if complaint.status is ComplaintStatus.PROPOSED:
        _ask_second_person(work, ticket, complaint)
    _put_in_force(work, ticket, complaint)


def _put_in_force(work: Work, ticket: Ticket, complaint: Complaint) -> None:
    """Tell the customer what is decided, and end the matter with it; nothing while anybody still has to agree."""
    if not complaint.ready:
        return
    decision = complaint.waiting
    assert decision is not None, "it is ready"
    events = complaint.decide(work.now, ticket.linked_order)
    if ticket.customer_email == ERASED:
        work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
        return
    final = complaint.earlier is not None
    mail = mails.decided(ticket.number, decision, zone_of(work, ticket), final=final)
    refused = decision.decision is ComplaintDecision.NOT_UPHELD
    code, note = (ResolutionCode.DECLINED, decision.reasons) if refused else (ResolutionCode.SOLVED, None)
    by, agreed_by = _name(decision.by), decision.agreed_by and _name(decision.agreed_by)
    message, said = ticket.give_decision(for_reader(work, ticket, mail).text, by, agreed_by, work.now, code, note)
    said += note_answer_of_lead(ticket, work.now) if decision.by_lead else []
    work.tickets.keep(ticket, work.tickets.clocks(ticket), [*events, *said], message)
    queue_ticket_mail(work, ticket, mail, "complaint_decided")
    ask_for_rating(work, ticket)


def _improve(work: Work, ticket: Ticket, complaint: Complaint, request: StepComplaint) -> None:
    if not work.caller.has(LEAD):
        raise CauseNeedsLead
    changed = request.changed or ""
    require_no_customer(Words(text=changed), ticket.customer_name, ticket.customer_email)
    events = complaint.improve(changed, ticket.linked_order)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)


# who


def _require_lead_if_wanted(ticket: Ticket, complaint: Complaint) -> None:
    """Raise LeadAnswersFirst where the customer asked for a lead and no lead took part in what is decided."""
    decision = complaint.waiting
    waits = complaint.status is ComplaintStatus.PROPOSED and not complaint.ready
    if ticket.lead_wanted and decision is not None and not decision.by_lead and not waits:
        raise LeadAnswersFirst


def _require_theirs(work: Work, ticket: Ticket) -> None:
    """Raise OtherPersonDecides for a member of staff who complained, WrongStatus for a ticket that is over."""
    if person_of(work.caller.actor) == ticket.customer_email:
        raise OtherPersonDecides
    ticket.require_in_work()


def _shown(work: Work, ticket: Ticket) -> ComplaintView:
    found = show(work, ticket)
    if found is None:
        raise ComplaintNotFound
    return found


def _name(actor: str) -> str:
    """Return by what a member of staff or a key stands on a ticket (`access.acting`)."""
    return actor.removeprefix("staff:")


def _mailbox(actor: str) -> str:
    """Return the e-mail address of a member of staff, for a key that of who made it, "" for a program."""
    person = person_of(actor)
    return person if "@" in person else ""


def _since(work: Work, since: datetime | None) -> datetime:
    return since or work.now - timedelta(days=KEPT_DAYS)


def _ask_second_person(work: Work, ticket: Ticket, complaint: Complaint) -> None:
    found = complaint.waiting
    mail, key = mails.proposed(ticket.number), f"proposed:{complaint.version}"
    _tell_leads(work, ticket, mail, key, but=_mailbox(found.by) if found else "")


def _tell_leads(work: Work, ticket: Ticket, mail: Mail, key: str, *, but: str = "") -> None:
    for lead in leads(work):
        if lead.email != but:
            _tell(work, ticket.number, lead.email, mail, key)


def _tell_proposer(work: Work, complaint: Complaint) -> None:
    found = complaint.waiting
    if found is not None:
        _tell(
            work,
            complaint.ticket_number,
            _mailbox(found.by),
            mails.came_back(complaint.ticket_number),
            f"back:{complaint.version}",
        )


def _tell(work: Work, number: str, recipient: str, mail: Mail, key: str) -> None:
    if recipient != work.caller.email:
        tell_person(work, number, recipient, mail, f"{number}:complaint:{key}:{recipient}", about="complaint")
