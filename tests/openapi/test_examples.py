"""What the document shows as an example works when it is sent, and is answered as the document says."""

from __future__ import annotations

import json
from itertools import cycle
from typing import Any

import pytest
import requests

from gateway.http.reads import shows_customer
from tests.openapi.document import STEP, Document, Example, Operation, example_of
from tests.openapi.house import House
from tests.openapi.operations import OPERATIONS, Gaps, filled

NOTHING = Example("the parameters", "", None)


@pytest.mark.parametrize("key", OPERATIONS, ids=[known.name for known in OPERATIONS.values()])
def test_the_example_works(document: Document, house: House, key: str) -> None:
    """Each of them, if there are several."""
    operation = document.operations[key]
    examples = operation.examples() if operation.bodies else [NOTHING]

    assert examples, "no example"
    for example in examples:
        gaps = OPERATIONS[key].prepare(house, example.body)
        if "if-match" in operation.parameters_in("header"):
            check_read(operation, house, send(house.url, operation, example, gaps, **{"If-Match": '"987654"'}), gaps)
        answer = send(house.url, operation, example, gaps)
        assert answer.status_code in operation.success, f"{example.name}: {answer.status_code} {answer.text[:600]}"
        check(operation, answer, example.name)
        check_read(operation, house, answer, gaps)


def check_read(operation: Operation, house: House, answer: requests.Response, gaps: Gaps) -> None:
    """Check that an answer or a refusal that shows a customer to staff is recorded as a read of theirs."""
    if operation.path.startswith("/v1/knowledge"):
        return  # its texts are ours
    if operation.path.endswith("/draft"):
        return  # and these are the writer's own
    kind = answer.headers["Content-Type"].partition(";")[0]
    if kind.endswith("json") and house.is_staff(gaps.who) and shows_customer(answer.json()):
        assert house.has_read(answer.headers["X-Trace-Id"]), (
            f"{answer.status_code} is not recorded: {answer.text[:300]}"
        )


def send(url: str, operation: Operation, example: Example, gaps: Gaps, **headers: str) -> requests.Response:
    """Send the example with its gaps filled. A stream is not read."""
    headers |= {"Authorization": f"Bearer {gaps.who._token}"} if gaps.who._token else {}
    raw = b""
    if example is not NOTHING:
        body = filled(example.body, gaps.values)
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
        headers |= {"Content-Type": example.media_type, **(gaps.headers(raw) if gaps.headers else {})}
    with requests.request(
        operation.method, url + path_to(operation, gaps.thing), params=query(operation, gaps), data=raw,
        headers=headers, timeout=30, stream=True,
    ) as answer:  # fmt: skip
        if not answer.headers["Content-Type"].startswith("text/event-stream"):
            _ = answer.content
        return answer


def query(operation: Operation, gaps: Gaps) -> dict[str, Any]:
    """Return the examples of the parameters in the query. One without an example is not sent, nor is a cursor."""
    shown = {name: example_of(operation.document, each) for name, each in operation.parameters_in("query").items()}
    sent = {name: value for name, value in shown.items() if value is not None and name != "cursor"}
    found: dict[str, Any] = filled(sent, gaps.values)
    return found


def check(operation: Operation, answer: requests.Response, where: str) -> None:
    """Check that the answer fits its documented schema, and that its ETag is documented."""
    response = operation.responses[str(answer.status_code)]
    media_type = answer.headers["Content-Type"].partition(";")[0]
    assert media_type in response.get("content", {}), f"{where}: {media_type} is not documented"
    if media_type == "application/json":
        schema = response["content"][media_type]["schema"]
        faults = operation.document.faults(schema, answer.json())
        assert not faults, "\n".join([where, *faults])
        unknown = sorted({*operation.document.unknown_fields(schema, answer.json())})
        assert not unknown, f"{where}: fields that are not documented: {', '.join(unknown)}"
    sent, documented = "ETag" in answer.headers, "etag" in operation.headers(answer.status_code)
    assert sent == documented, f"{where}: an ETag is {'sent' if sent else 'documented'} only"


def path_to(operation: Operation, thing: str) -> str:
    """Return the path with the thing in the place of its parameter. Blanks separate the names of several."""
    things = cycle(thing.split(" "))
    return STEP.sub(lambda _: next(things), operation.path)
