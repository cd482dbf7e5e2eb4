"""The books of a provider beside ours: what it has booked, what of that is ours, and where the two differ.

A movement is ours when we have the capture, refund or dispute that it names (`subject`), with the same amount. What is
in one of the books alone, or with another amount, is a difference: a person is asked about it once, and it ends by
itself when the books agree later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.orders.api.statuses import BookedKind

FIRST_READ = timedelta(days=7)
"""How far back the books are read the first time; what is older was never compared."""
READ_AGAIN = timedelta(days=2)
"""How much of what was read is read again the next time: what a provider books late."""
EVERY = timedelta(days=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
COMPARED = timedelta(days=90)
"""How far back entries are compared; what differs for longer is with the person who was asked."""
TOLD_AFTER = 5
"""So many failures one after the other, half an hour of them, and people are told."""


def subject_of(kind: BookedKind, about: str) -> str:
    """Return the name of what a movement moved, the same in both books."""
    return f"{kind.value} {about}"


@dataclass(eq=False)
class BookedEntry:
    """One entry of a provider's books. `about` is its name for what was moved; payment_id: ours, where it has that.

    matched: the subject of ours that it is; each is matched once.
    """

    provider: str
    name: str
    kind: BookedKind
    cents: int
    currency: str
    about: str
    payment_reference: str
    payment_id: str
    moved_at: datetime
    matched: str | None = None

    @property
    def subject(self) -> str:
        return subject_of(self.kind, self.about)


@dataclass(eq=False)
class Difference:
    """Something that is not the same in both books. Its row stays, so that people are asked once."""

    subject: str
    provider: str
    payment_id: str
    found_at: datetime
    ended_at: datetime | None = None


@dataclass(eq=False)
class Comparison:
    """How far the books of a provider are read.

    begun_at: what is older is not compared. since, until, after: what is being read, and the page that comes next;
    until is None between two readings.
    """

    provider: str
    begun_at: datetime
    since: datetime
    next_at: datetime
    until: datetime | None = None
    after: str = ""
    finished_at: datetime | None = None
    failures: int = 0
    problem: str = ""
    seen: int = 0

    @classmethod
    def first(cls, provider: str, now: datetime) -> Comparison:
        return cls(provider, begun_at=now - FIRST_READ, since=now - FIRST_READ, next_at=now)

    def compared_since(self, now: datetime) -> datetime:
        """Return from when on entries are compared."""
        return max(self.begun_at, now - COMPARED)

    def begin(self, now: datetime) -> datetime:
        """Begin to read, or go on where it stopped. Return until when is read."""
        self.until = self.until or now
        return self.until

    def turn(self, count: int, following: str, complete_from: datetime | None) -> None:
        """Note that a page was read. complete_from: the provider knows nothing of before."""
        self.seen, self.after = self.seen + count, following
        if complete_from is not None:
            self.begun_at = max(self.begun_at, complete_from)
        if not following and self.until is not None:
            self.since, self.until = self.until - READ_AGAIN, None

    def finish(self, now: datetime) -> None:
        self.finished_at, self.next_at = now, now + EVERY
        self.failures, self.problem = 0, ""

    def fail(self, problem: str, now: datetime) -> bool:
        """Note that the provider did not answer, and when it is asked again. Return whether people have to be told."""
        self.failures, self.problem = self.failures + 1, problem[:500]
        self.next_at = now + min(FIRST_PAUSE * 2 ** min(self.failures - 1, 10), LONGEST_PAUSE)
        return self.failures == TOLD_AFTER

    def ask(self, now: datetime) -> None:
        """Compare at once."""
        self.next_at = min(self.next_at, now)
