"""How much of what others send is looked at, and how much is said of what is wrong with it.

Before a document is loaded it is counted, in the gateway and again in the service: at most NODES values and names, at
most DEPTH levels. The count stops at the bound, so that its work does not grow with what was sent. Of what is wrong,
COMPLAINTS are told, each cut to a bounded length, and how many were left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

NODES = 5_000
DEPTH = 32
COMPLAINTS = 20
FIELD_LENGTH, MESSAGE_LENGTH = 100, 300


class TooLarge(ValueError):
    """It has more values and names than anything has that is asked here."""


class TooDeep(ValueError):
    """It has more levels than anything has that is asked here."""


def check(document: object, nodes: int = NODES, depth: int = DEPTH) -> int:
    """Count the values and names of a document of JSON, level by level. Return how many there are.

    Raises TooLarge or TooDeep after at most `nodes` of them.
    """
    count, level = 1, [document]
    for _ in range(depth):
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                count += 2 * len(each)
                if count > nodes:
                    raise TooLarge
                inner += each.values()
            elif isinstance(each, list | tuple):
                count += len(each)
                if count > nodes:
                    raise TooLarge
                inner += each
        if not inner:
            return count
        level = inner
    raise TooDeep


def complaints(found: Iterable[dict[str, str]]) -> dict[str, object]:
    """Return the `details` of a refusal: the first complaints as `errors`, and how many more there are, if any."""
    all_of_them = iter(found)
    told = [_cut(each) for each in islice(all_of_them, COMPLAINTS)]
    left_out = sum(1 for _ in all_of_them)
    return {"errors": told, "errors_left_out": left_out} if left_out else {"errors": told}


def _cut(complaint: dict[str, str]) -> dict[str, str]:
    return {
        "field": _shortened(complaint["field"], FIELD_LENGTH),
        "message": _shortened(complaint["message"], MESSAGE_LENGTH),
    }


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
