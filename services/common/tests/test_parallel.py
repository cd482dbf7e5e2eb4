"""Calls to the world outside, several at a time."""

from __future__ import annotations

from functools import partial

import pytest
from eventlet.event import Event

from services.common.runtime.parallel import Parallel


def test_a_slow_call_holds_up_no_other() -> None:
    calls, slow, done = Parallel(2), Event(), []

    calls.run(lambda: done.append(slow.wait()))
    calls.run(partial(done.append, "fast"))
    while "fast" not in done:
        assert calls.wait()
    slow.send("slow")
    while calls.wait():
        pass

    assert done == ["fast", "slow"]


def test_a_call_that_fails_is_logged_and_ends(caplog: pytest.LogCaptureFixture) -> None:
    calls = Parallel(1)

    def fails() -> None:
        raise ValueError("out of paper")

    calls.run(fails)
    while calls.wait():
        pass

    assert "out of paper" in caplog.text
