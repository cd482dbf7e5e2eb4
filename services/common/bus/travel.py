"""What travels between the processes of the platform: typed requests out, typed events in.

    write_argument(PlaceOrder(…))                      # → dict of JSON; what was left out stays left out
    read_event(OrderPlaced, message.body)       # → OrderPlaced, as its emitter declares it

Events are read tolerantly, so that followers of an older and of a newer release understand each other:
- fields that this release does not know are ignored,
- what an older release did not say yet has the declaration's default, and so has null where it means "left out",
- a value that an enumeration does not know is kept, as a member beside those that are declared.
A field that is missing or of another kind raises `Unreadable`; the event is then kept for a person like any that cannot
be handled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, TypeVar, get_type_hints

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from services.common.basics.clock import parse_rfc3339, rfc3339
from services.common.basics.money import CURRENCY, Money
from services.common.basics.shapes import Nullable

T = TypeVar("T")


class Unreadable(ValueError):
    """An event is not what its emitter declares."""


def write_argument(value: object) -> object:
    """Convert an argument to JSON: a text stays as it is, a request becomes a dict without what was left out."""
    return _OUT.unstructure(value) if is_dataclass(value) else value


def read_event(kind: type[T], body: Mapping[str, object]) -> T:
    """Build the event that was recorded as `body`. Raises Unreadable."""
    try:
        return _IN.structure(body, kind)
    except Exception as exc:  # whatever a hook or a dataclass raises about a value of the wrong kind
        raise Unreadable(f"{kind.__name__}: {exc!r}") from exc


def _exactly(kind: type[T]) -> Callable[[object, object], T]:
    """Make the hook that refuses values of another kind; cattrs would turn None into the text "None"."""

    def build(value: object, _: object) -> T:
        if type(value) is not kind:
            raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
        return value

    return build


_text = _exactly(str)


def _word(value: object, kind: type[StrEnum]) -> StrEnum:
    """Return the member with that value; for the value of a newer release, one that equals none of the declared."""
    text = _text(value, None)
    try:
        return kind(text)
    except ValueError:
        unknown = str.__new__(kind, text)
        unknown._name_ = unknown._value_ = text
        return unknown


def _forgiving(kind: type, converter: Converter) -> Callable[[Any, Any], Any]:
    """Structure a class of which some fields may be null instead of left out."""
    structure: Callable[[Any, Any], Any] = make_dict_structure_fn(kind, converter, _cattrs_detailed_validation=False)
    names = _nullable(kind)

    def build(body: Mapping[str, object], _: object) -> object:
        if any(name in body and body[name] is None for name in names):
            body = {name: value for name, value in body.items() if value is not None or name not in names}
        return structure(body, kind)

    return build


def _nullable(kind: type) -> frozenset[str]:
    """Return the fields whose null means that they were left out."""
    if not is_dataclass(kind):
        return frozenset()
    hints = get_type_hints(kind, include_extras=True)
    return frozenset(each.name for each in fields(kind) if Nullable() in getattr(hints[each.name], "__metadata__", ()))


def _money(value: Any, _: object) -> Money:
    if value["currency"] != CURRENCY:
        raise ValueError("all amounts are in USD")
    return _amount(value["amount"])


_amount = lru_cache(1024)(Money.parse)
"""The pieces of an order cost the same again and again."""


def _unstructured_money(amount: Money) -> dict[str, str]:
    return {"amount": str(amount), "currency": CURRENCY}


def _converter_in() -> Converter:
    converter = Converter(detailed_validation=False)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook(StrEnum, _word)  # else the hook of str would take it
    converter.register_structure_hook_factory(
        lambda kind: bool(_nullable(kind)), lambda kind: _forgiving(kind, converter)
    )
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
