"""What came over a wire or out of a database, before it is read into a type of its own.

    def from_json(cls, data: Fields) -> BusinessHours: ...

A function that takes `Fields` reads them by name and makes something typed of them, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Fields: TypeAlias = Mapping[str, Any]
JsonDict: TypeAlias = dict[str, Any]
"""Fields that are being put together, to be sent."""
