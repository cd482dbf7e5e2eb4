"""Suggestions: what customers want to be better, and what became of it (standard, sections 5 and 6).

A suggestion begins as a ticket of that category. The public board shows what a lead has put into words for it: a title
and a text of ours, never what the customer wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, NotRequired, TypedDict

from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import CUSTOMER, LEAD
from services.common.basics.errors import Conflict, Invalid, NotFound
from services.common.basics.rules import Ruled, When
from services.common.basics.shapes import Example, Line, Note, Page, PageQuery, Pattern, Text, Timestamp, Version
from services.support.api.parts import TicketNumber
from services.support.api.refusals import ReasonRequired, VersionMoved, WrongStatus
from services.support.api.statuses import SuggestionStatus, SuggestionStep

TITLE = Example("Say on each product's page which plug it has")
WORDS = Example("Each product's page names the plug and the voltage of its power supply.")
LINK = r"(https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@%/?#-]*)?|/[A-Za-z0-9][A-Za-z0-9._~%/?#=&-]*)"
SuggestionId = Annotated[str, Text(36), Example("01a20741-af0f-78bd-abd5-59d22ef0d5df")]


class SuggestionNotFound(NotFound):
    """There is no such suggestion, or the board does not show it."""

    code = "suggestion_not_found"
    message = "No such suggestion."


class PublicWordsMissing(Conflict):
    """The board shows no suggestion that has no title and text of ours."""

    code = "public_words_missing"
    message = "Write a title and a text for the public first, and show the suggestion on the board."


class LinkRequired(Invalid):
    """What is done needs a link to the page or release that did it."""

    code = "link_required"
    message = "Name the page or release that did it."


class NamesCustomer(Invalid):
    """Words for the public hold the customer's name or address, an e-mail address, or the number of a case."""

    code = "names_customer"
    message = (
        "Words for the public name no customer, no e-mail address and no case. Please write them in your own words."
    )


class NotFollowed(Conflict):
    """The suggestion has come to its end: there is nothing to follow any more."""

    code = "nothing_to_follow"
    message = "This suggestion has come to its end; there is nothing more to tell."


@dataclass(frozen=True)
class MoveSuggestion(Ruled):
    """The step, and our words for the public; words that are left out stay as they are.

    A step to the status that it has changes the words alone; no mail goes out.
    """

    status: SuggestionStep
    title: Annotated[str, Line(120), TITLE] | None = None
    text: Annotated[str, Text(2000), WORDS] | None = None
    public: Annotated[bool, Note("whether the board shows it")] | None = None
    reason: Annotated[str, Text(2000), Note("why it is declined, in words for the customer and the board")] | None = (
        None
    )
    link: Annotated[str, Line(500), Pattern(LINK, "Not a link: https://… or /…"), Note("to what did it")] | None = None
    version: Version | None = None

    examples: ClassVar[Mapping[str, object]] = {
        "declined": {"status": "declined", "reason": "Each plug would need a product of its own."},
        "done": {"status": "done", "link": "https://pledge.example/releases/3"},
    }
    rules = (
        When("status", (SuggestionStep.DECLINED,), needs=("reason",), refusal=ReasonRequired),
        When("status", (SuggestionStep.DONE,), needs=("link",), refusal=LinkRequired),
    )


@dataclass(frozen=True)
class FollowSuggestion:
    """follow: false to be told no more."""

    follow: bool = True


@dataclass(frozen=True)
class ListSuggestions(PageQuery):
    """The newest first. id: one alone, however far down the board it is."""

    status: SuggestionStatus | None = None
    id: SuggestionId | None = None


class PublicSuggestion(TypedDict):
    """A suggestion as the board shows it.

    title, text, reason: in our words; link: to what did it; followers: how many are told of each step.
    """

    id: str
    status: SuggestionStatus
    title: str | None
    text: str | None
    reason: str | None
    link: str | None
    followers: int
    received_at: Timestamp
    moved_at: Timestamp


class SuggestionView(PublicSuggestion):
    """The same, and to staff with ticket and version; they see those that are not public too."""

    ticket_number: NotRequired[TicketNumber]
    public: NotRequired[bool]
    review_by: NotRequired[Annotated[Timestamp | None, Note("until when a lead decides; null once it is decided")]]
    version: NotRequired[int]


class Suggestions(Api):
    """What customers suggested, from its receipt until it is announced."""

    @query(roles=(ANYONE,))
    def list_suggestions(self, query: ListSuggestions) -> Page[SuggestionView]:
        """List what the board shows; agents and leads see all, those that wait for a decision too."""

    @command(
        roles=(LEAD,),
        errors=(
            SuggestionNotFound, VersionMoved, WrongStatus, ReasonRequired, LinkRequired, PublicWordsMissing,
            NamesCustomer,
        ),
    )  # fmt: skip
    def move_suggestion(self, suggestion_id: SuggestionId, request: MoveSuggestion) -> SuggestionView:
        """Take the next step: reviewed, planned or declined, done, announced. Its author and followers are told."""

    @command(roles=(CUSTOMER,), errors=(SuggestionNotFound, NotFollowed))
    def follow_suggestion(self, suggestion_id: SuggestionId, request: FollowSuggestion) -> PublicSuggestion:
        """Be told of each step by mail, or no more. The caller is signed in with the mailbox that is told."""
