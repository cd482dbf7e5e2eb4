"""Timers sleep until the next thing is due: woken by the time, by what is written here, by what was left elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.ids import new_id
from services.common.bus.rpc import rpc
from services.common.commitments import start
from services.common.runtime import timers
from services.common.runtime.database import Database
from services.common.runtime.service import Service
from services.common.runtime.timers import Every
from services.common.store import tables
from services.common.store.database import Work
from services.common.testing import Platform, eventually, running
from services.common.tests.strategies import TERMS


class Promiser(Service):
    """Begins promises; the kit tells of each whose time has come."""

    name = "promiser"
    transaction: Database[Work] = Database(Work)

    @rpc
    def promise(self, subject: str, seconds: float) -> None:
        with self.transaction() as work:
            promise_in(work, subject, seconds)


def promise_in(work: Work, subject: str, seconds: float) -> None:
    begun = start(
        "dispatch", subject, work.now, id=new_id(), owner="promiser", terms=TERMS["dispatch"],
        calendar="CN", zone="Asia/Shanghai", order_number=None,
    )  # fmt: skip
    due = work.now + timedelta(seconds=seconds)
    work.commitments.start(replace(begun, warn_at=due - timedelta(seconds=0.1), due_at=due))


def told(platform: Platform, subject: str) -> int:
    return [each["subject"] for each in platform.journal("promiser", "commitment_breached")].count(subject)


def claims(platform: Platform) -> int:
    """Count the rows of the sweep: one once it was claimed, none before."""
    row = tables.schedule.c.name
    query = sa.select(sa.func.count()).where(row == "promiser.sweep_commitments")
    with platform.store("promiser").reader.connect() as connection:
        return connection.scalar(query) or 0


def sweeps(platform: Platform) -> list[Every]:
    every = [each for container in platform.containers.values() for each in container.entrypoints]
    return [each for each in every if isinstance(each, Every) and each.method_name == "sweep_commitments"]


def test_a_timer_sleeps_until_something_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "LOOK_SECONDS", 3600.0)  # no look but for a bell or the time wakes it
    with running(Promiser, Promiser, folder=tmp_path) as platform:
        platform.call("promiser", "promise", "far", 3600.0)
        platform.call("promiser", "promise", "near", 0.4)
        eventually(lambda: told(platform, "near"))
        platform.call("promiser", "promise", "past", -1.0)
        eventually(lambda: told(platform, "past"))
        assert [told(platform, each) for each in ("far", "near", "past")] == [0, 1, 1], "two replicas tell once"


def test_a_timer_claims_nothing_while_nothing_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "LOOK_SECONDS", 0.2)
    with running(Promiser, folder=tmp_path) as platform:
        platform.call("promiser", "promise", "far", 3600.0)
        with platform.store("promiser").work(Work) as work:  # as by a replica that died: no bell rings here
            assert not claims(platform)
            promise_in(work, "left", -1.0)
        eventually(lambda: told(platform, "left"))
        with clock.frozen(clock.now() + timedelta(hours=2)):
            for each in sweeps(platform):
                each.look()
            eventually(lambda: told(platform, "far"))
