"""Followers read events tolerantly: an older and a newer release understand each other, and nonsense is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as fields_of
from enum import StrEnum
from typing import Annotated, Any, get_args, get_type_hints

import pytest

from services import SERVICES
from services.common.basics.events import Event
from services.common.basics.shapes import Nullable
from services.common.bus.travel import Unreadable, read_event
from services.common.testing import promised, service_class

pytestmark = pytest.mark.pure

FOLLOWED = sorted(
    {(each.source, each.event) for name in SERVICES for each in service_class(name).follows if each.event.source},
    key=lambda each: (each[0], each[1].type),
)


class Color(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Lid:
    material: Annotated[str, Nullable()] = "steel"


@dataclass(frozen=True, kw_only=True)
class PotMade(Event):
    pot: str
    color: Color
    lids: tuple[Lid, ...] = ()
    weight_g: int = 0


BODY: dict[str, Any] = {"pot": "P1", "color": "red"}


def test_unknown_fields_and_values_are_borne() -> None:
    read = read_event(PotMade, {**BODY, "color": "mauve", "lids": [{"material": None, "hinges": 2}], "maker": "Ada"})

    assert (read.color.value, f"{read.color}", type(read.color)) == ("mauve", "mauve", Color)
    assert read.color not in list(Color)
    assert read.lids == (Lid("steel"),)
    assert read.body()["color"] == "mauve"


@pytest.mark.parametrize(
    "wrong", [{"pot": None}, {"pot": 5}, {"color": 5}, {"color": None}, {"lids": [None]}, {"weight_g": True}]
)
def test_a_value_of_another_kind_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_event(PotMade, {**BODY, **wrong})


@pytest.mark.parametrize(("source", "kind"), FOLLOWED, ids=lambda each: getattr(each, "type", each))
def test_followers_bear_words_of_a_newer_release(source: str, kind: type[Event]) -> None:
    """Replace each value of an enumeration, at every depth of the event, by an unknown one."""
    for example in promised(source, kind.type):
        body = copy.deepcopy(example["body"])
        replaced = [_replace(holder, name) for holder, name in _words(kind, body)]

        read = read_event(kind, {**body, "field_of_tomorrow": {"a": [1]}})

        assert json.dumps(read.body()).count('"word_of_tomorrow"') == len(replaced)


def _replace(holder: dict[str, Any], name: str) -> str:
    holder[name] = "word_of_tomorrow"
    return name


def _words(kind: Any, body: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield (object, field) of each value of an enumeration in the body."""
    hints = get_type_hints(kind)
    for field in fields_of(kind):
        value, hint = body.get(field.name), hints[field.name]
        inner = next((each for each in (hint, *get_args(hint)) if isinstance(each, type)), None)
        if isinstance(inner, type) and issubclass(inner, StrEnum) and isinstance(value, str):
            yield body, field.name
        elif is_dataclass(inner):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict) and {"amount", "currency"} != item.keys():
                    yield from _words(inner, item)
