"""What holds of two tickets that are put together, and of messages that become a ticket of their own. Pure.

A merged ticket keeps its words; what its customer writes to it, and what is promised on it, goes on in the other one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.events import Event
from services.common.basics.untyped import JsonDict
from services.support.api.escalation import LeadAnswersFirst
from services.support.api.refusals import StillVerifying, WrongStatus
from services.support.api.statuses import Author, TicketStatus
from services.support.api.triage import MergeCircle, NotSplittable, OtherCustomer, PromiseStands
from services.support.domain.parts import TicketMessage
from services.support.domain.ticket import Ticket


@dataclass
class Merge:
    """One ticket goes on in another, from when to when.

    status_before: what it goes back to. clocks: those that ran, as they were, each with the id of the one that goes on
    for it. ended_at: when they were taken apart again.
    """

    id: str
    source: str
    target: str
    status_before: TicketStatus
    clocks: list[JsonDict]
    merged_at: datetime
    merged_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass
class Relation:
    """Two tickets that have to do with one another; `first` is the smaller number."""

    first: str
    second: str
    noted_at: datetime
    noted_by: str


def in_order(goes_on: Mapping[str, str | None]) -> list[set[str]]:
    """Return the numbers of tickets in groups: what goes on in another comes in a group before that one.

    goes_on: the number in which each goes on, if any.
    """
    depths: dict[str, int] = {}
    for number in goes_on:
        depth, after = 0, goes_on[number]
        while after is not None and depth < len(goes_on):
            depth, after = depth + 1, goes_on.get(after)
        depths[number] = depth
    return [{each for each in depths if depths[each] == depth} for depth in sorted(set(depths.values()), reverse=True)]


def merge(source: Ticket, target: Ticket, *, waits: bool) -> list[Event]:
    """Let `source` go on in `target`. waits: a message of the customer to `source` is unanswered.

    Raise MergeCircle, OtherCustomer, PromiseStands for a complaint or a suggestion, LeadAnswersFirst, StillVerifying,
    and WrongStatus where one of them is in no status for it.
    """
    if source.number == target.number:
        raise MergeCircle
    if source.customer_email != target.customer_email:
        raise OtherCustomer
    if source.promised:
        raise PromiseStands
    if source.lead_wanted:
        raise LeadAnswersFirst("the customer has asked for a lead here: a lead answers first, then it can be merged")
    if source.verifying:
        raise StillVerifying
    if source.next_number is not None:
        raise WrongStatus(f"it goes on in {source.next_number} already")
    return [*source.go_on_in(target.number), *target.take_in(source.number, waits=waits)]


def unmerge(source: Ticket, target: Ticket, back_to: TicketStatus, now: datetime) -> list[Event]:
    """Let `source` go on by itself, as it was."""
    return [*source.come_back(target.number, back_to, now), *target.give_back(source.number)]


def require_splittable(thread: Sequence[TicketMessage], positions: Sequence[int]) -> list[TicketMessage]:
    """Return the messages at these positions, in their order.

    Raise NotSplittable unless they are the customer's, and one that is the customer's stays.
    """
    theirs = {each.position: each for each in thread if each.author is Author.CUSTOMER}
    if wrong := sorted(set(positions) - theirs.keys()):
        raise NotSplittable(f"there is no message of the customer at {wrong[0]}", details={"positions": wrong})
    if len(set(positions)) == len(theirs):
        raise NotSplittable("leave at least one message of the customer: else it is this ticket, under another number")
    return [theirs[each] for each in sorted(set(positions))]


def unanswered(chosen: Sequence[TicketMessage], asked_at: datetime | None) -> list[TicketMessage]:
    """Return those without an answer. asked_at: when the oldest question without one came, if there is one."""
    return [each for each in chosen if asked_at is not None and each.posted_at >= asked_at]
