"""Domain events: facts that an aggregate's method returns and that the journal records.

An event is a frozen dataclass; its `type` is its class name in snake case. `body()` is what travels and what the
journal keeps: plain JSON, made from the fields by `to_json`.

    @dataclass(frozen=True, kw_only=True)
    class ReturnAuthorized(ReturnEvent):      # ReturnEvent(Event): subject_field = "return_number"
        return_number: str
        order_number: str
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar

from services.common.basics.clock import rfc3339
from services.common.basics.money import CURRENCY, Money
from services.common.basics.untyped import JsonDict


@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of all events.

    source:        the service that emits it; empty for events of the kit, which every service may emit
    subject_field: the field whose value names the chain in the journal (an order, shipment, return, ticket number)
    audience:      "public" entries are shown to the customer on the order's timeline, "internal" ones to staff only
    followed:      whether any service follows this type; a type without followers is published without `mandatory`
    """

    type: ClassVar[str] = "event"
    source: ClassVar[str] = ""
    version: ClassVar[int] = 1
    subject_field: ClassVar[str] = "order_number"
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.type = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @property
    def subject(self) -> str:
        return str(getattr(self, self.subject_field))

    @property
    def order(self) -> str | None:
        """The order this belongs to, for the order's timeline over all services."""
        number: str | None = getattr(self, "order_number", None)
        return number

    def body(self) -> JsonDict:
        return {field.name: to_json(getattr(self, field.name)) for field in fields(self)}


def to_json(value: object) -> Any:
    """Convert a domain value to plain JSON: money as {amount, currency}, times as RFC 3339 UTC, enums by value."""
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Money():
            return {"amount": str(value), "currency": CURRENCY}
        case Enum():
            return value.value
        case datetime():
            return rfc3339(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): to_json(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"no JSON form for {type(value).__name__}")
