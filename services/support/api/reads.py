"""Reads of customers' personal data by staff: who read what, when, and why (standard, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import ADMIN, ANY_STAFF
from services.common.basics.shapes import Email, Example, Length, Line, Note, Page, PageQuery, Timestamp
from services.support.api.api_keys import KeyName
from services.support.api.parts import Accepted

SUBJECTS = 300
"""Numbers in one read: those of a page, each with that of its order."""


@dataclass(frozen=True)
class RecordRead:
    """One answer with personal data that a member of staff is about to get. A repeat of the same id does no harm."""

    id: Annotated[str, Line(36)]
    operation: Annotated[str, Line(64)]
    subjects: Annotated[list[Annotated[str, Line(64)]], Length(0, SUBJECTS)]
    read_at: datetime
    reason: Annotated[str, Line(200)] | None = None


@dataclass(frozen=True)
class ListReads(PageQuery):
    """email: who read. key: the name of the API key that read, of any maker, ended ones too.

    subject: the number of an order, shipment, return or ticket that was read.
    """

    email: Email | None = None
    key: KeyName | None = None
    subject: Annotated[str, Line(64), Example("ORD-0000-0000-0")] | None = None
    since: Annotated[datetime, Example("2026-03-01T00:00:00Z")] | None = None
    until: Annotated[datetime, Example("2100-12-31T00:00:00Z")] | None = None


class ReadView(TypedDict):
    """One read. A list is one read of all that it showed."""

    id: str
    email: Annotated[str, Note("who read; `key:NAME:MAILBOX` for an API key and who made it")]
    operation: Annotated[str, Example("get_order")]
    subjects: Annotated[list[str], Note("the numbers of what was shown")]
    reason: Annotated[str | None, Note("as the reader gave it in the header `Reason`")]
    read_at: Timestamp
    trace_id: str


class Reads(Api):
    """The record of who looked at customers' data."""

    @command(roles=ANY_STAFF, keyed=False)
    def record_read(self, read: RecordRead) -> Accepted:
        """Record that the caller reads personal data. The gateway asks for it before it answers."""

    @query(roles=(ADMIN,))
    def list_reads(self, query: ListReads) -> Page[ReadView]:
        """List which personal data staff have read, the newest first.

        Each answer to staff with a customer's name, address, telephone number or words is recorded before it leaves.
        """
