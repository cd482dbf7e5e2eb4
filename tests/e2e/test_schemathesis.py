"""Everything the OpenAPI document says, tried with made-up data: no server error, no answer it does not describe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.demo.story import Demo
from tests.e2e.conftest import started

EXAMPLES = 5  # of each kind; `python -m tests.openapi.fuzz` goes on as long as it is let
ENDLESS = r"/live$"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # the first finding is told as it is; making it smaller takes many requests
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a platform of its own: made-up data ends sessions and changes the staff."""
    with started(tmp_path_factory.mktemp("made-up")) as url:
        yield url


@pytest.fixture
def admin(platform: str) -> dict[str, str]:
    """Return the headers of an admin, of a session that nothing has ended yet."""
    client = Demo(platform).as_staff("admin")
    return {"Authorization": f"Bearer {client._token}"}


def tries(operation: Any, headers: dict[str, str]) -> int:
    """Tell how often to try: a door that is shut to guests is shut whatever they carry, so once shows it."""
    is_open = {} in operation.definition.raw["security"]
    return EXAMPLES if headers or is_open else 1


def findings(platform: str, mode: schemathesis.GenerationMode, headers: dict[str, str]) -> list[str]:
    """Return what was wrong, at most one entry for each operation."""
    document = schemathesis.openapi.from_url(f"{platform}/v1/openapi.json").exclude(path_regex=ENDLESS)
    found = []
    for result in document.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()

        @settings(bounded, max_examples=tries(operation, headers))
        @given(case=operation.as_strategy(generation_mode=mode))
        def attempt(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            attempt()
        except Unsatisfiable:
            continue  # nothing can be wrong about a request without any input
        except (FailureGroup, Exception) as problem:
            found.append(f"{operation.label}: {problem}")
    return found


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_an_admin_may_send_anything_and_answers_fit(
    platform: str, mode: schemathesis.GenerationMode, admin: dict[str, str]
) -> None:
    found = findings(platform, mode, admin)

    assert not found, "\n\n".join(found)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_a_guest_may_send_anything_and_answers_fit(platform: str, mode: schemathesis.GenerationMode) -> None:
    found = findings(platform, mode, {})

    assert not found, "\n\n".join(found)
