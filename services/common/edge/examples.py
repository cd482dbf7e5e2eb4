"""An example of a request, made from its declaration: what must be there, and what has an example of its own."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from services.common.basics import ids, shapes
from services.common.basics.money import Money


def example_of(kind: Any) -> dict[str, object]:
    """Return a body with every required field, and the optional texts that have an example of their own.

    Where the fields depend on one another, the request gives its own: `examples: ClassVar[Mapping[str, object]]`.
    """
    hints = get_type_hints(kind, include_extras=True)
    shown = [
        each
        for each in fields(kind)
        if (each.default is MISSING and each.default_factory is MISSING)
        or (each.default == "" and _has_example(hints[each.name]))
    ]
    return {each.name: _value(hints[each.name], each.name) for each in shown}


def _has_example(hint: Any) -> bool:
    return get_origin(hint) is Annotated and any(isinstance(each, shapes.Example) for each in get_args(hint))


def _value(hint: Any, name: str) -> object:
    markers: tuple[object, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *found = get_args(hint)
        markers = tuple(found)
    for marker in reversed(markers):  # the field's own before that of its kind
        if isinstance(marker, shapes.Example):
            return marker.value
        if isinstance(marker, shapes.Number):
            return ids.number(marker.prefix, 0)
        if isinstance(marker, shapes.Between):
            return max(marker.min, min(1, marker.max))
    if get_origin(hint) in (Union, types.UnionType):
        return _value(next(each for each in get_args(hint) if each is not type(None)), name)
    if get_origin(hint) in (tuple, list):
        return [_value(get_args(hint)[0], name)]
    if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Mapping):
        return {}
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if hint is Money:
        return {"amount": "12.50", "currency": "USD"}
    if is_dataclass(hint):
        return example_of(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint)).value
    return {str: f"a {name.replace('_', ' ')}", int: 1, bool: True}.get(hint, "2026-03-02T09:30:00Z")
