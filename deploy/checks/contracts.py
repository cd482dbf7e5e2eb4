"""Contracts over time: what the last release promised still holds, so that old and new may run side by side.

    python -m deploy.checks.contracts        keep what is promised today as released; a step of every release

services/<service>/contracts/released/<version>.json holds the examples of that version and how its methods are called.
What a newer version may do is add: fields, events, methods, arguments that may be left out.
"""

from __future__ import annotations

import inspect
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services import SERVICES
from services.common.basics.untyped import JsonDict
from services.common.bus.rpc import Rpc
from services.members import service_class

ROOT = Path(__file__).parents[2]
NAMING = frozenset({"type", "version", "service", "audience"})
"""Of an event: its values, not only their kind, are what followers go by."""
UNSAID = frozenset({"parameters", "causation_id"})
"""Maps whose keys are free, and what is null by chance."""


def examples(service: str) -> dict[str, object]:
    """Return today's examples: {"order_placed.v1": {...}, "rpc_get_order.v1": {...}}."""
    paths = sorted((ROOT / "services" / service / "contracts").glob("*.json"))
    return {path.stem: json.loads(path.read_text("utf-8")) for path in paths}


def methods(service: str) -> dict[str, list[int]]:
    """Return how many arguments each method takes: {"get_order": [least, most]}."""
    found = {}
    for name, method in inspect.getmembers(service_class(service), inspect.isfunction):
        if any(isinstance(each, Rpc) for each in getattr(method, "nameko_entrypoints", ())):
            taken = list(inspect.signature(method).parameters.values())[1:]
            least = sum(each.default is inspect.Parameter.empty for each in taken)
            found[name] = [least, len(taken)]
    return found


def released(service: str) -> JsonDict:
    """Return what the last release promised: {"examples": {...}, "methods": {...}}."""
    (path,) = _folder(service).glob("*.json")
    promised: dict[str, object] = json.loads(path.read_text("utf-8"))
    return promised


def losses(then: Any, now: Any, where: str = "") -> Iterator[str]:
    """Yield what an example had and has no more, by name and kind.

    Of a list of then, its first item stands for all; of a list of now, the item that is most like it.
    """
    if type(then) is not type(now):
        yield f"{where} was {_kind(then)}, is {_kind(now)}"
    elif isinstance(then, dict):
        for name, value in then.items():
            inner = f"{where}.{name}".lstrip(".")
            if name not in now:
                yield f"{inner} is gone"
            elif inner in NAMING and "body" in then and value != now[name]:  # an event's, no field of a reply
                yield f"{inner} was {value!r}, is {now[name]!r}"
            elif name not in UNSAID:
                yield from losses(value, now[name], inner)
    elif isinstance(then, list) and then:
        lost = [list(losses(then[0], item, f"{where}[]")) for item in now]
        yield from min(lost, key=len, default=[f"{where} has no example of an item any more"])


def calls_lost(then: dict[str, list[int]], now: dict[str, list[int]]) -> Iterator[str]:
    """Yield the methods that a call of the last release would not find, or not fit."""
    for name, (least, most) in then.items():
        takes = now.get(name)
        if takes is None:
            yield f"{name} is gone"
        elif takes[0] > least or takes[1] < most:
            yield f"{name} took {least} to {most} arguments, takes {takes[0]} to {takes[1]}"


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__


def _folder(service: str) -> Path:
    return ROOT / "services" / service / "contracts" / "released"


def main() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    for service in SERVICES:
        folder = _folder(service)
        folder.mkdir(exist_ok=True)
        for path in folder.glob("*.json"):
            path.unlink()
        promised = {"methods": methods(service), "examples": examples(service)}
        (folder / f"{version}.json").write_text(json.dumps(promised, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
