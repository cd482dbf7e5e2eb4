"""The first thing pytest imports: patches the standard library for eventlet, and sets hypothesis up once.

Playwright and the tests that look at running processes from outside want ordinary sockets and threads: they live in
tests/e2e and tests/openapi and are run in processes of their own with PLEDGE_NO_PATCH=1.
"""

import os
import warnings

if not os.environ.get("PLEDGE_NO_PATCH"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet announces its retirement at every import
        import eventlet

    eventlet.monkey_patch()

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "pledge",
    deadline=None,  # a shared machine is slow at times; slowness is not a wrong answer
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],  # for the same reason
    max_examples=100,
)
settings.load_profile("pledge")

FROM_OUTSIDE = {Path(__file__).parent / "tests" / name for name in ("e2e", "openapi")}


def pytest_configure() -> None:
    """Hold every handler to the refusals that its interface declares, before a test takes one by its name."""
    if not os.environ.get("PLEDGE_NO_PATCH"):
        from services.common.testing.refusals import require_declared

        require_declared()


@contextmanager
def limited(item: pytest.Item) -> Iterator[None]:
    """Let a test that waits for ever fail a little before pytest-timeout would end the whole run."""
    if os.environ.get("PLEDGE_NO_PATCH"):
        yield
        return
    marker = item.get_closest_marker("timeout")
    seconds = float(marker.args[0] if marker and marker.args else item.config.getini("timeout"))
    with eventlet.Timeout(seconds * 0.9):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with limited(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with limited(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    with limited(item):
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs processes or servers by where it lives and skip, with a reason, what has no servers."""
    servers = os.environ.get("PLEDGE_TEST_AMQP_URI") and os.environ.get("PLEDGE_TEST_PG_URL")
    for item in items:
        if FROM_OUTSIDE & {*item.path.parents}:
            item.add_marker("e2e")
            if not os.environ.get("PLEDGE_NO_PATCH"):
                item.add_marker(pytest.mark.skip(reason="runs in its own process: make test-e2e test-openapi"))
        elif item.get_closest_marker("integration") and not servers:
            item.add_marker(
                pytest.mark.skip(reason="no PLEDGE_TEST_AMQP_URI and PLEDGE_TEST_PG_URL: make test-distributed")
            )
