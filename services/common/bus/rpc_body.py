"""What an RPC carries: JSON bodies in nameko's shape, so that stock nameko peers are understood both ways.

A request is `{"args": […], "kwargs": {…}}`, a reply `{"result": …, "error": null | {…}}`. Our errors have nameko's
four keys for stock callers, and kind, code, message and details for our own (`errors.to_wire`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson
from kombu.message import Message as Received
from nameko.exceptions import BadRequest

from services.common.basics.errors import Invalid, ServiceError, from_wire
from services.common.basics.untyped import Fields

JSON = "application/json"
EXCHANGE = "nameko-rpc"
DEADLINE = "deadline"
CALLER = "nameko.caller"

_STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_STOCK_BAD_CALLS = ("MethodNotFound", "IncorrectSignature", "MalformedRequest")
_INTERNAL = ServiceError("the service failed; its log says why", code="internal_error")


def encode_request(args: Sequence[object], kwargs: Mapping[str, object]) -> bytes:
    """Encode a request as JSON.

    Raise Invalid for text or numbers that JSON cannot carry (lone surrogates, more than 64 bits), which only a client's
    input brings; raise TypeError for what is not JSON at all: dates, dataclasses, bytes, sets.
    """
    try:
        return orjson.dumps({"args": args, "kwargs": kwargs}, option=_STRICT)
    except TypeError as exc:
        if any(sign in str(exc) for sign in ("UTF-8", "64-bit")):
            raise Invalid(f"the request cannot be sent: {exc}", code="validation_failed") from exc
        raise


def encode_result(result: object) -> bytes:
    """Encode a result as JSON. Raise TypeError for what is not JSON."""
    return orjson.dumps({"result": result, "error": None}, option=_STRICT)


def encode_error(error: BaseException) -> bytes:
    """Encode a ServiceError with all its fields. For any other error the caller learns only that it happened."""
    known = _public(error)
    stock = {
        "exc_type": type(error).__name__ if isinstance(error, BadRequest) else type(known).__name__,
        "exc_path": f"nameko.exceptions.{type(error).__name__}" if isinstance(error, BadRequest) else "",
        "exc_args": [known.message],
        "value": str(known),
    }
    try:
        return orjson.dumps({"result": None, "error": stock | known.to_wire()}, option=_STRICT, default=str)
    except TypeError:  # something in it cannot be sent; that there was an error can
        return encode_error(_INTERNAL)


def _public(error: BaseException) -> ServiceError:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, BadRequest):
        return ServiceError(str(error), code="bad_call")
    return _INTERNAL


def decode(message: Received) -> object:
    """Decode the body of a message. Raise ValueError if it is not what its content type says, or not allowed."""
    if message.content_type == JSON:
        return orjson.loads(message.body)
    raise ValueError(f"a body of type {message.content_type!r}")


def result_of(reply: Fields) -> object:
    """Return the result in a decoded reply, or raise the error in it as its kind."""
    error = reply.get("error")
    if not error:
        return reply.get("result")
    if "kind" in error:
        raise from_wire(error)
    if error.get("exc_type") in _STOCK_BAD_CALLS:
        raise ServiceError(str(error.get("value")), code="bad_call")
    raise ServiceError(_INTERNAL.message, code=_INTERNAL.code)
