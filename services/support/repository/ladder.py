"""The ladder in the database: which rungs are to be told of, who was told, and which mails staff want."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.clock import rfc3339
from services.common.store import tables as kit
from services.common.store.statements import earliest
from services.common.store.upsert import add_those_new, values_of
from services.support import tables as t
from services.support.api.replies import RungView
from services.support.domain.ladder import GATHER, Rung, RungMail
from services.support.domain.mail_choice import MailChoice

AT_ONCE = 500
"""Rungs that are looked at together."""
_ROW, _MAIL, _CLOCK = t.rungs.c, t.rung_mails.c, kit.commitments.c


class Ladder:
    """The rungs, and who was told of them."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def add(self, *rungs: Rung) -> None:
        """Write rungs down, unless they were: each is told of once for each clock."""
        for rung in rungs:
            add_those_new(self._session, t.rungs, values_of(rung, t.rungs))

    def next_look(self) -> datetime | None:
        """Return when the next rung is to be looked at, if any is."""
        return self._session.scalar(earliest(_ROW.look_at))

    def due(self, limit: int = AT_ONCE) -> list[Rung]:
        """Return the rungs to look at now, locked. Those of other workers are skipped."""
        query = sa.select(Rung).where(_ROW.look_at <= self._now).order_by(_ROW.look_at).limit(limit)
        return list(self._session.scalars(query.with_for_update(skip_locked=True)))

    def told(self, numbers: Iterable[str]) -> list[RungMail]:
        """Return who was told what about these tickets, in the order of time."""
        query = sa.select(RungMail).where(_MAIL.ticket_number.in_(sorted(set(numbers))))
        return list(self._session.scalars(query.order_by(_MAIL.told_at, _MAIL.share, _MAIL.recipient)))

    def free_from(self, people: Iterable[str]) -> dict[str, datetime]:
        """Return from when on each of these may have the next mail; they are locked, so that two workers send one."""
        wanted = sorted(set(people))
        self._session.execute(
            sa.select(t.staff.c.email).where(t.staff.c.email.in_(wanted)).order_by(t.staff.c.email).with_for_update()
        )
        last = sa.select(_MAIL.recipient, sa.func.max(_MAIL.told_at)).where(_MAIL.recipient.in_(wanted))
        known = {email: at + GATHER for email, at in self._session.execute(last.group_by(_MAIL.recipient)).all()}
        return {email: known.get(email, self._now) for email in wanted}

    def note(self, mails: Iterable[RungMail]) -> None:
        """Keep who was told."""
        self._session.add_all(mails)

    def shown(self, numbers: Iterable[str], *, running_only: bool) -> dict[str, list[RungView]]:
        """Return by ticket the rungs of which people were told, the earliest first; of clocks that run, or of all."""
        mails = self.told(numbers)
        if not mails:
            return {}
        told: dict[tuple[str, str, datetime, int], list[RungMail]] = defaultdict(list)
        for mail in mails:
            told[*mail.of, mail.share].append(mail)
        runs: set[tuple[str, str, datetime]] = set()
        if running_only:
            runs = {(number, kind, at) for number, kind, at in self._session.execute(_running(told)).all()}
        dues = {(r.ticket_number, r.kind, r.started_at, r.share): r.due_at for r in self._rungs(told)}
        found: dict[str, list[RungView]] = defaultdict(list)
        for (number, kind, started_at, share), of_it in told.items():
            if running_only and (number, kind, started_at) not in runs:
                continue
            found[number].append(
                {
                    "kind": kind,
                    "share": share,
                    "due_at": rfc3339(dues[number, kind, started_at, share]),
                    "told_at": rfc3339(max(mail.told_at for mail in of_it)),
                    "told": [mail.recipient for mail in of_it],
                }
            )
        return dict(found)

    def choice(self, email: str) -> MailChoice:
        """Return which mails that person wants; all, unless they chose."""
        return self._session.get(MailChoice, email) or MailChoice(email)

    def choose(self, choice: MailChoice) -> None:
        """Keep what they chose."""
        self._session.merge(choice)

    def _rungs(self, of: Iterable[tuple[str, str, datetime, int]]) -> Iterable[Rung]:
        return self._session.scalars(sa.select(Rung).where(_ROW.ticket_number.in_(sorted({each[0] for each in of}))))


def _running(of: Iterable[tuple[str, str, datetime, int]]) -> sa.Select[str, str, datetime]:
    subjects = sorted({each[0] for each in of})
    clocks = sa.select(_CLOCK.subject, _CLOCK.kind, _CLOCK.started_at)
    return clocks.where(_CLOCK.subject.in_(subjects), _CLOCK.stopped_at.is_(None))
