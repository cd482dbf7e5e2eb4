"""Refuse each operation in every way that it has: the document must know each refusal with status, code and headers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
import requests

from deploy.demo.client import Client
from services.support.api.uploads import MOST_BYTES
from tests.openapi.document import Document, Operation, example_of
from tests.openapi.house import House
from tests.openapi.operations import OPERATIONS
from tests.openapi.test_examples import NOTHING, path_to, send

TOO_LONG = b" " * (1024 * 1024 + 1)
STAFF = ("agent", "reviewer", "warehouse", "aftersales", "lead")
WORDS = ("name", "description", "message", "reason", "note")
MANY = 207
TOLD = ("X-Trace-Id", "Retry-After")
OTHER = {"away": "active", "active": "away"}
NEVER = '"999999"'  # a version that nothing has
NOBODY = {"sku": "NO-SUCH-THING", "carrier": "nobody", "provider": "nobody", "country": "XX", "slug": "no-such-article"}
"""Names of what does not exist, by parameter; the examples of the others are unused numbers."""
NAMES = [known.name for known in OPERATIONS.values()]


class Wrong(NamedTuple):
    """A request that must be refused with this status."""

    what: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    query: str = ""


@pytest.mark.parametrize("key", OPERATIONS, ids=NAMES)
def test_refusals_of_a_malformed_request_are_documented(document: Document, house: House, key: str) -> None:
    operation = document.operations[key]
    url = house.url + path_to(operation, nobodys(operation))
    found = []
    for wrong in malformed(operation, house):
        answer = requests.request(
            operation.method, url, params=wrong.query, data=wrong.body, headers=wrong.headers, timeout=30
        )
        found += faults(operation, answer, wrong.what, wrong.status)

    assert not found, "\n".join(found)


@pytest.mark.parametrize("key", OPERATIONS, ids=NAMES)
def test_refusals_of_a_good_request_are_documented(document: Document, house: House, key: str) -> None:
    """Of a role that may not, about a thing that is not there, of a version that has moved, with a key used before."""
    operation = document.operations[key]
    example = next(iter(operation.examples()), None) if operation.bodies else NOTHING
    if example is None:
        pytest.skip("no example")
    gaps = OPERATIONS[key].prepare(house, example.body)
    heeded = operation.parameters_in("header").keys()
    found = []

    def attempt(what: str, *statuses: int, **other: Any) -> None:
        headers = other.pop("headers", {})
        sent = example._replace(body=other.pop("body", example.body)) if operation.bodies else example
        answer = send(house.url, operation, sent, gaps._replace(**other), **headers)
        found.extend(faults(operation, answer, what, *statuses))

    if stranger := outsider(operation):
        attempt(f"as {stranger}", 403, 404, who=house.staff(stranger))
    if nobodys(operation) and OPERATIONS[key].tells:
        attempt("nobody's", 404, thing=nobodys(operation))
    if operation.method == "GET":
        assert not found, "\n".join(found)
        return
    if "if-match" in heeded:
        attempt("an old version", 412, headers={"If-Match": NEVER})
    used = {"Idempotency-Key": str(uuid.uuid4())} if "idempotency-key" in heeded else {}
    unseen = {} if "if-match" in heeded else {"If-Match": NEVER}  # heeded, but not documented: it would be refused
    attempt("the example", *operation.success, headers={**used, **unseen})
    again = 401 if OPERATIONS[key].ends else 409
    if used and not gaps.who._token:
        used = {}  # guests share no keys: what they ask for tells them apart
    if operation.success == {MANY}:
        used = {}  # each of the things has a key of its own, and its own refusal in the answer
    if used and nobodys(operation):
        attempt("the key again", again, thing=nobodys(operation), headers=used)
    elif used and example.body and set(example.body) != {"email"}:  # a guest with another address is another customer
        attempt("the key again", again, body=altered(example.body), headers=used)

    assert not found, "\n".join(found)


def malformed(operation: Operation, house: House) -> Iterator[Wrong]:
    """Yield the requests that are wrong whatever they are about."""
    token = bearer(house.staff("admin")) if operation.needs_token else {}
    as_json = {**token, "Content-Type": "application/json"}
    if "/webhooks/" in operation.path:
        yield Wrong("a long body", 413, as_json, TOO_LONG)
        return
    yield Wrong("a forged token", 401, {"Authorization": "Bearer acc_forged"})
    if operation.needs_token:
        yield Wrong("no token", 401, {})
    if operation.path == "/v1/uploads":
        yield Wrong("a long body", 413, {}, b" " * (MOST_BYTES + 1))
        yield Wrong("no form", 403, {}, b"Words.")
        yield Wrong("nothing", 422, {})
        return
    if operation.parameters_in("query"):
        yield Wrong("an unknown filter", 422, token, query="no_such_filter=1")
    if operation.bodies:
        yield Wrong("a long body", 413, as_json, TOO_LONG)
        yield Wrong("a picture", 415, {**token, "Content-Type": "image/png"}, b"\x89PNG")
    if "text/csv" in operation.bodies:
        yield Wrong("no text", 400, {**token, "Content-Type": "text/csv"}, b"\xff")
    if "application/json" in operation.bodies:
        yield Wrong("half a body", 400, as_json, b'{"')
        yield Wrong("a name twice", 400, as_json, b'{"a": 1, "a": 1}')
        yield Wrong("an unknown field", 422, as_json, b'{"no_such_field": 1}')
    if "idempotency-key" in operation.parameters_in("header"):
        yield Wrong("a long key", 422, {**as_json, "Idempotency-Key": "k" * 256}, b"{}")


def faults(operation: Operation, answer: requests.Response, what: str, *statuses: int) -> list[str]:
    """Return what is wrong with an answer: another status, or a status, code or header that is not documented."""
    status = answer.status_code
    if status not in statuses:
        return [f"{what}: {status} instead of {statuses}: {answer.text[:200]}"]
    if status in operation.success:
        return []
    code = answer.json()["code"]
    found = [] if code in operation.codes(status) else [f"{what}: {status} {code} is not documented"]
    sent = [name for name in TOLD if name in answer.headers]
    return found + [f"{what}: {name} of {status}" for name in sent if name.lower() not in operation.headers(status)]


def nobodys(operation: Operation) -> str:
    """Return a well-formed name or number that does not exist. The documented example of a number is one."""
    named = operation.parameters_in("path").items()
    return " ".join(NOBODY.get(name) or str(example_of(operation.document, parameter)) for name, parameter in named)


def outsider(operation: Operation) -> str | None:
    """Return a role of the staff that may not do it, or None if all may try."""
    roles = operation.content.get("x-roles", [])
    return next((role for role in STAFF if role not in roles), None) if operation.needs_token else None


class NothingToAlter(AssertionError):
    pass


def altered(body: Any) -> Any:
    """Return the same request with other words in it."""
    if isinstance(body, str):
        return body + "\n"
    for name, inner in body.items():
        if name in WORDS and isinstance(inner, str):
            return {**body, name: f"x{inner}"}
        if name == "amount" and isinstance(inner, str):
            return {**body, name: f"1{inner}"}
        if name == "status" and inner in OTHER:
            return {**body, name: OTHER[inner]}
        if isinstance(inner, bool):
            return {**body, name: not inner}
        if isinstance(inner, Mapping):
            return {**body, name: altered(inner)}
        if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
            with suppress(NothingToAlter):
                return {**body, name: [altered(inner[0]), *inner[1:]]}
    raise NothingToAlter(f"no words to alter in {body}")


def bearer(who: Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {who._token}"} if who._token else {}
