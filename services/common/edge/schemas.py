"""Marshmallow schemas derived from declarations (`basics.shapes`), once for each class.

    load(PlaceOrder, document)                        # → PlaceOrder; Invalid `validation_failed` names each wrong field
    load(ListOrders, {"limit": "20"}, Mode.QUERY)       # a query string: numbers and truth values are texts
    schema_class(OrderView, Mode.REPLY)                 # for the API document; replies are not loaded
    check_reply(OrderView, reply)                       # for tests: every field is declared, and of its kind

Unknown fields of a request are refused. Null is like leaving out what may be left out and has no default (`| None`), as
programs write what they do not know; but not for a single word that may be said, and not for the version that the
caller saw (`Seen`): what asks for a check never goes without one. Where null is more than that, or stands for another
default, the field says `Nullable()`. Lists check their length before they load what is in them, so that the work is
bounded by the largest request that is allowed, not by the one that was sent. What a request's `__post_init__` refuses
with `Wrong` is a complaint like any other.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, Field, is_dataclass
from dataclasses import fields as fields_of
from datetime import datetime
from enum import Enum, auto
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from services.common.basics import shapes
from services.common.basics.money import Money
from services.common.edge import fields as own
from services.common.edge.rules import in_words

T = TypeVar("T")
Options = dict[str, Any]
AnyField = fields.Field[Any]
Markers = tuple[object, ...]


class Mode(Enum):
    """What a schema is for."""

    BODY = auto()
    QUERY = auto()  # values are texts
    REPLY = auto()  # null wherever the type says None; unknown fields may come
    EXACT = auto()  # a reply in a test: unknown fields are refused


def load(kind: type[T], document: object, mode: Mode = Mode.BODY) -> T:
    """Validate and build a request.

    Raises Invalid (`validation_failed`) with `{"field": "lines.0.sku", "message": …}` for each wrong field.
    """
    return cast(T, own.load(_schema(cast(Hashable, kind), mode), document))


def check_reply(kind: object, reply: Any) -> None:
    """Raise AssertionError unless a reply is what its TypedDict declares, field by field."""
    problems = _schema(kind, Mode.EXACT).validate(reply)
    assert not problems, f"not {kind}: {dict(own.flat(problems))}"


@cache
def _schema(kind: object, mode: Mode) -> Schema:
    return schema_class(kind, mode)()


@cache
def schema_class(kind: object, mode: Mode = Mode.BODY) -> type[Schema]:
    """Return the schema of a request (a dataclass) or of a reply (a TypedDict, including `Page[…]`)."""
    origin = get_origin(kind) or kind
    body: dict[str, object] = {"__doc__": origin.__doc__, "__module__": origin.__module__}
    if is_typeddict(origin):
        body |= _reply_fields(kind, origin, mode)
        body["Meta"] = type("Meta", (), {"unknown": RAISE if mode is Mode.EXACT else EXCLUDE})
        return cast(type[Schema], type(_name(kind, origin), (Schema,), body))
    if is_dataclass(origin):
        body |= _request_fields(origin, mode)
        body["Meta"] = type("Meta", (), {"unknown": RAISE})
        body["build"] = staticmethod(_builder(origin))
        body["rules"] = in_words(origin)
        return cast(type[Schema], type(_name(kind, origin), (_OfRequest,), body))
    raise TypeError(f"{kind!r} is neither a dataclass nor a TypedDict")


class _OfRequest(Schema):
    """A schema that loads objects. It builds them itself: a hook of marshmallow's costs more than the object."""

    build: Callable[[dict[str, object]], object]

    def load(self, data: Any, **options: Any) -> Any:
        return self.build(super().load(data, **options))


def _name(kind: object, origin: Any) -> str:
    items = "".join(each.__name__.removesuffix("View") for each in get_args(kind))
    return f"{items}{origin.__name__.removesuffix('View')}"


def _builder(kind: Any) -> Callable[[dict[str, object]], object]:
    defaults = {each.name for each in fields_of(kind) if each.default is not MISSING}

    def build(data: dict[str, object]) -> object:
        try:
            return kind(**{name: value for name, value in data.items() if value is not None or name not in defaults})
        except shapes.Wrong as wrong:
            complaint = wrong.complaint
            if isinstance(complaint, str):
                raise ValidationError(complaint) from None
            raise ValidationError({name: [message] for name, message in complaint.items()}) from None

    return build


