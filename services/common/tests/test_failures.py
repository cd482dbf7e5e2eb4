"""What the log says of an event that could not be handled yet."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.basics.errors import Conflict, NotFound, ServiceError
from services.common.runtime.failures import Failures
from services.common.store.database import Store
from services.common.testing import fresh_store
from services.common.tests.test_handling import delivery


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("toy", tmp_path) as store:
        yield store


@pytest.mark.parametrize(
    ("error", "level", "words"),
    [
        (NotFound("not here yet"), logging.INFO, "waits with"),
        (Conflict("too much"), logging.WARNING, "failed on"),
        (ServiceError("a mistake"), logging.WARNING, "failed on"),
        (ZeroDivisionError(), logging.WARNING, "failed on"),
    ],
    ids=["waits for another", "refused", "of a service", "a mistake"],
)
def test_only_what_did_not_have_to_be_is_a_failure(
    store: Store, caplog: pytest.LogCaptureFixture, error: Exception, level: int, words: str
) -> None:
    caplog.set_level(logging.INFO)

    assert Failures("toy", store, lambda envelope, message: delivery(1)).keep(delivery(1), error)

    (told,) = [record for record in caplog.records if record.name == "services.common.runtime.failures"]
    assert told.levelno == level
    assert words in told.getMessage()


def test_what_waited_in_vain_is_an_error(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    failures, late = Failures("toy", store, lambda envelope, message: delivery(1)), delivery(1)

    for _ in range(50):
        failures.keep(late, NotFound("not here yet"))

    assert [record.levelno for record in caplog.records][-1] == logging.ERROR
    assert "(parked)" in caplog.records[-1].getMessage()
