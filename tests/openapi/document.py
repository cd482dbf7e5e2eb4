"""Read an OpenAPI document: its operations, and what it says about each of them.

document = Document(requests.get(f"{url}/v1/openapi.json").json())
operation = document.operations["POST /v1/orders/{}/payments"]     # the names of path parameters are left out
operation.examples()                                               # the bodies that can be sent, as documented
operation.codes(409)                                               # the problem codes that it names for a status
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jsonschema_rs
import requests

METHODS = ("get", "put", "post", "patch", "delete")
DRAFT = "https://json-schema.org/draft/2020-12/schema"
PROBLEM = "application/problem+json"
STEP = re.compile(r"\{[^}]*\}")
Json = Mapping[str, Any]


class Example(NamedTuple):
    """A documented body: the name of the example, its media type, the body itself."""

    name: str
    media_type: str
    body: Any


class Document:
    """The document and its operations, by method and path."""

    def __init__(self, content: dict[str, Any]):
        self.content = content
        self.operations = {
            f"{method.upper()} {STEP.sub('{}', path)}": Operation(self, method.upper(), path, found[method], found)
            for path, found in content["paths"].items()
            for method in METHODS
            if method in found
        }

    def asked(self, method: str, path: str) -> Operation | None:
        """Return the operation that a request is for, by its path without a query. A name goes before a value."""
        steps = path.split("/")
        fitting = [each for each in self.operations.values() if each.method == method and each.fits(steps)]
        return min(fitting, key=lambda each: each.path.count("{"), default=None)

    def resolve(self, node: Any) -> Any:
        """Follow references until something else is there. None stays None."""
        while isinstance(node, Mapping) and "$ref" in node:
            steps = [step.replace("~1", "/").replace("~0", "~") for step in node["$ref"].removeprefix("#/").split("/")]
            node = self.content
            for step in steps:
                node = node[step]
        return node

    def faults(self, schema: Json, value: Any) -> list[str]:
        """Say where the value does not fit the schema."""
        whole = {"$schema": DRAFT, "components": self.content.get("components", {}), **schema}
        try:
            validator = jsonschema_rs.validator_for(whole, validate_formats=True)
        except jsonschema_rs.ValidationError as fault:
            return [f"the schema itself: {fault.message[:300]}"]
        return [
            f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}"
            for error in validator.iter_errors(value)
        ]

    def unknown_fields(self, schema: Json, value: Any, place: str = "") -> Iterator[str]:
        """Yield the places of fields that the schema does not name. Objects without any named field are let be."""
        parts = self._parts(schema)
        if isinstance(value, list):
            items = {"allOf": [part["items"] for part in parts if "items" in part]}
            for inner in value:
                yield from self.unknown_fields(items, inner, f"{place}[]")
        elif isinstance(value, Mapping):
            named = [part["properties"] for part in parts if part.get("properties")]
            others = [
                part["additionalProperties"] for part in parts if isinstance(part.get("additionalProperties"), dict)
            ]
            for name, inner in value.items():
                known = [properties[name] for properties in named if name in properties] or [
                    each for each in others if each
                ]
                if known:
                    yield from self.unknown_fields({"allOf": known}, inner, f"{place}.{name}")
                elif named:
                    yield f"{place}.{name}"

    def _parts(self, schema: Json) -> list[Json]:
        """Return the schema and all that it is composed of."""
        schema = self.resolve(schema)
        inner = [part for kind in ("allOf", "oneOf", "anyOf") for part in schema.get(kind, [])]
        return [schema, *(each for part in inner for each in self._parts(part))]

    def walk(self) -> Iterator[tuple[str, Json]]:
        """Yield each object of the document with its place in it."""
        yield from _walk("#", self.content)


@dataclass(frozen=True)
class Operation:
    """One operation. Parameters of its path count as its own."""

    document: Document
    method: str
    path: str
    content: Json
    shared: Json

    def fits(self, steps: list[str]) -> bool:
        """Return whether a path, in its steps, is one of this operation."""
        own = self.path.split("/")
        pairs = zip(own, steps, strict=False)
        return len(own) == len(steps) and all(STEP.fullmatch(one) or one == other for one, other in pairs)

    def undocumented(self, answer: requests.Response) -> str:
        """Say which status or code of an answer the document does not know; "" if it knows them."""
        status = answer.status_code
        if str(status) not in self.responses and "default" not in self.responses:
            return f"{status} is not documented"
        if status < 400 or "json" not in answer.headers.get("Content-Type", ""):
            return ""
        code = answer.json().get("code")
        if not code:
            return f"{status} without a code"
        return "" if code in self.codes(status) else f"{status} {code} is not documented"

    @property
    def parameters(self) -> list[Json]:
        both = [*self.shared.get("parameters", []), *self.content.get("parameters", [])]
        return [self.document.resolve(parameter) for parameter in both]

    def parameters_in(self, place: str) -> dict[str, Json]:
        """Return the parameters of one place (path, query, header), by name; names of headers in lower case."""
        named = {parameter["name"]: parameter for parameter in self.parameters if parameter["in"] == place}
        return {name.lower(): each for name, each in named.items()} if place == "header" else named

    @property
    def needs_token(self) -> bool:
        """True if no one may ask without a token."""
        security = self.content.get("security", self.document.content.get("security", []))
        return bool(security) and {} not in security

    @property
    def bodies(self) -> dict[str, Json]:
        """The media types of the request, each with its schema and examples."""
        found: dict[str, Json] = (self.document.resolve(self.content.get("requestBody")) or {}).get("content", {})
        return found

    def body_properties(self) -> Json:
        """Return the properties that a JSON body may have, at its top."""
        schema = self.document.resolve(self.bodies.get("application/json", {}).get("schema")) or {}
        parts = [schema, *map(self.document.resolve, [*schema.get("allOf", []), *schema.get("oneOf", [])])]
        return {name: each for part in parts for name, each in part.get("properties", {}).items()}

    def examples(self) -> list[Example]:
        """Return the documented bodies: those of the media type, else the one of its schema."""
        found = []
        for media_type, media in self.bodies.items():
            named = {name: self.document.resolve(each).get("value") for name, each in media.get("examples", {}).items()}
            if "example" in media:
                named = {"example": media["example"], **named}
            if not named:
                named = _own_examples(self.document.resolve(media.get("schema")) or {})
            found += [Example(name, media_type, body) for name, body in named.items()]
        return found

    @property
    def responses(self) -> dict[str, Json]:
        """The responses by status ("201", "default")."""
        found = self.content.get("responses", {})
        return {str(status): self.document.resolve(response) for status, response in found.items()}

    @property
    def success(self) -> set[int]:
        """The statuses that say that all is well."""
        return {int(status) for status in self.responses if status.startswith("2")}

    def refusals(self) -> dict[str, Json]:
        """Return the responses that are problem documents, by status, without the default one."""
        return {
            status: response
            for status, response in self.responses.items()
            if status != "default" and PROBLEM in response.get("content", {})
        }

    def codes(self, status: int | str) -> set[str]:
        """Return the problem codes that are named for a status, by its schema or by its examples."""
        media = self.responses.get(str(status), {}).get("content", {}).get(PROBLEM, {})
        values = [self.document.resolve(example).get("value", {}) for example in media.get("examples", {}).values()]
        if "example" in media:
            values.append(media["example"])
        return {value["code"] for value in values if "code" in value} | self._codes_of(media.get("schema"))

    def headers(self, status: int | str) -> set[str]:
        """Return the headers that are documented for a status, in lower case."""
        response = self.responses.get(str(status)) or self.responses.get("default") or {}
        return {name.lower() for name in response.get("headers", {})}

    def _codes_of(self, schema: Any) -> set[str]:
        schema = self.document.resolve(schema) or {}
        code = self.document.resolve(schema.get("properties", {}).get("code")) or {}
        named = {*code.get("enum", []), *([code["const"]] if "const" in code else [])}
        parts = [part for kind in ("allOf", "oneOf", "anyOf") for part in schema.get(kind, [])]
        return named.union(*map(self._codes_of, parts))


def example_of(document: Document, parameter: Json) -> Any:
    """Return the documented example of a parameter, or None if it has none."""
    if "example" in parameter:
        return parameter["example"]
    for example in parameter.get("examples", {}).values():
        return document.resolve(example).get("value")
    return next(iter(_own_examples(document.resolve(parameter.get("schema")) or {}).values()), None)


def _own_examples(schema: Json) -> dict[str, Any]:
    """Return the examples that a schema carries itself."""
    if "example" in schema:
        return {"example": schema["example"]}
    return {f"example {place}": value for place, value in enumerate(schema.get("examples", []), 1)}


def _walk(place: str, node: Any) -> Iterator[tuple[str, Json]]:
    if isinstance(node, Mapping):
        yield place, node
        for name, inner in node.items():
            if name not in ("example", "examples", "default"):
                yield from _walk(f"{place}/{name}", inner)
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from _walk(f"{place}/{number}", inner)
