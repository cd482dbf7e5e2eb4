"""What travels between the processes of the platform: typed requests out, typed events in.

    to_wire(PlaceOrder(…))                      # → dict of JSON; what was left out stays left out
    read_event(OrderPlaced, message.body)       # → OrderPlaced, as its emitter declares it

Events are read tolerantly: fields that this release does not know are ignored, and what an older release did not say
yet has the declaration's default. A field that is missing or of another kind raises `Unreadable`; the event is then
kept for a person like any that cannot be handled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import partial
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn

from services.common.basics.clock import parse_rfc3339, rfc3339
from services.common.basics.money import CURRENCY, Money

T = TypeVar("T")


class Unreadable(ValueError):
    """An event is not what its emitter declares."""


def to_wire(value: object) -> object:
    """Convert an argument to JSON: a text stays as it is, a request becomes a dict without what was left out."""
    return _OUT.unstructure(value) if is_dataclass(value) else value


def read_event(kind: type[T], body: Mapping[str, object]) -> T:
    """Build the event that was recorded as `body`. Raises Unreadable."""
    try:
        return _IN.structure(body, kind)
    except Exception as exc:  # whatever a hook or a dataclass raises about a value of the wrong kind
        raise Unreadable(f"{kind.__name__}: {exc!r}") from exc


def _same(kind: type, value: object, _: object) -> object:
    """Return the value if it is of that kind. cattrs would turn None into the text "None"."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
    return value


def _money(value: Any, _: object) -> Money:
    if value["currency"] != CURRENCY:
        raise ValueError("all amounts are in USD")
    return Money.parse(value["amount"])


def _unstructured_money(amount: Money) -> dict[str, str]:
    return {"amount": str(amount), "currency": CURRENCY}


def _converter_in() -> Converter:
    converter = Converter(detailed_validation=False)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, partial(_same, kind))
    converter.register_structure_hook(StrEnum, lambda value, kind: kind(value))  # else the hook of str would take it
    converter.register_structure_hook(Money, _money)
    converter.register_structure_hook(datetime, lambda value, _: parse_rfc3339(value))
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    return converter


def _converter_out() -> Converter:
    converter = Converter(omit_if_default=False)
    converter.register_unstructure_hook(Money, _unstructured_money)
    converter.register_unstructure_hook(datetime, rfc3339)
    converter.register_unstructure_hook(Enum, lambda value: value.value)
    converter.register_unstructure_hook_factory(
        lambda kind: is_dataclass(kind) and kind is not Money,
        lambda kind: make_dict_unstructure_fn(kind, converter, _cattrs_omit_if_default=True),
    )
    return converter


_IN, _OUT = _converter_in(), _converter_out()
