"""Mails about complaints: each step to the customer, and to staff what waits for them (standard, section 6)."""

from __future__ import annotations

from datetime import datetime

from services.support.adapters.mail.letter import Mail, when
from services.support.api.statuses import ComplaintDecision, ComplaintRemedy
from services.support.domain import REOPEN_WINDOW, Link
from services.support.domain.bodies import next_body
from services.support.domain.complaint import Decision

WHAT = {
    ComplaintDecision.UPHELD: "you were right, and we uphold your complaint",
    ComplaintDecision.PARTLY: "you were right in part, and we uphold your complaint partly",
    ComplaintDecision.NOT_UPHELD: "we do not uphold your complaint",
}
CLOSES = "It is closed when you say so on the page, or when our lead signs it; never by silence."


def _about(number: str, subject: str, what: str, next_step: str) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Your ticket: {number}", Link.TICKET)


def steps(acknowledge_by: datetime, decide_by: datetime, zone: str | None = None) -> str:
    """Say the steps and their dates, for the automatic acknowledgment."""
    return (
        f"A person takes your complaint up by {when(acknowledge_by, zone)}. Then we look into it and write to you each "
        f"working day with what is new. We decide about it by {when(decide_by, zone)}, and tell you the reasons."
    )


def taken_in(number: str, said: str) -> Mail:
    """Write that staff took for a complaint what had been sorted otherwise. said: the steps and their dates."""
    return _about(
        number,
        "We have received your complaint",
        "we have taken in your complaint.",
        f"{said[:1].lower()}{said[1:]}",
    )


def acknowledged(number: str, said: str, news_by: datetime, decide_by: datetime, zone: str | None = None) -> Mail:
    """Write that a person has taken the complaint up, in that person's words."""
    return _about(
        number,
        "We are looking into your complaint",
        f"we have taken up your complaint:\n\n{said}",
        _goes_on(news_by, decide_by, zone),
    )


def news(number: str, said: str, news_by: datetime, decide_by: datetime, zone: str | None = None) -> Mail:
    """Write what is new about a complaint that is looked into."""
    return _about(
        number,
        "News about your complaint",
        f"there is news about your complaint:\n\n{said}",
        _goes_on(news_by, decide_by, zone),
    )


def objected(number: str, decide_by: datetime, news_by: datetime, zone: str | None = None) -> Mail:
    """Confirm that the customer objects to the decision."""
    return _about(
        number,
        "We look at your complaint again",
        "you object to our decision about your complaint, and we look at it again.",
        f"other people of our team than before decide by {when(decide_by, zone)}. If it takes longer than a working "
        f"day, we write to you with news by {when(news_by, zone)}.",
    )


def decided(number: str, decision: Decision, zone: str | None = None, *, final: bool) -> Mail:
    """Write the decision with its reasons, the remedy, how to object, and who else helps."""
    said = [
        f"we have decided: {WHAT[decision.decision]}. These are our reasons:",
        decision.reasons,
    ]
    said += _remedy(decision, zone)
    if final:
        said.append("Other people of our team than before have decided this.")
    following = [] if final else [
        f"if you do not agree, you can object once, until {REOPEN_WINDOW.days} days after it is closed, on the page "
        "behind the link: then other people of our team decide."
    ]  # fmt: skip
    following.append(CLOSES)
    if decision.decision is not ComplaintDecision.UPHELD:
        body = next_body(decision.country)
        following.append(f"You can also turn to {body.name}: {body.url}")
    ending = " ".join(following)
    return _about(number, "Our decision about your complaint", "\n\n".join(said), f"{ending[:1].lower()}{ending[1:]}")


def _remedy(decision: Decision, zone: str | None) -> list[str]:
    match decision.remedy:
        case ComplaintRemedy.APOLOGY:
            said = ["We are sorry, and apologize for it."]
        case ComplaintRemedy.REFUND:
            due = f" by {when(decision.refund_due_at, zone)}" if decision.refund_due_at else ""
            said = [f"We are sorry. You get {decision.amount} USD back, to the account that you paid from{due}."]
        case ComplaintRemedy.RESEND:
            said = ["We are sorry. We ask you on the page of your order what we do about the parcel, and you choose."]
        case ComplaintRemedy.OTHER:
            said = ["We are sorry. This is what we do about it:"]
        case _:
            said = []
    return [*said, decision.remedy_note] if decision.remedy_note else said


def _goes_on(news_by: datetime, decide_by: datetime, zone: str | None) -> str:
    return (
        f"we decide about it by {when(decide_by, zone)}, and tell you the reasons. If it takes longer than a working "
        f"day, we write to you with news by {when(news_by, zone)}. You need do nothing."
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