def _request_fields(kind: Any, mode: Mode) -> dict[str, fields.Field[object]]:
    hints = get_type_hints(kind, include_extras=True)
    return {each.name: _field(hints[each.name], _default(each), mode) for each in fields_of(kind) if each.init}


def _default(declared: Field[object]) -> Options:
    if declared.default in (None, "", ()):
        nothing = declared.default
        return {"load_default": lambda: nothing}  # what means "left out" is no default that a client should see
    if declared.default is not MISSING:
        return {"load_default": declared.default}
    if declared.default_factory is not MISSING:
        return {"load_default": declared.default_factory}
    return {"required": True}


def _reply_fields(kind: object, origin: Any, mode: Mode) -> dict[str, fields.Field[object]]:
    parameters: tuple[Any, ...] = getattr(origin, "__parameters__", None) or ()
    put_in = dict(zip(parameters, get_args(kind), strict=False))
    found = {}
    for name, hint in get_type_hints(origin, include_extras=True).items():
        required = name in origin.__required_keys__ and get_origin(hint) is not NotRequired
        plain = get_args(hint)[0] if get_origin(hint) in (NotRequired, Required) else hint
        found[name] = _field(_filled(plain, put_in), {"required": required}, mode)
    return found


def _filled(hint: Any, put_in: Mapping[object, object]) -> object:
    """Replace the type variables of a hint: `list[T]` of `Page[OrderView]` is `list[OrderView]`."""
    if isinstance(hint, TypeVar):
        return put_in[hint]
    parameters: tuple[object, ...] = getattr(hint, "__parameters__", None) or ()
    return hint[tuple(put_in[each] for each in parameters)] if put_in and parameters else hint


# one hint → one field


def _field(hint: object, options: Options, mode: Mode) -> AnyField:
    hint, markers = _unwrapped(hint)
    options = {"allow_none": False, **options}  # else marshmallow takes null where the default is None
    if get_origin(hint) in (Union, types.UnionType):
        inner = [each for each in get_args(hint) if each is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"a field can hold one type, or None: {hint}")
        hint, more = _unwrapped(inner[0])
        markers = (*markers, *more)
        shown, asked = mode in (Mode.REPLY, Mode.EXACT), mode is not Mode.QUERY and get_origin(hint) is not Literal
        if shown or (asked and not _marker(markers, shapes.Seen)):
            options = {**options, "allow_none": True}
    if _marker(markers, shapes.Nullable):
        options = {**options, "allow_none": True}
        if isinstance(hint, type) and issubclass(hint, str):
            options = {**options, "pre_load": [_none_if_blank]}
    return _plain_field(hint, markers, {**options, "metadata": _metadata(markers)}, mode)


def _none_if_blank(value: object) -> object:
    """Return None for an empty text: what a form sends for a field left empty."""
    return None if isinstance(value, str) and not value.strip() else value


def _plain_field(hint: Any, markers: Markers, options: Options, mode: Mode) -> AnyField:
    origin = get_origin(hint)
    if origin in (tuple, list):
        return _list(hint, markers, options, mode)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        keys, values = (None if each is object else _field(each, {}, mode) for each in get_args(hint))
        return fields.Dict(keys=keys, values=values, **options)
    if is_typeddict(origin or hint) or (is_dataclass(hint) and hint is not Money):
        return fields.Nested(schema_class(hint, mode), **options)
    if origin is Literal:
        return _literal(get_args(hint), options, mode)
    if isinstance(hint, type) and issubclass(hint, Enum):
        hidden = _marker(markers, shapes.Except)
        allowed = [validate.OneOf([each for each in hint if each not in hidden.values])] if hidden else []
        return fields.Enum(hint, by_value=True, validate=allowed, **options)
    make = _SIMPLE.get(getattr(hint, "__supertype__", hint))
    if make is None:
        raise TypeError(f"no field for {hint!r}")
    return make(markers, options, mode)


def _list(hint: object, markers: Markers, options: Options, mode: Mode) -> AnyField:
    inner = _field(get_args(hint)[0], {}, mode)
    if mode in (Mode.REPLY, Mode.EXACT):
        return fields.List(inner, **options)
    return BoundedList(inner, _marker(markers, shapes.Length) or shapes.Length(0, 100), **options)


