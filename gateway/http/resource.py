"""What a resource file is written with: a blueprint whose decorators validate, document and declare who may ask.

See the recipe in `gateway/__init__.py`. The schemas that validate are the ones the OpenAPI document shows; answers are
passed on as the service gave them (its contract examples and the schemathesis tests hold them to the schema), because
dumping each answer through a schema once more would cost more than the rest of the gateway.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import is_dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, get_args, get_origin, get_type_hints, is_typeddict

import orjson
from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from werkzeug.routing import BaseConverter, ValidationError

from gateway.http import auth, bodies, limits, reads
from gateway.http.calls import services, settings, speak_as
from gateway.http.documentation import describe
from gateway.http.errors import Refused
from gateway.http.reader import BODY_LIMIT
from services.common.basics import ids
from services.common.basics.api import ANYONE, SIGNATURE, declared_by
from services.common.basics.caller import CUSTOMER
from services.common.basics.clock import now
from services.common.basics.errors import Forbidden, ServiceError
from services.common.basics.shapes import PLACE_PATTERN, SKU_PATTERN
from services.common.basics.untyped import Fields, JsonDict
from services.common.edge.schemas import Mode, schema_class
from services.common.edge.tokens import Access
from services.logistics.api.papers import PaperKind
from services.orders.api import discounts
from services.support.api.articles import SLUG_PATTERN
from services.support.api.ratings import RATING_LINK

READING = ("GET", "HEAD", "OPTIONS")
V = TypeVar("V", bound=Callable[..., object])


class NumberConverter(BaseConverter):
    """`<number(ORD):number>`: a public number of that kind, however it is typed; anything else is 404."""

    regex = "[^/]{9,60}"

    def __init__(self, url_map: Any, prefix: str):
        super().__init__(url_map)
        self.prefix = prefix

    def to_python(self, value: str) -> str:
        number = ids.fold_number(value, self.prefix)
        if number is None:
            raise ValidationError  # the rule does not match
        return number


class SkuConverter(BaseConverter):
    """`<sku:sku>`: what can be a SKU, slashes included, but the word that names another address there; else 404."""

    regex = r"(?!import\Z)" + SKU_PATTERN.replace("(", "(?:")
    part_isolating = False


class ParcelConverter(BaseConverter):
    """`<parcel:parcel_id>`: the id of a parcel, its shipment's number and its place there; anything else is 404."""

    regex = ids.PATTERN.replace("[A-Z]{3}", ids.SHIPMENT) + "-[0-9]{2}"


class IdConverter(BaseConverter):
    """`<id:unmatched_id>`: an id that is no public number, a UUID; anything else is 404."""

    regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class EmailConverter(BaseConverter):
    """`<email:email>`: what looks like an e-mail address; anything else is 404."""

    regex = r"[^/@\s]{1,64}@[^/@\s]{1,189}"


class SessionConverter(BaseConverter):
    """`<session:session_id>`: the id of a session; anything else is 404."""

    regex = "[0-9a-f]{32}"


class LinkConverter(BaseConverter):
    """`<link:link_id>`: the id of a link that was given out; anything else is 404."""

    regex = "[0-9a-z]{1,32}"


class VersionConverter(BaseConverter):
    """`<version:version>`: a version, counted from 1; anything else is 404."""

    regex = "[1-9][0-9]{0,8}"


class CountryConverter(BaseConverter):
    """`<country:country>`: a code of two letters, in upper case; anything else is 404."""

    regex = "[A-Z]{2}"


class NameConverter(BaseConverter):
    """`<name:carrier>`: a short name in lower case."""

    regex = r"[a-z0-9][a-z0-9_-]{0,31}"


class PaperConverter(BaseConverter):
    """`<paper:kind>`: what can be printed of a shipment; anything else is 404."""

    regex = "|".join(PaperKind)


class DiscountConverter(BaseConverter):
    """`<discount:code>`: a discount code, in any case; anything else is 404."""

    regex = discounts.CODE_PATTERN.replace("A-Z", "A-Za-z")


class PlaceConverter(BaseConverter):
    """`<place:code>`: the code of a stock place; anything else is 404."""

    regex = PLACE_PATTERN.replace("(", "(?:")


class SlugConverter(BaseConverter):
    """`<slug:slug>`: the address of an article, the name of a team; anything else is 404."""

    regex = SLUG_PATTERN.replace("(", "(?:")


class RatingConverter(BaseConverter):
    """`<rating:token>`: what can be the link of a rating; anything else is 404."""

    regex = RATING_LINK


