"""The members of the platform by name: the four services, and the gateway in front of them.

This is the one place that knows where a member lives. The kit knows none of them, and the code that starts, migrates or
inspects all of them asks here.

The gateway asks, too, and has no database: what needs one is imported where it is needed (25 MB of a process).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from services import SERVICES
from services.common.calendar import Overlay, close, read_overlay
from services.common.commitments import Table, Terms, read_terms
from services.common.runtime.config import ConfigError, Settings
from services.orders.api.ceiling import CEILINGS, Ceiling, read_ceilings

if TYPE_CHECKING:
    import sqlalchemy as sa

    from services.common.store.database import Store

GATEWAY = "gateway"


def service_class(name: str) -> type:
    """Return the nameko class of a member. Raise ConfigError when there is none of that name."""
    return _found(name, "service")


def settings_class(name: str) -> type[Settings]:
    """Return what a member reads of the environment. Raise ConfigError when there is no member of that name."""
    return _found(name, "settings")


def _found(name: str, part: str) -> type:
    package = name if name == GATEWAY else f"services.{name}"
    try:
        module = import_module(f"{package}.{part}")
    except ModuleNotFoundError as missing:
        if not f"{package}.{part}".startswith(missing.name or "-"):
            raise
        raise ConfigError([f"there is no service {name!r}"]) from missing
    found: type = getattr(module, f"{name.capitalize()}{part.capitalize()}")
    return found


def metadata_of(service: str) -> list[sa.MetaData]:
    """Return what a service's database should hold: the kit's tables and its own."""
    from services.common.store import tables

    return [tables.metadata, import_module(f"services.{service}.tables").metadata]


def all_terms() -> dict[str, Terms]:
    """Return every promise of the platform with its terms."""
    return {kind: terms for table in _tables_of_terms() for kind, terms in table.items()}


def change_terms(settings: Settings) -> None:
    """Put the shop's terms in force in this process: what it promises from now on, and what its texts say.

    Raise ConfigError for terms that promise nothing sensible. A clock that runs keeps the terms it started with.
    """
    changes: dict[str, Terms] = {}
    ceilings: dict[str, Ceiling] = {}
    if settings.terms:
        try:
            said = json.loads(settings.terms)
            if isinstance(said, dict):
                ceilings = read_ceilings(said.pop("refunds_a_day", {}))
            changes = read_terms(said, all_terms())
        except (ValueError, RecursionError) as problem:
            raise ConfigError([f"PLEDGE_TERMS {problem}"]) from problem
    for table in _tables_of_terms():
        table.change({name: terms for name, terms in changes.items() if name in table})
    CEILINGS.change(ceilings)


def close_calendars(settings: Settings) -> None:
    """Put the shop's own closures in force in this process. Raise ConfigError for a file that says nonsense."""
    close(closures_of(settings))


def closures_of(settings: Settings) -> Overlay:
    """Return the shop's own closures, none without a file. Raise ConfigError for a file that says nonsense."""
    try:
        return read_overlay(Path(settings.closures)) if settings.closures else Overlay()
    except (OSError, ValueError) as problem:
        raise ConfigError([f"PLEDGE_CLOSURES {problem}"]) from problem


def _tables_of_terms() -> list[Table]:
    return [import_module(f"services.{name}.api.terms").TERMS for name in SERVICES]


def seed(service: str, settings: Settings) -> None:
    """Add the first data of a service that has any; what is there stays as it is."""
    from services.common.store.database import Store

    if not find_spec(f"services.{service}.seed"):
        return
    plant: Callable[[Store], object] = import_module(f"services.{service}.seed").seed
    store = Store(settings.database_url(service), pool_size=1)
    try:
        plant(store)
    finally:
        store.dispose()
