"""How satisfied customers are: asked for by mail once for each ending that can be rated, given once (standard,
section 6).

Each score has a link of its own, which follows from the secret: nothing has to be kept for it. To open it changes
nothing, because programs that look for dangerous mail open every link.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.common.basics.errors import Forbidden
from services.common.basics.states import WrongStatus
from services.common.edge.tokens import RatingClaims, read_rating
from services.support import views
from services.support.adapters.mail import tickets as mails
from services.support.api import AlreadyRated, Author, RatedTicket, RateTicket, TicketNotFound
from services.support.api.ratings import RateByLink, RatingAsked, RatingLinkOver, RatingLinkUnknown, RatingState
from services.support.api.refusals import NotRatable
from services.support.domain import Ticket
from services.support.handlers import quality
from services.support.handlers.access import prove, reader_of, require_person, require_seen, side_of
from services.support.handlers.mailing import queue_ticket_mail
from services.support.repository import RATING_ASKED, Work


def ask_for_rating(work: Work, ticket: Ticket) -> None:
    """Ask in a mail of its own, a while after an answer or a decision that ended the matter at once."""
    if ticket.ratable:
        wait = timedelta(minutes=work.settings.rating_wait_minutes)
        queue_ticket_mail(work, ticket, mails.rating_asked(ticket.number), RATING_ASKED, wait=wait)


def rate_ticket(work: Work, number: str, request: RateTicket) -> RatedTicket:
    """Note how satisfied the customer is with a resolution, 1 to 5, once."""
    ticket = work.tickets.get(number, lock=True)
    if side_of(work, ticket) is not Author.CUSTOMER:
        raise Forbidden("only the customer rates", code="role_required")
    prove(work, ticket)
    require_seen(work, ticket, reader_of(work, ticket), request.version)
    return _rate(work, ticket, request.score, request.comment)


def get_rating_link(work: Work, token: str) -> RatingAsked:
    """Say what the link is good for."""
    claims = _claims(work, token)
    ticket = _ticket_of(work, claims)
    given = work.tickets.rating_of(claims.ticket_number, claims.cycle)
    rated = given.score if given else None
    return {
        "number": claims.ticket_number,
        "state": _state(ticket, claims, rated),
        "score": claims.score,
        "rated": rated,
    }


def rate_by_link(work: Work, request: RateByLink) -> RatedTicket:
    """Note the rating of who came by a mail's link."""
    claims = _claims(work, request.token)
    ticket = _ticket_of(work, claims, lock=True)
    work.caller = replace(work.caller, actor=f"customer:{ticket.number}")
    given = work.tickets.rating_of(claims.ticket_number, claims.cycle)
    match _state(ticket, claims, given.score if given else None):
        case RatingState.RATED:
            raise AlreadyRated
        case RatingState.NOT_ASKED:
            raise NotRatable
        case RatingState.OVER:
            raise RatingLinkOver
    return _rate(work, ticket, request.score or claims.score, request.comment)


def _rate(work: Work, ticket: Ticket, score: int, comment: str | None) -> RatedTicket:
    rating, events = ticket.rate(score, comment, work.now)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    work.add(rating)
    answer = work.tickets.last_answer(ticket.number)
    work.reports.note_rating(ticket, rating, answer.actor if answer else None)
    quality.draw_rated(work, ticket, rating)
    return views.rated(ticket, rating)


def _claims(work: Work, token: str) -> RatingClaims:
    claims = read_rating(work.settings.secrets, token)
    if claims is None:
        raise RatingLinkUnknown
    return claims


def _ticket_of(work: Work, claims: RatingClaims, *, lock: bool = False) -> Ticket:
    try:
        ticket = work.tickets.get(claims.ticket_number, lock=lock)
        require_person(ticket)
    except (TicketNotFound, WrongStatus):
        raise RatingLinkUnknown from None
    return ticket


def _state(ticket: Ticket, claims: RatingClaims, rated: int | None) -> RatingState:
    if rated is not None:
        return RatingState.RATED
    if ticket.cycle == claims.cycle and ticket.ratable:
        return RatingState.OPEN
    return RatingState.NOT_ASKED if ticket.cycle == claims.cycle and ticket.unrated else RatingState.OVER
