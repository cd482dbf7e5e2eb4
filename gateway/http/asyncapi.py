"""The AsyncAPI 3 document of the events: who publishes what on RabbitMQ, and what each of them carries.

It follows from the declarations of the events, as the OpenAPI document follows from those of the commands. A channel is
an event type: the exchange `<service>.events`, the type as its routing key. The payload is the envelope of
`services.common.basics.message` with the event's own fields as its body. Personal texts are sealed on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, ClassVar, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import orjson

from services.aftersales.api import events as aftersales
from services.common.basics.events import Event
from services.common.basics.money import Money
from services.common.basics.untyped import JsonDict
from services.common.commitments.events import BreachAttributed, CommitmentAtRisk, CommitmentBreached
from services.logistics.api import events as logistics
from services.orders.api import events as orders
from services.support.api import events as support

SOURCES = {"aftersales": aftersales, "logistics": logistics, "orders": orders, "support": support}
OF_EVERY_SERVICE = (BreachAttributed, CommitmentAtRisk, CommitmentBreached)
TEXT, TIME = {"type": "string"}, {"type": "string", "format": "date-time"}
PLAIN: Mapping[object, JsonDict] = {
    str: TEXT,
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: TIME,
    date: {"type": "string", "format": "date"},
    NoneType: {"type": "null"},
    object: {},
}
MONEY: JsonDict = {
    "type": "object",
    "description": "An exact amount.",
    "properties": {"amount": {"type": "string", "pattern": r"^-?\d+\.\d{2}$"}, "currency": TEXT},
    "required": ["amount", "currency"],
}
ENVELOPE: JsonDict = {
    "id": {**TEXT, "description": "The journal entry; the same for every delivery, so a repeat is known by it."},
    "subject": {**TEXT, "description": "The number of the thing whose chain in the journal it is a part of."},
    "subject_seq": {
        "type": "integer",
        "description": "Its place in that chain, from 1. One of a chain follows another.",
    },
    "order_number": {"type": ["string", "null"]},
    "occurred_at": TIME,
    "actor": {**TEXT, "description": "Who did it: `customer:…`, `staff:…`, `key:…`, `provider:…`, `system`."},
    "trace_id": TEXT,
    "causation_id": {"type": ["string", "null"], "description": "The entry of another service that led to this one."},
    "audience": {"enum": ["public", "internal"], "description": "Whether its customer is shown it."},
}


@cache
def document() -> bytes:
    """Return the document as JSON."""
    schemas: JsonDict = {"Money": MONEY}
    channels, operations, messages = {}, {}, {}
    for service in SOURCES:
        for kind in events_of(service):
            name = f"{service}.{kind.type}"
            channels[name] = _channel(service, kind.type, name)
            messages[name] = _message(service, kind, schemas)
            operations[name] = {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
    about = {"title": "Pledge: events", "version": "1", "description": (__doc__ or "").split("\n\n")[0]}
    return orjson.dumps(
        {
            "asyncapi": "3.0.0",
            "info": about,
            "defaultContentType": "application/json",
            "channels": channels,
            "operations": operations,
            "components": {"messages": messages, "schemas": schemas},
        }
    )


def events_of(service: str) -> list[type[Event]]:
    """Return what a service publishes, by name."""
    own = (each for each in _leaves(Event) if each.source == service)
    return sorted((*own, *OF_EVERY_SERVICE), key=lambda each: each.type)


def _leaves(kind: type[Event]) -> set[type[Event]]:
    below = kind.__subclasses__()
    return {leaf for each in below for leaf in _leaves(each)} if below else {kind}


def _channel(service: str, type_: str, name: str) -> JsonDict:
    exchange = {"name": f"{service}.events", "type": "topic", "durable": True}
    return {
        "address": type_,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange}},
    }


def _message(service: str, kind: type[Event], schemas: JsonDict) -> JsonDict:
    known = {"service": {"const": service}, "type": {"const": kind.type}, "version": {"const": kind.version}}
    payload = {**ENVELOPE, **known, "audience": {"const": kind.audience}, "body": _reference(kind, schemas)}
    return {
        "name": kind.type,
        "summary": _summary(kind),
        "payload": {"type": "object", "properties": payload, "required": sorted(payload)},
    }


def _summary(kind: type) -> str:
    """Return the first sentence of what is said of it; a dataclass without a docstring has its signature there."""
    said = (kind.__doc__ or "").partition("\n\n")[0]
    return "" if said.startswith(f"{kind.__name__}(") else " ".join(said.split())


def _reference(kind: type, schemas: JsonDict) -> JsonDict:
    """Refer to the schema of a class, which is made when it is first met."""
    if kind.__name__ not in schemas:
        schemas[kind.__name__] = {}  # so that what contains itself ends
        schemas[kind.__name__] = _members(kind, schemas)
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _members(kind: type, schemas: JsonDict) -> JsonDict:
    hints = {name: hint for name, hint in get_type_hints(kind, include_extras=True).items() if not _is_of_class(hint)}
    needed = {each.name for each in fields(kind) if _is_needed(each)} if is_dataclass(kind) else _required(kind)
    return {
        "type": "object",
        "description": _summary(kind),
        "properties": {name: _schema(hint, schemas) for name, hint in hints.items()},
        "required": sorted(needed),
    }


def _required(kind: type) -> frozenset[str]:
    """Return the names of a typed dictionary that are always there."""
    always: frozenset[str] = getattr(kind, "__required_keys__")  # noqa: B009 (mypy knows no such class)
    return always


def _is_of_class(hint: object) -> bool:
    return get_origin(hint) is ClassVar


def _is_needed(field: Field[object]) -> bool:
    """Return whether an older version of the event has the field too: those added since have a default."""
    return field.default is MISSING and field.default_factory is MISSING


def _schema(hint: object, schemas: JsonDict) -> JsonDict:
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Annotated, NotRequired):
        return _schema(inside[0], schemas)
    if origin is Literal:
        return {"enum": list(inside)}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(each, schemas) for each in inside]}
    if origin in (tuple, list, set, frozenset):
        return {"type": "array", "items": _schema(inside[0], schemas)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(inside[1], schemas)}
    if hint in PLAIN:
        return PLAIN[hint]
    assert isinstance(hint, type), f"{hint} has no JSON form"
    if issubclass(hint, Money):
        return {"$ref": "#/components/schemas/Money"}
    if issubclass(hint, Enum):
        return {"enum": [each.value for each in hint]}
    return _reference(hint, schemas) if is_dataclass(hint) or is_typeddict(hint) else {}
