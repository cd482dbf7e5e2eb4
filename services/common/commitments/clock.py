"""The clock itself: what it knows, how it may be moved, how it stands. Pure.

Its due time moves by a pause only, and what a pause moved is kept with it, so that a report which arrives late finds
the clock as it was at the time it speaks of.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum

from services.common.basics.clock import parse_rfc3339, rfc3339
from services.common.basics.errors import Conflict
from services.common.basics.events import to_json
from services.common.basics.shapes import BreachCause, CommitmentView, Verdict
from services.common.basics.untyped import Fields, JsonDict
from services.common.calendar import BusinessHours, LocalDays, local_date, working_days
from services.common.commitments.terms import TimeUnit


class Notice(StrEnum):
    """What people are to be told about a clock: that little time is left, or none."""

    WARNING = "warning"
    BREACH = "breach"


RECALLED = "recalled"
"""The `pause_reason` of a clock that ended because what was promised is wanted no more."""


class ClockRefused(Conflict):
    """The clock cannot be moved like that."""

    code = "clock_refused"
    message = "The clock cannot be moved like that."


@dataclass(frozen=True)
class Pause:
    """A time that did not count, and what was due before it moved that."""

    begun_at: datetime
    ended_at: datetime
    reason: str
    due_at: datetime
    warn_at: datetime
    provisional: bool


@dataclass
class Clock:
    """One promise. All times are aware and in UTC.

    kind, subject     what is promised (a key of the terms) and for which shipment, return, ticket …
    owner             the service that keeps it
    earliest_at       the begin of the first day on which the event is expected, where the terms name one
    due_at, warn_at   the last moment that is in time; when a quarter of the time is left
    calendar, zone    whose working days in whose local time
    calendar_version  of the calendar at the start; terms_version: of the terms
    target, unit      how much time there was, in working days, calendar days or seconds of business hours
    hours             the business hours as `BusinessHours.to_json` gives them, for clocks that count those
    provisional       the calendar is not certain up to the due day
    paused_at         since when it stands still; pauses: those that ended
    pause_reason      why it stands still, or `RECALLED`
    warned_at         when the warning, breached_at: when the notice of the breach was sent; no verdict hangs on them
    cause             with whom the time was lost, of a breach that was judged; cause_final: judged after it had stopped
    """

    id: str
    kind: str
    subject: str
    owner: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    calendar: str
    calendar_version: str
    zone: str
    terms_version: str
    target: int
    unit: TimeUnit
    order_number: str | None = None
    earliest_at: datetime | None = None
    provisional: bool = False
    hours: dict[str, object] | None = None
    paused_at: datetime | None = None
    pause_reason: str = ""
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    cause: BreachCause | None = None
    cause_final: bool = False

    def run(self, begin: datetime, left: float) -> None:
        """Set due and warning so that `left` of the target is left at `begin`."""
        before_warning = left - self.target / 4
        self.due_at = self._time.add(begin, left)
        self.warn_at = self._time.add(begin, before_warning) if before_warning > 0 else begin
        if self.calendar:
            first, last = local_date(begin, self.zone), local_date(self.due_at, self.zone)
            self.provisional = working_days(self.calendar).provisional(last, since=first)

    def verdict(self, now: datetime) -> Verdict:
        """Return its state at `now`."""
        if self.stopped_at is not None:
            in_time = Verdict.RECALLED if self.pause_reason == RECALLED else Verdict.KEPT
            return in_time if self.stopped_at <= self.due_at else Verdict.BREACHED
        if self.paused_at is not None and self.paused_at <= self.due_at:
            return Verdict.PAUSED
        return Verdict.BREACHED if now > self.due_at else Verdict.RUNNING

    def pause(self, at: datetime, reason: str) -> None:
        """Pause the clock from `at`. A pause after the due time is noted and changes nothing.

        Before the end of the last pause, it begins at that end. Conflict: `clock_stopped`, `clock_paused`,
        `clock_not_started`.
        """
        self._refuse_if(self.stopped_at is not None, "clock_stopped", "it has stopped")
        self._refuse_if(self.paused_at is not None, "clock_paused", "it stands still already")
        self._refuse_if(at < self.started_at, "clock_not_started", "it had not started by then")
        self.paused_at = max(utc(at), self.pauses[-1].ended_at) if self.pauses else utc(at)
        self.pause_reason = reason

    def resume(self, at: datetime) -> None:
        """Resume the clock at `at` with the working time that was left at the pause.

        A pause counts in working time, to the second, in days as in hours: two minutes over midnight are two minutes,
        and a pause on days off moves nothing. Resuming before the pause makes it a pause without
        length. Conflict: `clock_stopped`, `clock_not_paused`.
        """
        self._refuse_if(self.stopped_at is not None, "clock_stopped", "it has stopped")
        self._refuse_if(self.paused_at is None, "clock_not_paused", "it does not stand still")
        self._end_pause(utc(at))

    def stop(self, at: datetime) -> bool:
        """Stop the clock, because what was promised happened at `at`. Return whether that changed anything.

        Of several stops the earliest counts, in whatever order they arrive: a later one changes nothing, a late report
        of an earlier one undoes the pauses after it. Raise Conflict `clock_not_started` for a time before its start.
        """
        self._refuse_if(at < self.started_at, "clock_not_started", "it had not started by then")
        if self.stopped_at is not None and self.stopped_at <= at:
            return False
        self._forget_pauses_after(at)
        if self.paused_at is not None:
            self._end_pause(utc(at))
        self.stopped_at, self.cause_final = utc(at), False
        return True

    def recall(self, at: datetime) -> bool:
        """End at `at`: what was promised is wanted no more. It is not kept, and late only if it was late by then.

        Return whether that changed anything. Conflict: `clock_not_started`.
        """
        if self.stopped_at is not None:
            return False
        self.stop(at)
        self.pause_reason = RECALLED
        return True

    def reopen(self) -> bool:
        """Run on as if it had never stopped: what was reported as done turned out not to be. Whether it had."""
        had = self.stopped_at is not None
        self.stopped_at, self.cause_final = None, False
        if had and self.pause_reason == RECALLED:
            self.pause_reason = ""
        return had

    def advance(self, earlier: Clock) -> bool:
        """Run from when `earlier` began, and be due when it is, unless that is later. Whether that changed anything.

        For a clock that was started too late: what was promised is never put off by it.
        """
        if earlier.due_at > self.due_at or (earlier.started_at, earlier.due_at) == (self.started_at, self.due_at):
            return False
        self.started_at, self.due_at, self.warn_at = earlier.started_at, earlier.due_at, earlier.warn_at
        self.earliest_at, self.provisional = earlier.earliest_at, earlier.provisional
        self.calendar, self.calendar_version = earlier.calendar, earlier.calendar_version
        return True

    def notice(self, now: datetime) -> Notice | None:
        """Return the notice that is due now and was not sent. `told` records that it was."""
        verdict = self.verdict(now)
        if verdict is Verdict.BREACHED and self.breached_at is None:
            return Notice.BREACH
        if verdict is Verdict.RUNNING and self.warned_at is None and now >= self.warn_at:
            return Notice.WARNING
        return None

    def told(self, notice: Notice, at: datetime) -> None:
        """Record that the notice was sent at `at`."""
        if notice is Notice.BREACH:
            self.breached_at = utc(at)
        else:
            self.warned_at = utc(at)

    def awaits_cause(self, now: datetime) -> bool:
        """Return whether it is to be judged who broke it: once it is broken, and again once it has stopped."""
        if self.verdict(now) is not Verdict.BREACHED:
            return False
        return self.cause is None or (self.stopped_at is not None and not self.cause_final)

    def attribute(self, cause: BreachCause) -> bool:
        """Note who broke it. Return whether that is news."""
        changed, self.cause = cause is not self.cause, cause
        self.cause_final = self.stopped_at is not None
        return changed

    def past_due(self, share: float) -> datetime:
        """Return when that share of the target has passed once more after the due time; pauses do not count."""
        time, at = self._time, self._time.add(self.due_at, self.target * share)
        for pause in self.pauses:
            if not self.due_at <= pause.begun_at < at:
                continue
            if isinstance(time, BusinessHours):
                at = time.add(pause.ended_at, time.between(pause.begun_at, at))
            else:
                at = time.after(pause.ended_at, time.left_at(pause.begun_at, at))
        return at

    @property
    def next_notice_at(self) -> datetime | None:
        """When to look at this clock again: before then, `notice` has nothing to tell. None: never."""
        if self.stopped_at is not None:
            told = self.breached_at is not None and self.cause_final
            return self.due_at if self.stopped_at > self.due_at and not told else None
        if self.breached_at is not None:
            return None
        if self.paused_at is not None and self.paused_at <= self.due_at:
            return None
        return self.warn_at if self.warned_at is None else self.due_at

    def view(self, now: datetime) -> CommitmentView:
        """Show it as the API does; `status` is the verdict at `now`, times that are not known are left out."""
        shown: CommitmentView = {
            "kind": self.kind,
            "subject": self.subject,
            "started_at": rfc3339(self.started_at),
            "due_at": rfc3339(self.due_at),
            "status": self.verdict(now),
            "provisional": self.provisional,
            "calendar": self.calendar,
            "calendar_version": self.calendar_version,
            "zone": self.zone,
            "terms_version": self.terms_version,
        }
        if self.earliest_at is not None:
            shown["earliest_at"] = rfc3339(self.earliest_at)
        if self.stopped_at is not None:
            shown["stopped_at"] = rfc3339(self.stopped_at)
        return shown

    def to_record(self) -> dict[str, object]:
        """Return all of it as JSON, for `from_record`."""
        return {item.name: to_json(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_record(cls, record: Fields) -> Clock:
        """Build the clock that `to_record` wrote."""
        values = _times(record)
        pauses = tuple(Pause(**_times(pause)) for pause in record["pauses"])
        cause = BreachCause(found) if (found := record.get("cause")) else None
        return cls(**{**values, "unit": TimeUnit(record["unit"]), "pauses": pauses, "cause": cause})

    @property
    def _time(self) -> BusinessHours | LocalDays:
        """The working time it counts in: `add` and `between`, in days or in seconds."""
        return LocalDays(self.calendar, self.zone) if self.hours is None else BusinessHours.from_json(self.hours)

    def _end_pause(self, at: datetime) -> None:
        assert self.paused_at is not None
        begun, ended = self.paused_at, max(at, self.paused_at)
        pause = Pause(begun, ended, self.pause_reason, self.due_at, self.warn_at, self.provisional)
        self.pauses = (*self.pauses, pause)
        if begun <= self.due_at and begun < ended:
            self._go_on(begun, ended)
            # a holiday announced meanwhile must not take back what was promised
            self.due_at = max(self.due_at, pause.due_at)
        self.paused_at, self.pause_reason = None, ""

    def _go_on(self, begun: datetime, ended: datetime) -> None:
        time = self._time
        if isinstance(time, BusinessHours):
            self.run(ended, time.between(begun, self.due_at))
            return
        if begun < self.warn_at:
            self.warn_at = time.after(ended, time.left_at(begun, self.warn_at))
        self.due_at = time.after(ended, time.left_at(begun, self.due_at))
        if not self.calendar:
            return
        first, last = local_date(ended, self.zone), local_date(self.due_at, self.zone)
        self.provisional = self.provisional or working_days(self.calendar).provisional(last, since=first)

    def _forget_pauses_after(self, at: datetime) -> None:
        while self.pauses and self.pauses[-1].ended_at > at:
            last = self.pauses[-1]
            self.pauses = self.pauses[:-1]
            self.due_at, self.warn_at, self.provisional = last.due_at, last.warn_at, last.provisional
            self.paused_at, self.pause_reason = last.begun_at, last.reason
        if self.paused_at is not None and self.paused_at >= at:
            self.paused_at, self.pause_reason = None, ""

    def _refuse_if(self, refused: bool, code: str, why: str) -> None:
        if refused:
            raise ClockRefused(f"the {self.kind} clock of {self.subject}: {why}", code=code)


def utc(at: datetime) -> datetime:
    """Convert the time to UTC. Raise ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)


def _times(record: Fields) -> JsonDict:
    """Return the record with its times parsed. A field that ends in `_at` is a time."""
    return {k: parse_rfc3339(v) if k.endswith("_at") and v is not None else v for k, v in record.items()}