class Resource(Blueprint):
    """A blueprint whose routes are what services declare: `get`, `post`, `put`, `patch` and `delete`."""

    def __init__(self, name: str, description: str, prefix: str = "/v1"):
        super().__init__(name, name, url_prefix=prefix, description=description)
        self._prepare_doc_cbks.append(_document)

    def get(self, path: str, command: Callable[..., object] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("GET", path, command, **more)

    def post(self, path: str, command: Callable[..., object] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("POST", path, command, **more)

    def put(self, path: str, command: Callable[..., object] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("PUT", path, command, **more)

    def patch(self, path: str, command: Callable[..., object] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("PATCH", path, command, **more)

    def delete(self, path: str, command: Callable[..., object] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("DELETE", path, command, **more)

    def _serves(
        self,
        method: str,
        path: str,
        command: Callable[..., object] | None,
        *,
        status: int = 200,
        roles: Iterable[str] | None = None,
        errors: Iterable[type[ServiceError]] = (),
        also: Mapping[int, str] | None = None,
        body: Mapping[str, object] | None = None,
        media: str | tuple[str, ...] | None = None,
        headers: Iterable[Mapping[str, object]] = (),
        by_ticket: bool = False,
        body_limit: int = BODY_LIMIT,
        limit: limits.Act | None = None,
        personal: bool | None = None,
        mails: Callable[[Any], str] | None = None,
    ) -> Callable[[V], V]:
        """Serve a view. `status` is that of success; `roles` and `errors` add to or replace what is declared.

        roles: ANYONE, or those for whom the service may say yes (a guest is sent away with 401). Without a command
        other staff are refused here. SIGNATURE: the body's own signature is the proof, and the service verifies it.

        also: further statuses with the same reply, and what they mean. body: the request body in the document, where
        the view reads it itself. media: the content types, where it is not JSON. headers: those that the view reads.

        body_limit: the most bytes that a body may have here. limit: what this counts as; those that do the same share
        one. Without it, writing counts as WRITES, and reading is not counted. mails: whose mailbox a request names that
        is written to (see `limits`).

        personal: whether the answer shows a customer's personal data, where the command does not say it (see `reads`).

        by_ticket: a stream ticket in the query says who asks, where no token does; `g.ends` is when its stream is over.
        """
        declared = declared_by(command) if command else None
        who = tuple(roles if roles is not None else declared.roles if declared else ())
        is_personal = personal if personal is not None else declared is not None and declared.personal
        refusals = (*(declared.errors if declared else ()), *errors)

        def decorate(view: V) -> V:
            hints = get_type_hints(view, include_extras=True)
            kind = _reply_kind(hints.pop("return", None))
            asked: tuple[str, Any] | None = next(((n, kind) for n, kind in hints.items() if is_dataclass(kind)), None)
            read = bodies.request_query if method == "GET" else bodies.request_body
            act = limit if limit or method == "GET" else limits.WRITES

            @wraps(view)
            def served(**given: Any) -> Response:
                ticket = request.args.get("ticket") if by_ticket and "Authorization" not in request.headers else None
                if ticket is None:
                    _admit(who, act)
                else:
                    _admit_by_ticket(ticket, given["number"])
                if not declared and _roles_decide(who):  # else the service does, by what it declares
                    g.caller.require(*who)
                if asked:
                    given[asked[0]] = read(asked[1])
                    if mails:
                        limits.limits_of(current_app).count_recipient(mails(given[asked[0]]), g.caller)
                try:
                    answer = view(**given)
                except ServiceError as refusal:
                    reads.record_refusal(view.__name__, given, refusal)
                    raise
                if is_personal:
                    _record(view.__name__, given, answer)
                return answer if isinstance(answer, Response) else reply(answer, status)

            documented: Any = served
            if asked:
                schema = schema_class(asked[1], Mode.QUERY if method == "GET" else Mode.BODY)
                documented = _unwrap_docs(served, self.arguments(schema, location=_LOCATIONS.get(method, "json")))
            shown: Any = schema_class(kind, Mode.REPLY) if kind else {"type": "string"} if media else None
            kinds = (media,) if isinstance(media, str) else media or ()
            told = {"content_type": kinds[0]} if kinds else {}
            documented = _unwrap_docs(documented, self.alt_response(status, schema=shown, success=True, **told))
            for other, meaning in (also or {}).items():
                response = self.alt_response(other, schema=shown, description=meaning, success=True)
                documented = _unwrap_docs(documented, response)
            if body:
                documented = _unwrap_docs(documented, self.doc(requestBody=body))
            documented.__doc__ = view.__doc__ or (declared.doc if declared else None)
            documented._apidoc = {
                **documented._apidoc,
                "who": who,
                "errors": refusals,
                "declared": declared,
                "request": asked and asked[1],
                "operation": view.__name__,
                "raw_body": body is not None,
                "media": kinds,
                "rule": path,
                "limited": act,
                "mails": mails is not None,
                "personal": is_personal,
                "body_limit": body_limit,
                "keyed": declared is not None and declared.keyed and SIGNATURE not in who,
                "reply_fields": tuple(get_type_hints(get_origin(kind) or kind)) if kind else (),
            }
            documented.body_limit = body_limit
            self.route(path, methods=[method], parameters=[dict(header) for header in headers])(documented)
            return view

        return decorate


def _roles_decide(who: Iterable[str]) -> bool:
    """Return whether roles alone say who may ask: not a signature, nor whose thing it is."""
    return bool(who) and not {ANYONE, SIGNATURE, CUSTOMER} & {*who}


def _record(operation: str, given: Mapping[str, object], answer: object) -> None:
    """Record a read of personal data. A stream that cannot be recorded is not begun."""
    try:
        reads.record(operation, given, answer)
    except ServiceError:
        if isinstance(answer, Response):
            answer.close()
        raise


def _reply_kind(hint: object) -> object:
    """Return the TypedDict that a view returns, if any; a view may also make the Response itself."""
    kinds = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return next((kind for kind in kinds if is_typeddict(get_origin(kind) or kind)), None)


_LOCATIONS = {"GET": "query"}


def _unwrap_docs(view: Any, document: Callable[[object], Any]) -> object:
    """Return the view itself, with the documentation of flask-smorest's decorator. Our own code does the validation."""
    view._apidoc = document(view)._apidoc
    return view


def reply(answer: object, status: int = 200) -> Response:
    """Return a JSON answer, not cached unless it says so itself."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if isinstance(answer, Mapping) and isinstance(answer.get("version"), int):
        headers["ETag"] = f'"{answer["version"]}"'
    return Response(orjson.dumps(answer), status, headers)


class Asking:
    """Asks support about sessions and links, unless this gateway remembers."""

    def session(self, access: Access) -> Fields | None:
        ask, checks = services().support.check_session, services().live.checks
        signed = {"email": access.email, "roles": access.roles}
        return checks.session(access.session_id, lambda: ask(access.session_id), signed)

    def key(self, secret_hash: str) -> str | None:
        check, checks, counts = services().support.check_api_key, services().live.checks, limits.limits_of(current_app)

        def ask() -> Fields:
            try:
                return check(secret_hash)
            except Forbidden:
                counts.count_address(limits.KEYS)
                raise

        if not checks.knows_key(secret_hash):
            counts.require_left(limits.KEYS)
        return checks.key(secret_hash, ask)

    def order_link(self, number: str, link_id: str) -> bool:
        ask = services().support.check_order_link
        return services().live.checks.order_link(number, link_id, lambda: ask(number, link_id))

    def ticket(self, token: str) -> Fields:
        return services().support.exchange_ticket_token(token)


def end_of_token() -> datetime | None:
    """Return until when the token of this request is valid."""
    return auth.end_of(request.headers.get("Authorization"), settings().verifying, now(), Asking())


def _admit(roles: tuple[str, ...], act: limits.Act | None) -> None:
    """Find out who asks and let the calls of this request carry it. Raises 401 when a guest cannot be meant.

    What it counts as, if anything, is counted; 429 when that is too often. Only a signed-in caller is not counted by
    address beforehand: they may be staff, who share one.
    """
    header = request.headers.get("Authorization")
    counts = limits.limits_of(current_app) if act else None
    may_be_staff = SIGNATURE not in roles and auth.says_signed_in(header)
    if counts and act and not may_be_staff:
        counts.count_address(act)
    if SIGNATURE in roles:
        speak_as(replace(auth.GUEST, trace_id=g.trace_id))
        return
    try:
        found = auth.identify(header, settings().verifying, now(), Asking())
    except Refused:
        if counts and act and may_be_staff:
            counts.count_address(act)
        raise
    if counts and act:
        if may_be_staff and not found.is_staff:
            counts.count_address(act)
        if found.roles or found.grants:
            counts.count_caller(act, found)
    key = (bodies.idempotency_key() or ids.new_id()) if request.method not in READING else None
    speak_as(replace(found, trace_id=g.trace_id, idempotency_key=key))
    if ANYONE not in roles:
        auth.require_somebody(g.caller)


def _admit_by_ticket(ticket: str, order_number: str) -> None:
    """Let the calls of this request carry who asked for the ticket. Raises 401 for one that is no good here."""
    found, g.ends = auth.identify_by_ticket(ticket, order_number, settings().verifying, now())
    speak_as(replace(found, trace_id=g.trace_id))


def _document(doc: dict[str, object], info: JsonDict, *, method: str, **_: object) -> dict[str, object]:
    return describe(doc, info, method=method, rule=info.get("rule", ""))
