"""Rules between fields: what is declared of a request is what validates it, and stands in the API document."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from itertools import product
from typing import Any, Literal, get_args, get_origin, get_type_hints

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.app import create_app
from gateway.settings import GatewaySettings
from services.common.basics.errors import Invalid
from services.common.basics.ids import number as _number
from services.common.basics.rules import Ruled, When
from services.common.basics.shapes import Number
from services.common.edge.examples import example_of
from services.common.edge.rules import _unwrapped, in_words, json_schema
from services.common.edge.schemas import load

pytestmark = pytest.mark.pure
Checkers = Callable[[str], Any]


GOOD = {
    "evidence": ["https://pictures.example/1.jpg"], "slug": "which-dye", "owner": "agent@pledge.example",
    "customers": ["shop.example"], "team": "parcels", "valid_from": "2026-03-02",
    "assignee": "agent@pledge.example",
}  # fmt: skip
"""A good value of fields that take no word of any kind."""


def ruled(kind: type[Ruled] = Ruled) -> list[type[Ruled]]:
    return [found for each in kind.__subclasses__() for found in (each, *ruled(each))]


@pytest.fixture(scope="module")
def document() -> Any:
    text = create_app(GatewaySettings.load({})).test_client().get("/v1/openapi.json").get_data(as_text=True)
    found: Any = json.loads(text, object_hook=_without_pattern)
    for kind in ruled():
        schema = found["components"]["schemas"].get(kind.__name__)
        if schema:
            assert in_words(kind) in schema["description"]
            schema["allOf"] = json_schema(kind)
    return found


@pytest.fixture(scope="module")
def checkers(document: Any) -> Checkers:
    """Keep a checker for each kind: to compile the document again for each body takes longer than all else."""

    @cache
    def checker(name: str) -> Any:
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        return jsonschema_rs.validator_for(schema)

    return checker


def _without_pattern(node: dict[str, Any]) -> dict[str, Any]:
    """Leave patterns out: the checker's regular expressions know no surrogates; Ajv's in `tests/openapi` do."""
    return {key: value for key, value in node.items() if key != "pattern"}


def choices(kind: Any) -> dict[str, list[Any]]:
    """Return each field's possible values: left out, empty where that is allowed, or any of some good values."""
    found: dict[str, list[Any]] = {}
    shown: dict[str, Any] = {**example_of(kind)}
    for example in (getattr(kind, "examples", None) or {}).values():
        shown |= example
    for each in fields(kind):
        plain, markers = _unwrapped(get_type_hints(kind, include_extras=True)[each.name])
        values = [shown[each.name]] if each.name in shown else _values(each.name, plain)
        if isinstance(plain, type) and issubclass(plain, Enum):
            hidden = {value for marker in markers for value in getattr(marker, "values", ())}
            values = [value.value for value in plain if value not in hidden]
        if get_origin(plain) is Literal:
            values = list(get_args(plain))
        if any(getattr(marker, "min", 1) == 0 for marker in markers):
            values += [[]] if get_origin(plain) is tuple else [""] if plain is str else []
        if any(isinstance(marker, Number) for marker in markers):
            values = [_number(marker.prefix, 0) for marker in markers if isinstance(marker, Number)]
        found[each.name] = values
    return found


def _values(name: str, plain: Any) -> list[Any]:
    if name in GOOD:
        return [GOOD[name]]
    if get_origin(plain) is list:
        item: Any = _unwrapped(get_args(plain)[0])[0]
        return [[next(iter(item)).value if issubclass(item, Enum) else "broken"]]
    if name in ("units", "lines"):
        (item, _) = get_args(plain)
        whole = {key: values[0] for key, values in choices(item).items() if key not in ("line_id", "unit")}
        return [[whole]]
    good = {int: 1, bool: True, str: "MUG-1"}
    return [good[plain]] if plain in good else [example_of(plain)] if is_dataclass(plain) else []


def agree(checkers: Checkers, kind: type[Ruled], body: dict[str, Any]) -> bool:
    """Check that the document and the validation agree about the body. Return whether it is valid."""
    fits: bool = checkers(kind.__name__).is_valid(body)
    try:
        load(kind, body)
        taken = True
    except Invalid:
        taken = False
    assert fits == taken, body
    return fits


@pytest.mark.parametrize("kind", ruled(), ids=lambda kind: kind.__name__)
def test_the_document_and_the_validation_say_the_same(document: Any, checkers: Checkers, kind: type[Ruled]) -> None:
    if kind.__name__ not in document["components"]["schemas"]:
        pytest.skip("a base of others")
    known, said = choices(kind), set[bool]()
    required = [name for name in known if name in document["components"]["schemas"][kind.__name__].get("required", ())]
    concerned = [name for name in known if name not in required and name not in ("version", "reason", "name")]

    @settings(deadline=None, max_examples=120)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        chosen = data.draw(st.sets(st.sampled_from(concerned))) if concerned else set[str]()
        body = {name: data.draw(st.sampled_from(known[name])) for name in (*required, *sorted(chosen))}
        said.add(agree(checkers, kind, body))

    holds()
    assert said == {True, False}, "every rule is kept by some requests and broken by others"


def test_each_rule_is_refused_for_each_value_it_names(checkers: Checkers) -> None:
    """For each value that makes a field necessary, the examples without that field do not fit the document."""
    tried = 0
    for kind in ruled():
        for rule, example in product(kind.rules, (getattr(kind, "examples", None) or {}).values()):
            if isinstance(rule, When) and example.get(rule.field) in rule.values:
                for name in rule.needs:
                    assert agree(checkers, kind, example)
                    assert not agree(checkers, kind, {key: example[key] for key in example if key != name})
                    tried += 1
    assert tried >= 9
