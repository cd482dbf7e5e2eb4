"""Personal data: how a declaration marks it, and what is left of it once it is erased. Pure.

    email: Annotated[str, EmailAddress(), Personal()]

A text that is marked is sealed in the journal (`store.sealing`) and overwritten in rows when its customer's data is
erased. What stands in its place is `ERASED`, in lists, stories and events alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Union, get_args, get_origin, get_type_hints

ERASED = "erased"
"""What stands where personal data was."""
CUSTOMER_ERASED = f"customer:{ERASED}"
"""What stands where the customer was named as the one who acted."""


@dataclass(frozen=True)
class Personal:
    """Marks a text that tells something of a customer: a name, an address, words of their own."""


EVERY = "*"
"""The step of a path that stands for each item of a list."""
Path = tuple[str, ...]


def paths_of(kind: type) -> tuple[Path, ...]:
    """Return where a dataclass, with all that it is made of, has personal texts: the names on the way, EVERY in lists.

    `(("customer", "email"), ("lines", "*", "note"))`
    """
    return _paths_of(kind)


@cache
def _paths_of(kind: type) -> tuple[Path, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(path for field in fields(kind) for path in _paths(hints[field.name], (field.name,)))


def _paths(hint: object, so_far: Path) -> Iterator[Path]:
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        if any(isinstance(mark, Personal) for mark in marks):
            yield from ((*so_far, *rest) for rest in _leaves(inner))
        else:
            yield from _paths(inner, so_far)
    elif is_dataclass(hint) and isinstance(hint, type):
        yield from ((*so_far, *path) for path in paths_of(hint))
    elif get_origin(hint) in (tuple, list):
        yield from _paths(get_args(hint)[0], (*so_far, EVERY))
    elif get_origin(hint) in (Union, UnionType):
        for each in get_args(hint):
            yield from _paths(each, so_far)


def _leaves(hint: object) -> Iterator[Path]:
    """Yield the way to the texts of what is marked: itself, or the items of a list of texts."""
    yield (EVERY,) if get_origin(hint) in (tuple, list) else ()


PersonalText = Annotated[str, Personal()]
