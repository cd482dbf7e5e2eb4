"""Suggestions: from a ticket to the public board (standard, section 6: "continuously listen to users' service
suggestions").

The ticket is locked before its suggestion, so that two steps, or a step and a follower, follow one another. The author
is told each step in the conversation and by mail; a follower by mail, and only of what is public.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from services.common.basics import ids
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.support import views
from services.support.adapters.mail import suggestions as mails
from services.support.api import (
    Category,
    FollowSuggestion,
    ListSuggestions,
    MoveSuggestion,
    PublicSuggestion,
    SuggestionNotFound,
    SuggestionStatus,
    SuggestionView,
)
from services.support.api.terms import FOLLOWERS_KEPT
from services.support.domain import Suggestion, SuggestionFollower, Ticket
from services.support.domain.clocks import FIRST, NEXT
from services.support.domain.suggestion import Words, require_no_customer
from services.support.handlers.access import zone_of
from services.support.handlers.mailing import SUGGESTION_MOVED, for_reader, queue_mail, queue_ticket_mail
from services.support.repository import Work


def take_in(work: Work, ticket: Ticket, at: datetime | None = None) -> datetime | None:
    """Make a suggestion of a ticket of that category. Return until when a lead decides, None if it is another one.

    at: since when we have it, where that is not now.
    """
    at = at or work.now
    if ticket.category is not Category.SUGGESTION:
        return None
    suggestion = work.suggestions.of_ticket(ticket.number)
    if suggestion is None:
        suggestion = Suggestion(ids.new_id(), ticket.number, at, at)
        work.suggestions.add(suggestion)
    elif suggestion.status is not SuggestionStatus.WITHDRAWN:
        return None
    review_by = work.settings.team_time.decided_by(at)
    events = suggestion.receive(ticket.linked_order, at, review_by)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events, at=at)
    return review_by


def sort_anew(work: Work, ticket: Ticket) -> None:
    """Follow the category that staff corrected: begin a suggestion or withdraw it, and tell its author."""
    if ticket.category is Category.SUGGESTION:
        review_by = take_in(work, ticket)
        if review_by is not None:
            mail = mails.taken_in(ticket.number, review_by, zone_of(work, ticket))
            queue_ticket_mail(work, ticket, mail, f"suggestion_received:{ticket.version}")
        return
    suggestion = work.suggestions.of_ticket(ticket.number)
    if suggestion is not None and (events := suggestion.withdraw(ticket.linked_order, work.now)):
        clocks, zone = work.tickets.clocks(ticket), zone_of(work, ticket)
        mail = mails.withdrawn(ticket.number, ticket.category, clocks.due(FIRST, NEXT), zone)
        message, told = ticket.announce(for_reader(work, ticket, mail).text, work.now)
        work.tickets.keep(ticket, clocks, [*events, *told], message)
        queue_ticket_mail(work, ticket, mail, "suggestion_withdrawn")


def list_suggestions(work: Work, query: ListSuggestions) -> Page[SuggestionView]:
    """List the board; to agents and leads what waits for a decision too."""
    to_staff = work.caller.has(AGENT, LEAD)
    return work.suggestions.page(lambda item: views.suggestion(item, to_staff=to_staff), query, to_staff=to_staff)


def move_suggestion(work: Work, suggestion_id: str, request: MoveSuggestion) -> SuggestionView:
    """Take the step that a lead decided, and tell the author and the followers."""
    ticket, suggestion = _locked(work, suggestion_id)
    require_version(request.version, suggestion.version, lambda: views.suggestion(suggestion, to_staff=True))
    words = Words(request.title, request.text, request.public, request.reason, request.link)
    require_no_customer(words, ticket.customer_name, ticket.customer_email)
    before, status = suggestion.status, SuggestionStatus(request.status)
    review_by = work.settings.team_time.decided_by(work.now)
    events = suggestion.move(status, words, ticket.linked_order, work.now, review_by=review_by)
    work.tickets.keep(ticket, work.tickets.clocks(ticket), events)
    if suggestion.status is not before:
        _tell(work, ticket, suggestion)
    return views.suggestion(suggestion, to_staff=True)


def follow_suggestion(work: Work, suggestion_id: str, request: FollowSuggestion) -> PublicSuggestion:
    """Note that the caller's mailbox is told of each step, or no more."""
    _, suggestion = _locked(work, suggestion_id)
    email = work.caller.email
    if not suggestion.public or email is None:
        raise SuggestionNotFound
    if not request.follow:
        work.suggestions.count(suggestion, -int(work.suggestions.unfollow(suggestion.id, email)))
    else:
        suggestion.require_follow()
        follower = SuggestionFollower(suggestion.id, email, work.now)
        work.suggestions.count(suggestion, int(work.suggestions.follow(follower)))
    return views.suggestion(suggestion, to_staff=False)


def forget_followers(work: Work) -> None:
    """Forget who follows what has rested long enough."""
    work.suggestions.forget_followers(work.now - FOLLOWERS_KEPT.span)


def _locked(work: Work, suggestion_id: str) -> tuple[Ticket, Suggestion]:
    suggestion = work.suggestions.get(suggestion_id)
    ticket = work.tickets.get(suggestion.ticket_number, lock=True)
    return ticket, work.suggestions.lock(suggestion)


def _tell(work: Work, ticket: Ticket, suggestion: Suggestion) -> None:
    if ticket.customer_email != ERASED:
        mail = mails.moved(ticket.number, suggestion, work.settings.public_url, zone_of(work, ticket))
        message, events = ticket.announce(for_reader(work, ticket, mail).text, work.now)
        work.tickets.keep(ticket, work.tickets.clocks(ticket), events, message)
        queue_ticket_mail(work, ticket, mail, f"suggestion_moved:{suggestion.status}")
    if suggestion.public:
        for email in work.suggestions.followers(suggestion.id):
            if email != ticket.customer_email:
                _tell_follower(work, suggestion, email)
    if suggestion.status is SuggestionStatus.ANNOUNCED:
        work.suggestions.let_go(suggestion.id)


def _blind(email: str) -> str:
    """Return what tells mailboxes apart and names none: keys of mails are kept when a person is erased."""
    return sha256(email.encode()).hexdigest()[:32]


def _tell_follower(work: Work, suggestion: Suggestion, email: str) -> None:
    mail, key = mails.followed(suggestion, work.settings.public_url), f"{suggestion.id}:{suggestion.version}"
    queue_mail(
        work, mail, email, f"suggestions?id={suggestion.id}", key=f"{key}:{_blind(email)}",
        about=SUGGESTION_MOVED, reference=suggestion.id, tells_customer=False,
    )  # fmt: skip
