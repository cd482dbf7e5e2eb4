"""The rules between the fields of a request (`basics.rules`) for the API document: in words, and as JSON Schema.

in_words(AnswerChange)      → "With `decision` accept: `option` is needed."
json_schema(AnswerChange)   → [{"if": …, "then": …}], for checks of our own: linters refuse examples beside them
"""

from __future__ import annotations

import types
from dataclasses import Field, fields, is_dataclass
from enum import Enum
from typing import Annotated, Union, get_args, get_origin, get_type_hints

from services.common.basics import shapes
from services.common.basics.rules import Either, NotBoth, Rule, Ruled, Some, When, names_if_optional
from services.common.basics.untyped import JsonDict


def in_words(kind: object) -> str:
    """Return a sentence for each rule of a request; nothing for a request without rules."""
    rules = kind.rules if isinstance(kind, type) and issubclass(kind, Ruled) else ()
    return " ".join(_sentence(rule) for rule in rules)


def _sentence(rule: Rule) -> str:
    match rule:
        case When():
            values = ", ".join(str(each.value if isinstance(each, Enum) else each) for each in rule.values)
            needs = f"{_listed(rule.needs)} needed" if rule.needs else ""
            forbids = f"{_listed(rule.forbids)} left out" if rule.forbids else ""
            return f"With `{rule.field}` {values}: {', '.join(each for each in (needs, forbids) if each)}."
        case Some():
            return f"At least one of {_listed(rule.names)}."
        case NotBoth():
            return f"Not both of {_listed(rule.names)}."
        case Either():
            return f"Either {_listed(rule.groups[0])}, or {_listed(rule.groups[1])}."
    raise TypeError(f"no words for {rule!r}")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def json_schema(kind: object) -> list[JsonDict]:
    """Return one schema for each rule of a request; none for a request without rules."""
    if not (isinstance(kind, type) and issubclass(kind, Ruled)):
        return []
    hints = get_type_hints(kind, include_extras=True)
    given = {each.name: _given(each, hints[each.name]) for each in fields(kind)}  # type: ignore[arg-type]
    found = [_schema(rule, given) for rule in kind.rules]
    return [*found, {"description": "Rules between the fields."}] if len(found) == 1 else found


def _schema(rule: Rule, given: dict[str, JsonDict]) -> JsonDict:
    match rule:
        case When():
            values = [each.value if isinstance(each, Enum) else each for each in rule.values]
            so = {"properties": {rule.field: {"enum": values}}, "required": [rule.field]}
            forbidden = [{"not": given[name]} for name in rule.forbids]
            return {"if": so, "then": _of("allOf", [*(given[name] for name in rule.needs), *forbidden])}
        case Some():
            return _of("anyOf", [given[name] for name in rule.names])
        case NotBoth():
            return {"not": {"allOf": [given[name] for name in rule.names]}}
        case Either():
            first, second = ([given[name] for name in group] for group in rule.groups)
            if not rule.whole:
                return {"oneOf": [_of("anyOf", first), _of("anyOf", second)]}
            none_of = ({"not": _of("anyOf", group)} for group in (second, first))
            return {"oneOf": [{"allOf": [*group, none]} for group, none in zip((first, second), none_of, strict=True)]}
    raise TypeError(f"no schema for {rule!r}")


def _given(declared: Field[object], hint: object) -> JsonDict:
    """Return the schema of a document in which that field is given (`basics.rules.is_given`)."""
    kind, markers = _unwrapped(hint)
    if type(None) in _members(hint):
        markers += (shapes.Nullable(),)
    content = _content(declared.name, kind, markers) or {"properties": {declared.name: {}}}
    return {"required": [declared.name], **content}


def _of(word: str, schemas: list[JsonDict]) -> JsonDict:
    """Combine schemas; a single one stands for itself."""
    return {word: schemas} if len(schemas) > 1 else schemas[0]


def _content(name: str, kind: object, markers: tuple[object, ...]) -> JsonDict:
    if is_dataclass(kind) and isinstance(kind, type):
        names = names_if_optional(kind)
        inside = {"type": "object", "properties": {each: {} for each in names}, "required": names}
        return {"properties": {name: inside}} if names else {}
    if kind is bool:
        return {"properties": {name: {"const": True}}}
    if get_origin(kind) is tuple:
        return {"properties": {name: {"type": "array", "minItems": 1}}}
    if any(isinstance(each, shapes.Text | shapes.Line) and each.min == 0 for each in markers):
        return {"properties": {name: {"type": "string", "minLength": 1}}}
    if any(isinstance(each, shapes.Nullable) for each in markers):
        return {"properties": {name: {"not": {"type": "null"}}}}
    return {}


def _members(hint: object) -> tuple[object, ...]:
    """Return what a field may hold, by its type."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _unwrapped(hint: object) -> tuple[object, tuple[object, ...]]:
    markers: tuple[object, ...] = ()
    while get_origin(hint) in (Annotated, Union, types.UnionType):
        inner, *more = [each for each in get_args(hint) if each is not type(None)]
        markers += tuple(more) if get_origin(hint) is Annotated else ()
        hint = inner
    return hint, markers
