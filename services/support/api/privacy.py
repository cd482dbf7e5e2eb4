"""What a customer may ask about their own data: a copy of it, and that it is erased."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, NotRequired, TypedDict

from services.common.basics import ids
from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import ADMIN, CUSTOMER
from services.common.basics.errors import Conflict, NotFound
from services.common.basics.shapes import Example, Line, Note, Number, Page, PageQuery, Timestamp
from services.support.api.factors import NoSession
from services.support.api.sign_in import BadCode

PrivacyNumber = Annotated[str, Number(ids.PRIVACY), Example(ids.number(ids.PRIVACY, 0))]


class PrivacyKind(StrEnum):
    """What is asked for."""

    EXPORT = "export"
    ERASURE = "erasure"


class PrivacyStatus(StrEnum):
    """How far a request is."""

    UNCONFIRMED = "unconfirmed"  # the code that was mailed has not come back
    RUNNING = "running"
    ENDED = "ended"


class PartStatus(StrEnum):
    """What became of a part of a person's data."""

    ERASED = "erased"
    WAITING = "waiting"  # it is in use; erased by itself when that has ended
    KEPT = "kept"  # the law wants it, until a day


class PrivacyRequestNotFound(NotFound):
    """There is no such request, or it is another person's."""

    code = "privacy_request_not_found"
    message = "You have no such request."


class TooManyCodes(Conflict):
    """The mailbox was sent several codes lately."""

    code = "too_many_codes"
    message = "This address was sent several codes lately. Use the newest one, or wait a quarter of an hour."


class ExportOver(NotFound):
    """The link is not one of ours, or a week has passed."""

    code = "export_over"
    message = "This link is good no more. Ask for your data again."


@dataclass(frozen=True)
class ConfirmPrivacy:
    """Spaces in the code are ignored: the mail shows it in two groups."""

    code: Annotated[str, Line(20), Example("1234 5678")]


@dataclass(frozen=True)
class ListPrivacyRequests(PageQuery):
    """mine: an admin's own alone; those of customers are their own anyway."""

    mine: bool = False


class PrivacyPart(TypedDict):
    """A part of a person's data; `until`: how long the law wants it."""

    what: Annotated[str, Example("order ORD-0000-0000-6")]
    status: PartStatus
    why: Annotated[str, Note("empty where it is erased")]
    until: NotRequired[Timestamp]


class PrivacyRequestView(TypedDict):
    """A request. `email` is "erased" once it is over; `due_at`: by when it ends; `parts`: what became of the data."""

    number: PrivacyNumber
    kind: PrivacyKind
    status: PrivacyStatus
    email: str
    asked_at: Timestamp
    confirmed_at: NotRequired[Timestamp]
    due_at: NotRequired[Timestamp]
    ended_at: NotRequired[Timestamp]
    parts: list[PrivacyPart]


class ExportOwner(TypedDict):
    """Whose data a link leads to."""

    number: PrivacyNumber
    email: str


class Privacy(Api):
    @command(roles=(CUSTOMER,), errors=(NoSession, TooManyCodes), keyed=False)
    def request_export(self) -> PrivacyRequestView:
        """Ask for a copy of one's own data; a code is mailed, which confirms it.

        Asking again while it is not confirmed mails another code; while it runs, it is the same request.
        """

    @command(roles=(CUSTOMER,), errors=(NoSession, TooManyCodes), keyed=False)
    def request_erasure(self) -> PrivacyRequestView:
        """Ask for one's own data to be erased; a code is mailed, which confirms it.

        What is in use (an order that is not finished, a refund, a return, a conversation) is erased when that has
        ended. What the law wants kept is kept apart and named.
        """

    @command(roles=(CUSTOMER,), errors=(NoSession, PrivacyRequestNotFound, BadCode), keyed=False)
    def confirm_privacy_request(self, number: str, request: ConfirmPrivacy) -> PrivacyRequestView:
        """Confirm a request with the code from the mail. It ends within 30 days, and a mail says how."""

    @query(roles=(CUSTOMER, ADMIN), errors=(NoSession,), personal=True)
    def list_privacy_requests(self, query: ListPrivacyRequests) -> Page[PrivacyRequestView]:
        """List requests about personal data, the newest first. Customers see their own, an admin all of them.

        With `mine`, an admin sees their own too.
        """

    @query(roles=(ANYONE,), errors=(ExportOver,))
    def open_export(self, token: str) -> ExportOwner:
        """Say whose data the link from a mail leads to. It is good for a week."""
