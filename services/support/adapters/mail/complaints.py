"""Mails about complaints: each step to the customer, and to staff what waits for them (standard, section 6)."""

from __future__ import annotations

from datetime import datetime

from services.common.language import N_
from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.tickets import complaint_steps
from services.support.adapters.mail.words import _, capital, money
from services.support.api.statuses import ComplaintDecision, ComplaintRemedy
from services.support.domain import REOPEN_WINDOW, Link
from services.support.domain.bodies import next_body
from services.support.domain.complaint import Decision

_DECIDED = {
    ComplaintDecision.UPHELD: N_("we have decided: you were right, and we uphold your complaint."),
    ComplaintDecision.PARTLY: N_("we have decided: you were right in part, and we uphold your complaint partly."),
    ComplaintDecision.NOT_UPHELD: N_("we have decided: we do not uphold your complaint."),
}


def _about(number: str, subject: str, what: str, next_step: str) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, _("Your ticket: {number}", number=number), Link.TICKET)


@for_customers
def taken_in(number: str, acknowledge_by: datetime, decide_by: datetime, zone: str | None = None) -> Mail:
    """Write that staff took for a complaint what had been sorted otherwise, with the steps and their dates."""
    steps = complaint_steps(acknowledge_by, decide_by, zone)
    return _about(
        number,
        _("We have received your complaint"),
        _("we have taken in your complaint."),
        f"{steps[:1].lower()}{steps[1:]}",
    )


@for_customers
def acknowledged(number: str, said: str, news_by: datetime, decide_by: datetime, zone: str | None = None) -> Mail:
    """Write that a person has taken the complaint up, in that person's words."""
    return _about(
        number,
        _("We are looking into your complaint"),
        f"{_('we have taken up your complaint:')}\n\n{said}",
        _goes_on(news_by, decide_by, zone),
    )


@for_customers
def news(number: str, said: str, news_by: datetime, decide_by: datetime, zone: str | None = None) -> Mail:
    """Write what is new about a complaint that is looked into."""
    return _about(
        number,
        _("News about your complaint"),
        f"{_('there is news about your complaint:')}\n\n{said}",
        _goes_on(news_by, decide_by, zone),
    )


@for_customers
def objected(number: str, decide_by: datetime, news_by: datetime, zone: str | None = None) -> Mail:
    """Confirm that the customer objects to the decision."""
    return _about(
        number,
        _("We look at your complaint again"),
        _("you object to our decision about your complaint, and we look at it again."),
        _(
            "other people of our team than before decide by {end}. If it takes longer than a working day, we write to "
            "you with news by {news}.",
            end=when(decide_by, zone),
            news=when(news_by, zone),
        ),
    )


@for_customers
def decided(number: str, decision: Decision, zone: str | None = None, *, final: bool) -> Mail:
    """Write the decision with its reasons, the remedy, how to object, and who else helps."""
    said = [f"{_(_DECIDED[decision.decision])} {_('These are our reasons:')}", decision.reasons]
    said += _remedy(decision, zone)
    following = []
    if final:
        said.append(_("Other people of our team than before have decided this."))
    else:
        days = REOPEN_WINDOW.days
        object_once = _(
            "if you do not agree, you can object once, until {days} days after it is closed, on the page behind the "
            "link: then other people of our team decide.",
            days=days,
        )
        following.append(object_once)
    closes = _("it is closed when you say so on the page, or when our lead signs it; never by silence.")
    following.append(closes if final else capital(closes))
    if decision.decision is not ComplaintDecision.UPHELD:
        body = next_body(decision.country)
        following.append(_("You can also turn to {name}: {address}", name=body.name, address=body.url))
    return _about(number, _("Our decision about your complaint"), "\n\n".join(said), " ".join(following))


def _remedy(decision: Decision, zone: str | None) -> list[str]:
    match decision.remedy:
        case ComplaintRemedy.APOLOGY:
            said = [_("We are sorry, and apologize for it.")]
        case ComplaintRemedy.REFUND:
            said = [_refund(decision, zone)]
        case ComplaintRemedy.RESEND:
            said = [
                _("We are sorry. We ask you on the page of your order what we do about the parcel, and you choose.")
            ]
        case ComplaintRemedy.OTHER:
            said = [_("We are sorry. This is what we do about it:")]
        case _none:
            said = []
    return [*said, decision.remedy_note] if decision.remedy_note else said


def _refund(decision: Decision, zone: str | None) -> str:
    amount = money(decision.amount)
    if decision.refund_due_at is None:
        return _("We are sorry. You get {amount} back, to the account that you paid from.", amount=amount)
    return _(
        "We are sorry. You get {amount} back, to the account that you paid from by {date}.",
        amount=amount,
        date=when(decision.refund_due_at, zone),
    )


def _goes_on(news_by: datetime, decide_by: datetime, zone: str | None) -> str:
    return _(
        "we decide about it by {end}, and tell you the reasons. If it takes longer than a working day, we write to you "
        "with news by {news}. You need do nothing.",
        end=when(decide_by, zone),
        news=when(news_by, zone),
    )


# to staff


def _case(number: str, subject: str, what: str, next_step: str) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Case: {number}", Link.DESK)


def proposed(number: str) -> Mail:
    return _case(
        number,
        "A decision about a complaint waits for a second person",
        "a colleague has decided about a complaint, and it needs a second person.",
        "please look at it: agree, or send it back with the reason. The customer waits for it.",
    )


def investigate(number: str) -> Mail:
    return _case(
        number,
        "A complaint is yours to investigate",
        "a complaint has been given to you to investigate.",
        "please find out what happened, tell the customer what is new each working day, and decide in time.",
    )


def came_back(number: str) -> Mail:
    return _case(
        number,
        "Your decision about a complaint came back",
        "your decision about a complaint is not in force; the reason stands beside the conversation.",
        "please decide again; the clock of the decision runs.",
    )


def decide_again(number: str) -> Mail:
    return _case(
        number,
        "A customer objects to a decision",
        "a customer objects to the decision about a complaint.",
        "please see to it that people decide who had not decided before; the clock of the decision runs.",
    )
