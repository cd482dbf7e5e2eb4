"""Rules that sort what comes in: a lead writes them, a new ticket follows them (standard, section 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from services.common.basics.message import Message
from services.common.basics.states import require_version
from services.support.api.sorting import (
    CaughtTicket,
    OrderState,
    PutRules,
    RuleList,
    RulePreview,
    RulesMoved,
    RuleView,
    SortingRule,
)
from services.support.api.teams import UnknownTeam
from services.support.domain import Ticket
from services.support.domain.sorting import AsFiled, matches, sort
from services.support.repository import Work


class AboutOrder(Protocol):
    """An event that names its order."""

    @property
    def order_number(self) -> str: ...


E = TypeVar("E", bound=AboutOrder)
Handler = Callable[[Work, E, Message], None]


def get_rules(work: Work) -> RuleList:
    """Show the rules, in their order."""
    book = work.sorting.book()
    return {"items": [cast(RuleView, rule) for rule in book.rules], "version": book.version}


def put_rules(work: Work, wish: PutRules) -> RuleList:
    """Replace the rules."""
    book = work.sorting.book(lock=True)
    require_version(wish.version, book.version, lambda: get_rules(work), RulesMoved)
    known = {team.name for team in work.teams.every()}
    if unknown := sorted({rule.team for rule in wish.items if rule.team} - known):
        raise UnknownTeam(details={"team": unknown[0]})
    events = book.replace(wish.items)
    work.session.flush()
    work.journal.record(*events)
    return get_rules(work)


def preview_rule(work: Work, rule: SortingRule) -> RulePreview:
    """Show which of the last 100 tickets the rule matches."""
    latest = work.sorting.latest()
    return {
        "items": [_caught(rule, ticket) for ticket, body in latest if matches(rule, _incoming(work, ticket, body))],
        "looked_at": len(latest),
    }


def sort_in(work: Work, ticket: Ticket, body: str) -> None:
    """Have a new ticket follow the rules; its timeline names those that did something."""
    rules = work.sorting.rules()
    if not rules:
        return
    teams = {team.name for team in work.teams.every()}
    found = sort(rules, _incoming(work, ticket, body), promised=ticket.promised, teams=teams)
    if found.rules:
        events = ticket.follow_rules(found)
        work.tickets.keep(ticket, work.tickets.clocks(ticket), events)


def forget_customer(work: Work, email: str) -> None:
    """Take the address of a customer who is erased out of the rules."""
    if any("customers" in rule for rule in work.sorting.book().rules):
        events = work.sorting.book(lock=True).forget(email)
        work.session.flush()
        work.journal.record(*events)


def knowing(state: OrderState, handler: Handler[E], *, taken_back: bool = False) -> Handler[E]:
    """Make the handler that first notes how far the order is, then does the rest."""

    def on_event(work: Work, event: E, message: Message) -> None:
        work.sorting.note(event.order_number, state, taken_back=taken_back)
        handler(work, event, message)

    return on_event


def _incoming(work: Work, ticket: Ticket, body: str) -> AsFiled:
    state = work.sorting.state_of(ticket.order_number)
    return AsFiled.of(ticket.category, ticket.topic, ticket.customer_email, (ticket.subject, body), state)


def _caught(rule: SortingRule, ticket: Ticket) -> CaughtTicket:
    wanted = {"category": None if ticket.promised else rule.category, "priority": rule.priority, "team": rule.team}
    sets = [name for name, value in wanted.items() if value is not None and value != getattr(ticket, name)]
    return {"number": ticket.number, "subject": ticket.subject, "category": ticket.category, "sets": sets}