def _literal(values: tuple[object, ...], options: Options, mode: Mode) -> AnyField:
    if values == (True,):
        options = {**options, "metadata": {**options["metadata"], "enum": [True]}}
        return fields.Boolean(truthy={"true"} if mode is Mode.QUERY else {True}, falsy=set(), **options)
    if not all(isinstance(value, str) for value in values):
        raise TypeError(f"a Literal holds texts, or True alone: {values}")
    return fields.String(validate=validate.OneOf(values), **options)


def _text(markers: Markers, options: Options, mode: Mode) -> AnyField:
    for marker in markers:
        match marker:
            case shapes.Line():
                return own.LineField(marker.max, min_length=marker.min, validate=_pattern(markers), **options)
            case shapes.Text():
                return own.TextField(marker.max, min_length=marker.min, validate=_pattern(markers), **options)
            case shapes.Number():
                return own.NumberField(marker.prefix, **options)
            case shapes.Code():
                return own.CodeField(validate=_pattern(markers), **options)
            case shapes.EmailAddress():
                return own.EmailField(**options)
            case shapes.CountryCode():
                return own.CountryField(**options)
            case shapes.ZoneName():
                return own.ZoneField(**options)
            case shapes.LanguageTag():
                return own.LanguageField(**options)
    return fields.String(validate=_pattern(markers), **options)


def _pattern(markers: Markers) -> list[Any]:
    found = _marker(markers, shapes.Pattern)
    return [Matches(found)] if found else []


def _whole_number(markers: Markers, options: Options, mode: Mode) -> AnyField:
    if mode in (Mode.REPLY, Mode.EXACT):
        return fields.Integer(strict=True, **options)
    bounds = _marker(markers, shapes.Between) or shapes.Between(-(2**31), 2**31 - 1)
    if mode is Mode.QUERY:
        return fields.Integer(validate=validate.Range(bounds.min, bounds.max), **options)
    return own.WholeNumberField(bounds.min, bounds.max, **options)


def _truth(markers: Markers, options: Options, mode: Mode) -> AnyField:
    true, false = ({"true"}, {"false"}) if mode is Mode.QUERY else ({True}, {False})
    return fields.Boolean(truthy=true, falsy=false, **options)


_SIMPLE: Mapping[Any, Callable[[Markers, Options, Mode], AnyField]] = {
    str: _text,
    int: _whole_number,
    bool: _truth,
    float: lambda markers, options, mode: fields.Float(**options),
    datetime: lambda markers, options, mode: own.TimeField(**options),
    Money: lambda markers, options, mode: own.MoneyField(**options),
    object: lambda markers, options, mode: fields.Raw(**options),
}


class Matches(validate.Validator):
    """The whole text matches. (Of a Regexp, apispec would copy Python's `\\Z`, which JavaScript does not read.)"""

    def __init__(self, pattern: shapes.Pattern):
        self._regex, self._complaint = re.compile(f"(?:{pattern.regex})\\Z", re.ASCII), pattern.complaint

    def __call__(self, value: str) -> str:
        if not self._regex.match(value):
            raise ValidationError(self._complaint)
        return value


class BoundedList(fields.List[object]):
    """A list that checks its length before it loads what is in it."""

    def __init__(self, inner: fields.Field[object], length: shapes.Length, **options: Any):
        super().__init__(inner, validate=validate.Length(length.min, length.max), **options)
        self.most = length.max

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> Any:
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(f"Longer than maximum length {self.most}.")
        return tuple(super()._deserialize(value, attr, data, **kwargs))


def _unwrapped(hint: object) -> tuple[object, Markers]:
    if get_origin(hint) is Annotated:
        inner, *markers = get_args(hint)
        return inner, tuple(markers)
    return hint, ()


def _marker(markers: Markers, kind: Any) -> Any:
    return next((each for each in markers if isinstance(each, kind)), None)


def _metadata(markers: Markers) -> dict[str, object]:
    found: dict[str, object] = {}
    for marker in markers:
        match marker:
            case shapes.Note():
                found["description"] = marker.text
            case shapes.Example():
                found["example"] = marker.value
            case shapes.Format():
                found["format"] = marker.name
            case shapes.Pattern():
                found["pattern"] = f"^{marker.regex}$"
    return found
