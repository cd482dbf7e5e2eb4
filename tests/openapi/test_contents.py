"""What the document says: names, servers, headers, and how each operation is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import requests

from tests.openapi.document import Document, Operation, example_of
from tests.openapi.operations import OPERATIONS

CODE_IN_WORDS = re.compile(r"\b([45]\d\d) `([a-z_]+)`")
SOON = {"429", "503"}
OPEN = (
    "/TimelineStep/properties/body",
    "/TimelineEntry/properties/body",
    "/PersonalData/properties/data",
    "/ServiceLetter/properties/message",
)  # fmt: skip  (each kind of entry, and each service, has its own)


def test_every_operation_is_in_the_list_of_these_tests(document: Document) -> None:
    assert document.operations.keys() == OPERATIONS.keys()


def test_every_operation_has_the_name_of_its_command(document: Document) -> None:
    named = {key: operation.content.get("operationId", "") for key, operation in document.operations.items()}

    wrong = {key: name for key, name in named.items() if key in OPERATIONS and snake(name) != OPERATIONS[key].name}
    assert not wrong, lines(wrong)
    assert len({*named.values()}) == len(named)
    assert len({"_" in name for name in named.values() if snake(name) != name or "_" in name}) == 1, "one spelling"


def test_the_document_names_the_server_that_serves_it(document: Document, platform: str) -> None:
    servers = [server["url"] for server in document.content.get("servers", [])]

    assert servers
    first = urljoin(f"{platform}/v1/openapi.json", servers[0]).rstrip("/")
    assert requests.get(f"{first}/v1/health", timeout=10).ok


def test_the_document_names_the_license(document: Document) -> None:
    license_of_it = document.content["info"].get("license", {})

    assert license_of_it.get("name")
    assert license_of_it.get("identifier") or license_of_it.get("url")


def test_no_idempotency_key_is_suggested(document: Document) -> None:
    """A key that stands in the document is sent by all who try it, and answers with another customer's order."""
    suggested = []
    for key, operation in document.operations.items():
        parameter = operation.parameters_in("header").get("idempotency-key", {})
        schema = document.resolve(parameter.get("schema")) or {}
        if {"example", "examples"} & parameter.keys() or {"example", "examples", "default", "const"} & schema.keys():
            suggested.append(key)

    assert not suggested, "\n".join(suggested)


def test_every_parameter_in_a_path_has_an_example(document: Document) -> None:
    bare = [
        f"{key}: {name}"
        for key, operation in document.operations.items()
        for name, parameter in operation.parameters_in("path").items()
        if example_of(document, parameter) is None
    ]

    assert not bare, "\n".join(bare)


def test_every_object_says_what_it_holds(document: Document) -> None:
    """By its properties, or as a map from names to one kind of value."""
    silent = [
        place
        for place, node in document.walk()
        if "object" in _types(node)
        and not {"properties", "allOf", "oneOf", "anyOf"} & node.keys()
        and node.get("additionalProperties", True) in (True, {})
        and not place.endswith(OPEN)
    ]

    assert not silent, "\n".join(silent)


# refusals


def expected_refusals(key: str, operation: Operation) -> set[str]:
    """Return the statuses of refusals that an operation of this shape can answer with."""
    header, query = operation.parameters_in("header"), operation.parameters_in("query")
    expected = {"503"} | ({"429"} if operation.method != "GET" else set())
    expected |= {"404"} if operation.parameters_in("path") and OPERATIONS[key].tells else set()
    if "/webhooks/" in key:
        return expected | {"403", "413", "422"}
    expected |= {"401"}
    expected |= {"403"} if operation.needs_token else set()
    expected |= {"422"} if query else set()
    expected |= {"413", "415", "422"} if operation.bodies else set()
    expected |= {"400"} if {"application/json", "text/csv"} & {*operation.bodies} else set()
    expected |= {"409"} if "idempotency-key" in header else set()
    expected |= {"412"} if "if-match" in header else set()
    return expected


def test_every_operation_names_the_refusals_of_its_shape(document: Document) -> None:
    missing = {
        key: ", ".join(sorted(expected_refusals(key, operation) - operation.responses.keys()))
        for key, operation in document.operations.items()
    }

    assert not any(missing.values()), lines({key: statuses for key, statuses in missing.items() if statuses})


def test_every_documented_refusal_names_its_codes(document: Document) -> None:
    nameless = [
        f"{key}: {status}"
        for key, operation in document.operations.items()
        for status in operation.refusals()
        if not operation.codes(status)
    ]

    assert not nameless, "\n".join(nameless)


def test_a_code_in_the_words_is_a_code_of_a_response(document: Document) -> None:
    """What the description says ("409 `out_of_stock`"), the responses say too."""
    missing = [
        f"{key}: {status} {code}"
        for key, operation in document.operations.items()
        for status, code in CODE_IN_WORDS.findall(" ".join(operation.content.get("description", "").split()))
        if code not in operation.codes(status)
    ]

    assert not missing, "\n".join(missing)


# headers


def test_every_response_has_the_trace_id(document: Document) -> None:
    without = [
        f"{key}: {status}"
        for key, operation in document.operations.items()
        for status in operation.responses
        if "x-trace-id" not in operation.headers(status)
    ]

    assert not without, "\n".join(without)


def test_who_is_to_come_back_is_told_when(document: Document) -> None:
    without = [
        f"{key}: {status}"
        for key, operation in document.operations.items()
        for status in operation.refusals().keys() & SOON
        if "retry-after" not in operation.headers(status)
    ]

    assert not without, "\n".join(without)


def test_if_match_stands_where_a_version_counts(document: Document) -> None:
    """It does where the body may say the version as well."""
    wrong = [
        key
        for key, operation in document.operations.items()
        if ("if-match" in operation.parameters_in("header")) != ("version" in operation.body_properties())
    ]

    assert not wrong, "\n".join(wrong)


def test_an_answer_with_a_version_has_an_etag(document: Document) -> None:
    wrong = []
    for key, operation in document.operations.items():
        for status in operation.success:
            content = operation.responses[str(status)].get("content", {}).get("application/json", {})
            versioned = "version" in _properties(document, content.get("schema"))
            if versioned != ("etag" in operation.headers(status)):
                wrong.append(f"{key}: {status}")

    assert not wrong, "\n".join(wrong)


def _types(node: Mapping[str, Any]) -> list[Any]:
    found = node.get("type")
    return found if isinstance(found, list) else [found]


def _properties(document: Document, schema: object) -> set[str]:
    found = document.resolve(schema) or {}
    return {*found.get("properties", {})}.union(*(_properties(document, part) for part in found.get("allOf", [])))


def lines(found: Mapping[str, str]) -> str:
    return "\n".join(f"{key}: {what}" for key, what in found.items())


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
