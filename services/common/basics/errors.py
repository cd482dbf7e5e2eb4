"""What can go wrong, as kinds that cross the bus and reach the client with a stable code.

    ServiceError                      kind, code, message, details
    ├── NotFound      not_found   404  no such thing, or not yours to know about
    ├── Invalid       invalid     422  what was asked makes no sense
    ├── Conflict      conflict    409  it made sense, but the state of things refuses it
    ├── Forbidden     forbidden   403  the caller is known and may not do it
    └── Unavailable   unavailable 503  a part that is needed does not answer; try again later

A service subclasses a kind and sets `code` and `message`; the kind decides the HTTP status, in one
place in the gateway, and the code is what clients switch on. Codes are lower snake case and never change their meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from services.common.basics.untyped import Fields


class ServiceError(Exception):
    """A refusal with a kind and a stable code. `details` must be JSON: field errors go to `details["errors"]`."""

    kind: ClassVar[str] = "internal"
    code: str = "internal"
    message: str = "The service failed."

    def __init__(self, message: str = "", *, code: str | None = None, details: Fields | None = None):
        super().__init__(message)
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.details = dict(details or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def to_wire(self) -> dict[str, object]:
        """Return the form that travels in an RPC reply. `from_wire` turns it back into the kind's own class."""
        return {"kind": self.kind, "code": self.code, "message": self.message, "details": self.details}


class NotFound(ServiceError):
    """No such thing."""

    kind = code = "not_found"
    message = "No such thing."


class Invalid(ServiceError):
    """The request makes no sense as it stands."""

    kind = code = "invalid"
    message = "The request makes no sense as it stands."


class Conflict(ServiceError):
    """The state of things refuses it."""

    kind = code = "conflict"
    message = "The state of things refuses it."


class Forbidden(ServiceError):
    """You may not do this."""

    kind = code = "forbidden"
    message = "You may not do this."


class Unavailable(ServiceError):
    """A part that is needed does not answer; try again later."""

    kind = code = "unavailable"
    message = "A part that is needed does not answer; try again later."


KINDS: Mapping[str, type[ServiceError]] = {
    cls.kind: cls for cls in (NotFound, Invalid, Conflict, Forbidden, Unavailable)
}


def from_wire(wire: Fields) -> ServiceError:
    """Build the error that a service sent, as its kind. An unknown kind stays a plain ServiceError (500)."""
    cls = KINDS.get(str(wire.get("kind")), ServiceError)
    return cls(str(wire.get("message", "")), code=str(wire.get("code", cls.code)), details=wire.get("details") or {})
