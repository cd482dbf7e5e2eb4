"""The books of payment providers beside ours: whether they agree, and what does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import ADMIN, LEAD
from services.common.basics.events import Event
from services.common.basics.shapes import Note, Timestamp


class BooksView(TypedDict):
    """The books of one provider beside ours. Each difference is a case `books_differ` in the attention queue."""

    provider: str
    compared_from: Annotated[Timestamp, Note("what is older is not compared")]
    compared_at: Annotated[Timestamp | None, Note("when the last comparison ended; null before the first")]
    next_at: Annotated[Timestamp, Note("when they are compared next; at once where that is over")]
    movements: Annotated[int, Note("entries of the provider's books that were read, some of them twice")]
    differences: Annotated[int, Note("what does not agree now")]
    problem: Annotated[str | None, Note("why the last attempt failed; it is made again by itself")]


class BookList(TypedDict):
    """The providers that keep books which we can read."""

    items: list[BooksView]


@dataclass(frozen=True, kw_only=True)
class BooksUnread(Event):
    """The books of a provider could not be read for a while. It is tried again until they can."""

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "books"
    books: str
    provider: str
    compared_at: datetime | None
    problem: str


class Reconciling(Api):
    """What providers have booked, compared with what we have."""

    @query(roles=(LEAD, ADMIN))
    def list_books(self) -> BookList:
        """Show how far the providers' books are compared with ours."""

    @command(roles=(LEAD, ADMIN), keyed=False)
    def compare_books(self) -> BookList:
        """Compare the providers' books with ours now; they are compared once a day anyway."""
