"""Rules that sort what comes in: what a new message is about, how urgent it is, and whose it is (standard, section 5:
"uniformly sort out").

Rules are an ordered list that a lead writes. Each field is set by the first rule that matches and sets it. All rules
look at the message as its customer sent it. They apply once, when the ticket is opened with the form: what a person
corrects later stays corrected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, NotRequired, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import LEAD
from services.common.basics.rules import Ruled, Some
from services.common.basics.shapes import Example, Length, Line, Note, Pattern, Version, Wrong
from services.common.basics.states import VersionMoved
from services.support.api.parts import TicketNumber
from services.support.api.statuses import Category, Priority, Topic
from services.support.api.teams import TeamName, UnknownTeam

MOST_RULES, MOST_WORDS, MOST_CUSTOMERS, PREVIEWED = 100, 30, 50, 100
WRITER = r"([^\s@]{1,64}@)?([A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}"

CustomerOrDomain = Annotated[
    str, Line(254), Pattern(WRITER, "Not an address, nor the domain of one."), Example("partner.example")
]


class OrderState(StrEnum):
    """How far an order is, as support was told. `delivered`: one of its parcels at least."""

    UNPAID = "unpaid"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class RulesMoved(VersionMoved):
    """The rules have another version than the one that the caller saw."""

    message = "Somebody else changed the rules meanwhile; look again."


@dataclass(frozen=True)
class SortingRule(Ruled):
    """Of each condition that is given one value has to fit. What is left out is not asked, and not set."""

    examples: ClassVar[Mapping[str, object]] = {
        "by words": {"name": "Damaged goods", "words": ["broken", "damaged"], "priority": "high"},
        "by order": {"name": "On its way", "order_states": ["shipped"], "category": "logistics"},
    }

    name: Annotated[str, Line(80), Example("Damaged goods")]
    topics: Annotated[list[Topic], Length(1, len(Topic))] | None = None
    categories: Annotated[list[Category], Length(1, len(Category)), Note("as the customer chose")] | None = None
    words: (
        Annotated[
            list[Annotated[str, Line(60, min=2), Example("broken")]],
            Length(1, MOST_WORDS),
            Note("whole words in subject or message, in any case and with or without accents"),
        ]
        | None
    ) = None
    customers: (
        Annotated[
            list[CustomerOrDomain],
            Length(1, MOST_CUSTOMERS),
            Note("e-mail addresses, or domains of them"),
        ]
        | None
    ) = None
    order_states: Annotated[list[OrderState], Length(1, len(OrderState))] | None = None
    category: Annotated[Category, Note("a complaint or a suggestion stays one")] | None = None
    priority: Priority | None = None
    team: TeamName | None = None

    rules = (
        Some(("topics", "categories", "words", "customers", "order_states"), "Say what the rule looks at."),
        Some(("category", "priority", "team"), "Say what the rule sets."),
    )


@dataclass(frozen=True)
class PutRules:
    """The whole list, in its order; each name once."""

    items: Annotated[list[SortingRule], Length(0, MOST_RULES)]
    version: Version | None = None

    examples: ClassVar[Mapping[str, object]] = {
        "one rule": {
            "items": [
                {"name": "Damaged goods", "words": ["broken", "damaged"], "category": "aftersales", "priority": "high"}
            ]
        }
    }

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.items]
        if len({*names}) < len(names):
            raise Wrong({"items": "Each rule has a name of its own."})


class RuleView(TypedDict):
    """A rule, as it was put."""

    name: str
    topics: NotRequired[list[Topic]]
    categories: NotRequired[list[Category]]
    words: NotRequired[list[str]]
    customers: NotRequired[list[str]]
    order_states: NotRequired[list[OrderState]]
    category: NotRequired[Category]
    priority: NotRequired[Priority]
    team: NotRequired[str]


class RuleList(TypedDict):
    """All rules, in their order."""

    items: list[RuleView]
    version: int


class CaughtTicket(TypedDict):
    """A ticket that the rule matches, with what the rule sets."""

    number: TicketNumber
    subject: str
    category: Annotated[Category, Note("as it is")]
    sets: Annotated[list[str], Note("the fields that the rule would set, each to another value than it has")]


class RulePreview(TypedDict):
    """Which of the latest tickets the rule matches, by what they say now. Nothing is changed."""

    items: list[CaughtTicket]
    looked_at: int


class Sorting(Api):
    """Rules that sort what comes in."""

    @query(roles=(LEAD,))
    def get_rules(self) -> RuleList:
        """Show the rules, in their order."""

    @command(roles=(LEAD,), errors=(RulesMoved, UnknownTeam))
    def put_rules(self, rules: PutRules) -> RuleList:
        """Replace the rules. They hold for what is opened from now on.

        A rule never takes a promise away: a complaint or a suggestion stays one, and no answer comes later than the
        customer was told.
        """

    @query(roles=(LEAD,), personal=True)
    def preview_rule(self, rule: SortingRule) -> RulePreview:
        """Show which of the last 100 tickets a rule would have caught."""
