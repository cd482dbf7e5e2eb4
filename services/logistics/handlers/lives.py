"""Parcels of the simulated carrier live by themselves, in development: each scan comes by webhook when it is due.

What a parcel lives through follows from itself (`scenarios.life_of`), and what is next from the latest scan that
came in of it. Nothing else is kept: a restart goes on where it was, what was told twice counts once, and who moves a
parcel by the page of the carrier only makes it skip what it would have said until then.
"""

from __future__ import annotations

from datetime import datetime
from logging import getLogger
from typing import NamedTuple

from services.common.basics import clock
from services.common.basics.errors import ServiceError
from services.logistics.adapters.carriers import Carriers
from services.logistics.adapters.carriers.scenarios import Scenario, life_of
from services.logistics.adapters.carriers.simulator import Simulator
from services.logistics.api.parts import fold_number
from services.logistics.handlers.watching import Transaction
from services.logistics.repository import Work

log = getLogger(__name__)


class Life(NamedTuple):
    """A parcel that lives: from when, and when it was scanned last."""

    number: str
    scenario: Scenario
    start: datetime
    heard: datetime


def next_scan(work: Work) -> datetime | None:
    """Return when a parcel is scanned next; never, where they do not live by themselves."""
    speed = work.settings.part(Simulator).speed
    if not speed:
        return None
    nexts = (each.scenario.next_scan(each.start, speed, each.heard) for each in _lives(work))
    return min((at for at in nexts if at), default=None)


def play(transaction: Transaction, carriers: Carriers) -> None:
    """Tell what has happened to each parcel since it was scanned last. What is not taken is told again."""
    simulator = carriers.get(Simulator.name)
    if not isinstance(simulator, Simulator) or not simulator.speed:
        return
    with transaction() as work:
        lives = _lives(work)
    for number, scenario, start, heard in lives:
        places = scenario.scans_between(start, simulator.speed, heard, clock.now())
        if not places:
            continue
        try:
            simulator.tell(scenario.webhook(number, places, start, simulator.speed), clock.now())
        except ServiceError as refused:
            log.warning("the simulated carrier could not tell of %s: %s", number, refused)


def _lives(work: Work) -> list[Life]:
    sent = work.shipments.of_carrier(Simulator.name)
    parcels = [(each, parcel) for each in sent for parcel in each.parcels if parcel.carrier == Simulator.name]
    heard = work.tracking.heard_until(parcel.tracking_number for _, parcel in parcels)
    found = []
    for shipment, parcel in parcels:
        start, line2 = shipment.dispatched_at, shipment.destination.address.get("line2") or ""
        if parcel.is_awaited and start is not None:
            until = max(start, heard.get(fold_number(parcel.tracking_number), start))
            found.append(Life(parcel.tracking_number, life_of(parcel.tracking_number, line2), start, until))
    return found
