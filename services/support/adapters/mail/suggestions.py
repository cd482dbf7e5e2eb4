"""Mails about suggestions: each step, to who made them and to who follows them (standard, section 6)."""

from __future__ import annotations

from datetime import datetime

from services.common.language import N_
from services.support.adapters.mail.letter import Mail, for_customers
from services.support.adapters.mail.tickets import OBJECT, decided_by, person_answers
from services.support.adapters.mail.words import _, capital
from services.support.api import Category, SuggestionStatus
from services.support.domain import Link, Suggestion

_S = SuggestionStatus
_SORTED_ANEW = {
    Category.PRODUCT: N_(
        "we had taken in what you wrote as a suggestion, and have sorted it anew as a question about a product."
    ),
    Category.ORDER: N_(
        "we had taken in what you wrote as a suggestion, and have sorted it anew as a question about an order."
    ),
    Category.LOGISTICS: N_(
        "we had taken in what you wrote as a suggestion, and have sorted it anew as a question about a delivery."
    ),
    Category.AFTERSALES: N_(
        "we had taken in what you wrote as a suggestion, and have sorted it anew as a question about a return or a "
        "refund."
    ),
    Category.COMPLAINT: N_("we had taken in what you wrote as a suggestion, and have sorted it anew as a complaint."),
}
SUBJECTS = {
    _S.REVIEWED: N_("We have read your suggestion"),
    _S.PLANNED: N_("We plan what you suggested"),
    _S.DECLINED: N_("Our decision about your suggestion"),
    _S.DONE: N_("What you suggested is done"),
    _S.ANNOUNCED: N_("We have announced what you suggested"),
}


def _about(number: str, subject: str, what: str, next_step: str) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, _("Your ticket: {number}", number=number), Link.TICKET)


@for_customers
def taken_in(number: str, review_by: datetime, zone: str | None = None) -> Mail:
    """Write that staff took for a suggestion what had been sorted otherwise."""
    what = _("we have taken in what you wrote as a suggestion.")
    return _about(number, _("We have received your suggestion"), what, decided_by(review_by, zone))


@for_customers
def withdrawn(number: str, category: Category, answer_by: datetime | None, zone: str | None = None) -> Mail:
    """Write that staff sorted otherwise what had been taken for a suggestion. answer_by: where an answer is to come."""
    no_more = _("So we do not decide about it as a suggestion any more.")
    objection = _("if you meant it as a suggestion, write to us through the link below, and a person answers you.")
    return _about(
        number,
        _("We have sorted your message anew"),
        f"{_(_SORTED_ANEW[category])} {no_more}",
        f"{person_answers(answer_by, zone)} {capital(objection)}" if answer_by else objection,
    )


@for_customers
def moved(number: str, suggestion: Suggestion, public_url: str, zone: str | None = None) -> Mail:
    """Write the step that a suggestion took to who made it."""
    status, following = suggestion.status, ""
    match status:
        case _S.PLANNED:
            following = _("we write to you when it is done.")
        case _S.DECLINED:
            following = _(OBJECT)
        case _S.REVIEWED if suggestion.review_by is not None:
            following = decided_by(suggestion.review_by, zone)
    what = _what(suggestion, public_url, own=True)
    if suggestion.public:
        board = _(
            'Our public board of suggestions shows it in our words, without your name: "{title}"',
            title=suggestion.title,
        )
        what = f"{what}\n\n{board}"
    return _about(number, _(SUBJECTS[status]), what, following)


@for_customers
def followed(suggestion: Suggestion, public_url: str) -> Mail:
    """Write the step that a suggestion took to who follows it, and how to hear no more of it."""
    new = _('you follow the suggestion "{title}". This is new:', title=suggestion.title)
    following = (
        _("this was the last mail about it.")
        if suggestion.status is _S.ANNOUNCED
        else _("if you want to be told no more, open the board through the link below and choose to stop following it.")
    )
    what = f"{new}\n\n{capital(_what(suggestion, public_url, own=False))}"
    return Mail(_("A suggestion that you follow"), what, following, "", Link.DESK)


def _what(suggestion: Suggestion, public_url: str, *, own: bool) -> str:
    where = suggestion.link or ""
    where = f"{public_url}{where}" if where.startswith("/") else where
    did_it = f"{_('This is what did it:')}\n\n{where}"
    match suggestion.status:
        case _S.PLANNED:
            return (
                _("we plan to do it, because you suggested it.")
                if own
                else _("we plan to do it, because it was suggested to us.")
            )
        case _S.DECLINED:
            declined = _("we do not plan to do it. The lead of our team decided this, for this reason:")
            return f"{declined}\n\n{suggestion.reason}"
        case _S.DONE:
            done = (
                _("it is done, because you suggested it.") if own else _("it is done, because it was suggested to us.")
            )
            return f"{done} {did_it}"
        case _S.ANNOUNCED:
            return f"{_('we have announced it.')} {did_it}"
        case _other:
            return _("the lead of our team has read the suggestion, and decides about it next.")
