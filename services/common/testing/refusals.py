"""No handler refuses with a code that its interface does not declare: clients switch on what the document names.

require_declared()          # once; from then on such a refusal is an AssertionError, called directly or over the bus
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, cast

from services import SERVICES
from services.common.basics.api import ANYONE, SIGNATURE, Api, Declared
from services.common.basics.errors import ServiceError

OF_ALL = frozenset({"validation_failed", "service_unavailable", "idempotency_key_reused"})
"""Codes that the document gives to operations by their shape: of a request, of a key, of a service that is away."""


def require_declared() -> None:
    """Have each handler of a command or a query held to its declaration."""
    for service in SERVICES:
        interface = _interface_of(service)
        handlers = importlib.import_module(f"services.{service}.handlers")
        for each in pkgutil.iter_modules(handlers.__path__, f"{handlers.__name__}."):
            module = importlib.import_module(each.name)
            for name in interface.methods.keys() & vars(module).keys():
                handler = getattr(module, name)
                if getattr(handler, "__module__", "") == each.name:
                    setattr(module, name, held(handler, interface.methods[name]))


def _interface_of(service: str) -> type[Api]:
    """Return its `Api` with the name of the service."""
    found = vars(importlib.import_module(f"services.{service}.api")).values()
    return cast("type[Api]", next(each for each in found if getattr(each, "service", None) == service))


def held(handler: Callable[..., Any], declared: Declared) -> Callable[..., Any]:
    """Return the handler as it is called when it is held to its declaration."""
    known = OF_ALL | {error.code for error in declared.errors}
    if not {ANYONE, SIGNATURE} & {*declared.roles}:
        known |= {"role_required"}
    if "cursor" in getattr(declared.request, "__dataclass_fields__", ()):
        known |= {"bad_cursor"}

    @functools.wraps(handler)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except ServiceError as refusal:
            if refusal.code in known:
                raise
            raise AssertionError(f"{declared.method.__qualname__} does not declare {refusal.code}") from refusal

    return called
