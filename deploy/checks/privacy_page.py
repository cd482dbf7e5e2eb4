"""What `docs/privacy.md` lists: `python -m deploy.checks.privacy_page` (`make settings`) writes it.

Three tables of that page are derived from the code, and a test compares them:

    retention   how long each kind of data is kept, and why: `RETENTION` in the services' `api/terms.py`, and the kit's
    search      by which personal texts things are found: `PARTS` of the services' `repository/search.py`
    inventory   which texts of which events are personal, and so sealed in the journal
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from deploy.checks.front_pages import events_of
from services import SERVICES
from services.common.basics.personal import paths_of
from services.common.basics.retention import KeptData
from services.common.store import idempotency, inbox

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"
OF_THE_KIT = (
    KeptData("replies to commands that came with an idempotency key", idempotency.KEPT, "the command", "repeats"),
    KeptData("which events were handled; what was given up of them", inbox.KEPT, "the handling", "repeats"),
)


def page(text: str) -> str:
    """Return the text of the page with its derived tables as the code has them."""
    for name, rows in (("retention", _retention()), ("inventory", _inventory()), ("search", _searched())):
        table = "\n".join(rows)
        begin, end = f"<!-- {name} -->\n", "\n<!-- end -->"
        before, _, rest = text.partition(begin)
        text = before + begin + table + end + rest.partition(end)[2]
    return text


def _retention() -> Iterator[str]:
    yield "| service | what | how long | from | why |\n| --- | --- | --- | --- | --- |"
    for service, kept in _kept():
        yield f"| {service} | {kept.what} | {_in_words(kept)} | {kept.since} | {kept.why} |"


def _kept() -> Iterator[tuple[str, KeptData]]:
    for service in SERVICES:
        for kept in getattr(import_module(f"services.{service}.api.terms"), "RETENTION", ()):
            yield service, kept
    for kept in OF_THE_KIT:
        yield "each", kept


def _in_words(kept: KeptData) -> str:
    years, days = divmod(kept.span.days, 365)
    if years and days <= years // 4 + 1:
        return f"{years} year{'s' if years > 1 else ''}"
    return f"{kept.span.days} day{'s' if kept.span.days > 1 else ''}"


def _inventory() -> Iterator[str]:
    yield "| service | event | personal texts |\n| --- | --- | --- |"
    for service in SERVICES:
        for event in sorted(events_of(service), key=lambda each: each.type):
            if paths := paths_of(event):
                yield f"| {service} | `{event.type}` | {_named(paths)} |"


def _searched() -> Iterator[str]:
    yield "| service | part of `search_words` | what it holds |\n| --- | --- | --- |"
    for service in SERVICES:
        name = f"services.{service}.repository.search"
        if find_spec(name):
            for part, what in import_module(name).PARTS.items():
                yield f"| {service} | `{part}` | {what} |"


def _named(paths: Iterable[tuple[str, ...]]) -> str:
    return ", ".join(f"`{'.'.join(path)}`" for path in paths)


def main() -> None:
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
