"""What the front pages of the services list: `python -m deploy.checks.front_pages` (`make settings`) writes it.

The docstring of `services/<service>/__init__.py` says in our words what the service is for and what it owns. These of
its entries are derived from the code, and a test compares them:

    tables   what it keeps of its own
    answers  the commands and queries of its interface
    emits    the events that it declares
    follows  the events that it follows, by who emits them
    keeps    the promises whose clocks it keeps
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import cast

from services import SERVICES
from services.common.basics.api import EVERY
from services.common.basics.events import Event
from services.common.commitments.events import BreachAttributed, CommitmentAtRisk, CommitmentBreached
from services.common.runtime.service import Service
from services.members import metadata_of, service_class

ROOT = Path(__file__).parents[2]
WIDTH, INDENT = 120, 9
EVERYONE = "and what every service"
CLOCKS = (BreachAttributed.type, CommitmentAtRisk.type, CommitmentBreached.type)


def path_of(service: str) -> Path:
    return ROOT / "services" / service / "__init__.py"


def page(service: str, text: str) -> str:
    """Return the text of that page with each derived entry as the code has it. `owns` comes first, others last."""
    title, _, entries = text.split('"""')[1].partition("\n\n")
    written = {entry.split()[0]: entry.rstrip() for entry in re.split(r"^(?=[a-z])", entries, flags=re.MULTILINE)[1:]}
    derived = {name: _entry(name, paragraphs) for name, paragraphs in _derived(service).items()}
    owns = written.pop("owns", "owns")
    listed = [owns, *derived.values(), *(entry for name, entry in written.items() if name not in derived)]
    return '"""'.join(["", title + "\n\n" + "\n".join(listed) + "\n", *text.split('"""')[2:]])


def events_of(service: str) -> list[type[Event]]:
    """Return the events that a service declares, in the order of its source."""
    package = f"services.{service}.api"
    modules = [import_module(f"{package}.{each.name}") for each in iter_modules(import_module(package).__path__)]
    declared = {
        item: None
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Event) and item.source == service
    }
    return [each for each in declared if not each.__subclasses__()]


def _derived(service: str) -> dict[str, list[str]]:
    """Return each derived entry, as paragraphs."""
    served = cast(type[Service], service_class(service))
    terms = import_module(f"services.{service}.api.terms").TERMS
    return {
        "tables": [_listed(table.name for table in metadata_of(service)[-1].tables.values())],
        "answers": [
            _listed(name for name in served.methods if name not in EVERY),
            f"{EVERYONE} answers: {_listed(EVERY)}",
        ],
        "emits": [_listed(event.type for event in events_of(service)), f"{EVERYONE} emits: {_listed(CLOCKS)}"],
        "follows": list(_followed(following.key for following in served.follows)),
        "keeps": [_listed(dict.fromkeys(name.split(".")[0] for name in terms))],
    }


def _followed(keys: Iterable[tuple[str, str]]) -> Iterator[str]:
    types: dict[str, list[str]] = {}
    for source, type_ in keys:
        types.setdefault(source, []).append(type_)
    for source, followed in types.items():
        yield f"{source}: {_listed(followed)}"


def _listed(names: Iterable[str]) -> str:
    return " ".join(names)


def _entry(name: str, paragraphs: Iterable[str]) -> str:
    indent = " " * INDENT
    lines = "\n".join(
        textwrap.fill(
            paragraph, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
            break_on_hyphens=False,
        )
        for paragraph in paragraphs
    )  # fmt: skip
    return f"{name:<{INDENT}}{lines[INDENT:]}"


def main() -> None:
    for service in SERVICES:
        path = path_of(service)
        path.write_text(page(service, path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
