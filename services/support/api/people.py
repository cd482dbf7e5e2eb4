"""Who works here, and the links that were given out (standard, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics import caller
from services.common.basics.api import ANYONE, Api, OrderNotFound, command, query
from services.common.basics.caller import ADMIN, AGENT, CUSTOMER, LEAD
from services.common.basics.errors import Conflict, NotFound
from services.common.basics.shapes import Example, Length, Line, Note, Timestamp, Version
from services.common.basics.states import VersionMoved
from services.support.api.parts import Accepted, OrderNumber, TicketNumber
from services.support.api.refusals import TicketNotFound


class StaffRole(StrEnum):
    """What a person works as; an admin may do what all of them may."""

    AGENT = caller.AGENT
    REVIEWER = caller.REVIEWER
    WAREHOUSE = caller.WAREHOUSE
    AFTERSALES = caller.AFTERSALES
    LEAD = caller.LEAD
    ADMIN = caller.ADMIN


class StaffNotFound(NotFound):
    """No person with this address works or worked here."""

    code = "staff_not_found"
    message = "Nobody with this address works here."


class LastAdmin(Conflict):
    """No admin would be left to change who works here."""

    code = "last_admin"
    message = "This is the last admin: make somebody else one first."


class StaffMoved(VersionMoved):
    """The person has another version than the one that the caller saw."""

    message = "Somebody else changed this person meanwhile; look again."


class LinkNotFound(NotFound):
    """There is no such link, or it is good no more."""

    code = "link_not_found"
    message = "There is no such link, or it is good no more."


@dataclass(frozen=True)
class PutStaff:
    """Who it is and as what they work; version: refuse if the person has changed since."""

    name: Annotated[str, Line(120), Example("Grace Hopper")]
    roles: Annotated[list[StaffRole], Length(1, 6), Example(["agent"])]
    version: Version | None = None


class StaffView(TypedDict):
    """A person who works here, or worked here where not `active`."""

    email: str
    name: str
    roles: list[StaffRole]
    active: bool
    second_factor: bool
    sessions: Annotated[int, Note("where they are signed in now")]
    version: int


class StaffList(TypedDict):
    items: list[StaffView]


class LinkView(TypedDict):
    """A link that lets its holder in. kind: `mail`, or `first`, which who placed or wrote it was shown."""

    id: str
    kind: Annotated[str, Example("mail")]
    made_at: Timestamp
    ends_at: Timestamp


class LinkList(TypedDict):
    items: list[LinkView]


class LinkCheck(TypedDict):
    good: bool


class People(Api):
    """Members of staff, who are changed by an admin, and links, which their holder and staff can end."""

    @query(roles=(ADMIN,))
    def list_staff(self) -> StaffList:
        """List who works and worked here, by address."""

    @query(roles=(ADMIN,), errors=(StaffNotFound,))
    def get_staff(self, email: str) -> StaffView:
        """Show a member of staff."""

    @command(roles=(ADMIN,), errors=(LastAdmin, StaffMoved))
    def put_staff(self, email: str, person: PutStaff) -> StaffView:
        """Add a member of staff, or change their name and roles; who was deactivated works here again.

        New roles count from the next request on. 409 `last_admin` when no admin would be left.
        """

    @command(roles=(ADMIN,), errors=(StaffNotFound, LastAdmin))
    def deactivate_staff(self, email: str) -> StaffView:
        """Deactivate a member of staff. Their sessions end at once; what they did stays recorded."""

    @command(roles=(ADMIN,), errors=(StaffNotFound,))
    def reset_factor(self, email: str) -> StaffView:
        """Remove the second factor of a person who lost it; they are told, and their sessions end."""

    @query(roles=(ANYONE,))
    def check_order_link(self, number: OrderNumber, link_id: str) -> LinkCheck:
        """Say whether a link to an order is still good. One that is not known yet is."""

    @query(roles=(CUSTOMER, AGENT, LEAD), errors=(OrderNotFound,))
    def list_order_links(self, number: OrderNumber) -> LinkList:
        """List the links to an order that are good, the newest first."""

    @command(roles=(CUSTOMER, AGENT, LEAD), errors=(OrderNotFound, LinkNotFound))
    def end_order_link(self, number: OrderNumber, link_id: str) -> Accepted:
        """End a link to an order."""

    @command(roles=(CUSTOMER, AGENT, LEAD), errors=(OrderNotFound,))
    def end_order_links(self, number: OrderNumber) -> Accepted:
        """End all links to an order. A new one can be asked for, and goes to the order's own address."""

    @query(roles=(CUSTOMER, AGENT, LEAD), errors=(TicketNotFound,))
    def list_ticket_links(self, number: TicketNumber) -> LinkList:
        """List the links to a ticket that are good, the newest first."""

    @command(roles=(CUSTOMER, AGENT, LEAD), errors=(TicketNotFound, LinkNotFound))
    def end_ticket_link(self, number: TicketNumber, link_id: str) -> Accepted:
        """End a link to a ticket."""

    @command(roles=(CUSTOMER, AGENT, LEAD), errors=(TicketNotFound,))
    def end_ticket_links(self, number: TicketNumber) -> Accepted:
        """End all links to a ticket. A new one can be asked for, and goes to the ticket's own address."""
