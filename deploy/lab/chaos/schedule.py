"""What goes wrong and when, as it follows from a seed alone."""

from __future__ import annotations

import random
from typing import NamedTuple

from services import SERVICES

GATEWAY, BROKER, DATABASE = "gateway", "rabbitmq", "postgres"
FULL_RUN = 300.0  # from this length on, the faults that take long are part of it
FIRST_FAULT, LAST_FAULT_BEFORE_END = 3.0, 25.0
EVERY_SECONDS = 5.0  # about so often something breaks in a full run


class Planned(NamedTuple):
    """One fault: seconds after the start, what, on what, and the dice for its details."""

    at: float
    fault: str
    target: str
    dice: int

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.fault:14} {self.target}"


def schedule(seed: int, seconds: float, replicas: int = 2) -> list[Planned]:
    """Plan every kind of fault, several times if there is time. The seed decides when and on what."""
    dice = random.Random(f"{seed} schedule")  # noqa: S311 (a schedule, no secret)
    full, room = seconds >= FULL_RUN, seconds - FIRST_FAULT - LAST_FAULT_BEFORE_END
    faults = _turn(dice, replicas, full)
    while full and room / len(faults) > 2 * EVERY_SECONDS:
        faults += _turn(dice, replicas, full)
    planned, step = [], room / len(faults)
    for place, (fault, target) in enumerate(faults):
        at = FIRST_FAULT + step * (place + dice.random())
        planned.append(Planned(round(at, 1), fault, target, dice.randrange(2**31)))
    if full:
        planned.append(Planned(round(seconds * dice.uniform(0.3, 0.5), 1), "unreachable", BROKER, 0))
    return sorted(each for each in planned if room > 0)


def _turn(dice: random.Random, replicas: int, full: bool) -> list[tuple[str, str]]:
    """Return each kind of fault once or more, shuffled."""

    def one_of(service: str) -> str:
        return f"{service}.{dice.randrange(replicas) + 1}"

    def some() -> str:
        return one_of(dice.choice(SERVICES))

    turn = [
        *(("kill", one_of(service)) for service in SERVICES),
        ("kill", GATEWAY), ("kill_all", dice.choice(SERVICES)),
        ("kill_server", BROKER), ("kill_server", DATABASE), ("freeze_server", BROKER),
        ("terminate", some()), ("terminate", dice.choice((GATEWAY, some()))),
        ("freeze", dice.choice((GATEWAY, some(), some()))), ("half_open", some()),
        ("cut", some()), ("cut", GATEWAY), ("cut_all", DATABASE), ("refuse", some()), ("delay", some()),
        ("fill_queue", dice.choice(SERVICES)),
        ("deliver_again", dice.choice(SERVICES)), ("deliver_again", dice.choice(SERVICES)),
        ("hold_back", dice.choice(SERVICES)),
    ]  # fmt: skip
    if full:
        turn.append(("block", BROKER))
    dice.shuffle(turn)
    return turn
