"""How we make sure to get news of a parcel: its carrier is asked to report it, and asked for it when nothing comes.

    register_at → told at the dispatch, again with growing pauses until it is taken; each problem is kept
    ask_at      → asked once it is silent for too long, again with growing pauses until there is news

Each attempt is claimed before it is made: `begin_*` puts the next one off, so that of two replicas one makes it, and
one that is killed meanwhile is made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.logistics.domain.carrier_pages import WATCHERS
from services.logistics.domain.carriers import family, is_heard_of, is_same
from services.logistics.domain.number_forms import carrier_by, is_postal
from services.logistics.domain.parcel import Parcel
from services.logistics.domain.tracking import FINISHED

UNWATCHED = "simulator"
"""The carrier of our own, which tells by itself."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=6)
FIRST_WAIT, LONGEST_WAIT = timedelta(hours=12), timedelta(days=4)
GRACE = timedelta(days=1)
"""How long an alert waits for an answer of a carrier that does not give one."""
OWN_FORMS = frozenset({"ups", "fedex", "sfexpress", "yunexpress"})
"""Carriers whose numbers are never those of a post, unless the post takes over from them (family "usps")."""


@dataclass(eq=False)
class Watch:
    """registered_at: when the carrier was told of this number; problem: why it could not be told or asked.

    asked_at: when it last answered; asks: how often in a row it was asked without news.
    """

    parcel_id: str
    carrier: str
    tracking_number: str
    register_at: datetime | None = None
    registered_at: datetime | None = None
    tries: int = 0
    problem: str | None = None
    ask_at: datetime | None = None
    asked_at: datetime | None = None
    asks: int = 0

    def follow(self, carrier: str, tracking_number: str, now: datetime) -> None:
        """Watch it under another number or carrier from now on."""
        self.carrier, self.tracking_number = carrier, tracking_number
        self.register_at = now if is_watched(carrier) else None
        self.registered_at, self.tries, self.problem = None, 0, None

    def begin_registering(self, now: datetime) -> None:
        self.tries, self.problem = self.tries + 1, None
        self.register_at = now + pause_after(self.tries)

    def registered(self, now: datetime) -> None:
        self.register_at, self.registered_at = None, now

    def failed(self, problem: str) -> None:
        """Keep why it was not done. It stays due."""
        self.problem = problem[:200]

    def put_off(self, until: datetime, *, asked: bool) -> None:
        """Take back a try that was not made, because the carrier is called no more for now. asked: else registered."""
        if asked:
            self.asks, self.ask_at = max(self.asks - 1, 0), until
        else:
            self.tries, self.register_at = max(self.tries - 1, 0), until

    def begin_asking(self, now: datetime) -> None:
        self.asks, self.problem = self.asks + 1, None
        self.ask_at = now + pause_after(self.asks)

    def answered(self, now: datetime) -> None:
        """Record that the carrier answered. Ask again later, less and less often while there is no news."""
        self.asked_at = now
        self.ask_at = now + min(FIRST_WAIT * (1 << min(max(self.asks - 1, 0), 10)), LONGEST_WAIT)

    def expect(self, at: datetime | None) -> None:
        """Record news of the parcel. Ask when it next becomes silent or late (`at`), or never again (None)."""
        self.ask_at, self.asks = at if is_watched(self.carrier) else None, 0
        if at is None:
            self.register_at = None

    def lets_raise(self, due_at: datetime, now: datetime) -> bool:
        """Return whether what was due at `due_at` may be raised: the carrier was asked since, or silent for a day."""
        return (self.asked_at is not None and self.asked_at >= due_at) or now >= due_at + GRACE


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 15 s, 30 s, 1 min … 6 h."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)


def is_watched(carrier: str) -> bool:
    """Return whether there is a service that can register this carrier's parcels and be asked for them."""
    return carrier != UNWATCHED and is_heard_of(carrier)


def warnings_of(parcel: Parcel, watch: Watch | None, *, listens_only: bool) -> list[str]:
    """Return why we get no news of a parcel: its carrier is another one, has no adapter, or was not asked to report it.

    listens_only: parcels cannot be registered with any carrier.
    """
    if parcel.status in FINISHED or parcel.carrier == UNWATCHED:
        return []
    found = ["number_of_another"] if _is_of_another(parcel) else []
    if not is_heard_of(parcel.carrier):
        return [*found, "carrier_without_adapter"]
    unregistered = watch is not None and watch.registered_at is None and (listens_only or watch.problem is not None)
    return [*found, "not_registered"] if unregistered else found


def _is_of_another(parcel: Parcel) -> bool:
    """Return whether another carrier gives out such numbers, and no scan has come yet that says otherwise."""
    named, mine = carrier_by(parcel.tracking_number), family(parcel.carrier)
    if named is None or parcel.last_event_at is not None or parcel.carrier in WATCHERS:
        return False
    if is_postal(parcel.tracking_number) and ("usps" in mine or not mine & OWN_FORMS):
        return False
    return not is_same(named, parcel.carrier)
