"""The closed lists of support: categories, topics, statuses and the moves between them (standard, sections 1 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Category(StrEnum):
    """What a customer may write about; one form takes them all."""

    PRODUCT = "product"
    ORDER = "order"
    LOGISTICS = "logistics"
    AFTERSALES = "aftersales"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"


class Topic(StrEnum):
    """What a question before buying is about."""

    PARAMETERS = "parameters"
    MATERIALS = "materials"
    USAGE = "usage"
    MATCHING = "matching"
    ORDER_RULES = "order_rules"
    LOGISTICS_INSTRUCTIONS = "logistics_instructions"


class Origin(StrEnum):
    """Who began the conversation: the customer with the form, or we with news about an order."""

    CONTACT = "contact"
    OUTREACH = "outreach"


class Author(StrEnum):
    """Who a message is from. `system` is never a person, and stops no clock."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


class TicketStatus(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_INTERNAL = "waiting_internal"
    RESOLVED = "resolved"
    CLOSED = "closed"
    SPAM = "spam"


class ResolutionCode(StrEnum):
    """How it ended. `declined` needs a reason and a lead; `settled` is ours alone: the customer decided the matter."""

    ANSWERED = "answered"
    SOLVED = "solved"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    SETTLED = "settled"


class ClosedBy(StrEnum):
    CUSTOMER = "customer"
    LEAD = "lead"
    SILENCE = "silence"


_S = TicketStatus
IN_WORK = frozenset({_S.NEW, _S.OPEN, _S.WAITING_CUSTOMER, _S.WAITING_INTERNAL})
"""Somebody still has something to do; the others are done."""

MOVES: Mapping[TicketStatus, frozenset[TicketStatus]] = {
    _S.NEW: frozenset({_S.OPEN, _S.WAITING_CUSTOMER, _S.WAITING_INTERNAL, _S.SPAM}),
    _S.OPEN: frozenset({_S.WAITING_CUSTOMER, _S.WAITING_INTERNAL, _S.RESOLVED, _S.SPAM}),
    _S.WAITING_CUSTOMER: frozenset({_S.OPEN, _S.WAITING_INTERNAL, _S.RESOLVED, _S.SPAM}),
    _S.WAITING_INTERNAL: frozenset({_S.OPEN, _S.WAITING_CUSTOMER, _S.RESOLVED, _S.SPAM}),
    _S.RESOLVED: frozenset({_S.OPEN, _S.CLOSED, _S.SPAM}),
    _S.CLOSED: frozenset({_S.OPEN, _S.SPAM}),
    _S.SPAM: frozenset({_S.NEW, _S.OPEN, _S.WAITING_CUSTOMER, _S.WAITING_INTERNAL, _S.RESOLVED, _S.CLOSED}),
}
"""Every allowed move; out of `spam` it goes back to where it came from."""
