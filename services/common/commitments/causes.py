"""With whom the time of a broken promise was lost, from who had the thing in hands and for how long. Pure.

The rule: whoever has it as a rule (the carrier of a parcel, the warehouse of an order) broke the promise, unless it
would have been kept without the time that others had it; then that one of them did who had it longest. Time of which
the facts say nothing is time of `unknown`, and may come first like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.basics.shapes import BreachCause
from services.common.commitments.events import TimeHeld

NOTICEABLE = timedelta(days=1)
"""While it is not over, so much time of others counts at least: it is not known yet how late it will be."""


@dataclass(frozen=True)
class Attribution:
    """cause: who broke the promise; held: how long each had it, the longest first; empty where nothing is measured."""

    cause: BreachCause
    held: tuple[TimeHeld, ...] = ()


@dataclass(frozen=True)
class Span:
    """From when until when who had it."""

    begin: datetime
    end: datetime
    cause: BreachCause


def attribute(
    spans: Iterable[Span], usual: BreachCause, due_at: datetime, end: datetime, *, ended: bool
) -> Attribution:
    """Return who broke a promise that was due at `due_at`, by what lies before `end`.

    spans: in the order of time. ended: what was promised happened at `end`; else it is still awaited, or was given up.
    """
    times: dict[BreachCause, timedelta] = {}
    holder = usual
    for span in spans:
        length = min(span.end, end) - span.begin
        if length > timedelta():
            times[span.cause] = times.get(span.cause, timedelta()) + length
            holder = span.cause
    held = tuple(
        TimeHeld(cause=cause, seconds=int(time.total_seconds()))
        for cause, time in sorted(times.items(), key=lambda item: (-item[1], item[0]))
    )
    overrun = max(end - due_at, timedelta())
    others = [(time, cause) for cause, time in times.items() if cause is not usual]
    lost = sum((time for time, _ in others), timedelta())
    if not ended and holder is not usual:
        return Attribution(holder, held)
    if others and lost >= (overrun if ended else max(overrun, NOTICEABLE)):
        return Attribution(min(others, key=lambda each: (-each[0], each[1]))[1], held)
    return Attribution(usual, held)
