"""Declare what a service answers, once: the service implements it, the gateway calls it, mypy checks both ends.

    class Placing(Api):
        @command(roles=(ANYONE,), errors=(OutOfStock,))
        def place_order(self, order: PlaceOrder) -> PlacedOrder:
            \"\"\"Place an order.

            Prices are the catalogue's; shipping and duties are always 0.00.
            \"\"\"

        @query(roles=(CUSTOMER, AGENT))
        def get_order(self, number: OrderNumber) -> OrderView:
            \"\"\"Show an order.\"\"\"

    class OrdersApi(Placing, Catalogue, EveryService, service="orders"):
        \"\"\"Orders: …\"\"\"

Declarations have no bodies. Arguments are texts (numbers, SKUs) first and at most one request, a frozen dataclass;
replies are TypedDicts of JSON (`shapes`). From a declaration come the validation at both edges, the at-most-once of
commands, the gateway's typed client, and the API document: roles, errors, texts and schemas.

This module is pure, so that all may import a service's `api` package: the service's own domain, its followers
and the gateway.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, NotRequired, TypedDict, TypeVar, get_type_hints

from services.common.basics.caller import ADMIN, AGENT, CASE_STAFF, CUSTOMER, LEAD, Caller, role_required
from services.common.basics.errors import Invalid, NotFound, ServiceError, Unavailable
from services.common.basics.shapes import (
    BreachCause,
    CommitmentView,
    Cursor,
    Example,
    Length,
    Limit,
    Line,
    Note,
    Page,
    PageQuery,
    Timestamp,
)
from services.common.basics.untyped import Fields, JsonDict

ANYONE = "anyone"
KEPT_DAYS = 90  # how far back all may see how promises were kept
SIGNATURE = "whoever signed the body"

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Declared:
    """What an interface says of one method.

    roles:  for whom the service may say yes; ANYONE includes guests. All others are refused before anything is looked
            up, so that they learn nothing. CUSTOMER includes who came by a link. Whose thing it is, the method says.
    errors: the refusals of its own that a caller should know how to handle.
    keyed:  whether a command is done at most once for a caller's idempotency key.
    personal: whether the reply shows a customer's personal data; each reading of it by staff is recorded.
    """

    name: str
    kind: Literal["command", "query"]
    roles: tuple[str, ...]
    errors: tuple[type[ServiceError], ...]
    method: Callable[..., Any]
    keyed: bool = False
    personal: bool = False

    @property
    def is_query(self) -> bool:
        return self.kind == "query"

    def admits(self, caller: Caller, links: Iterable[str]) -> bool:
        """Return whether this caller may ask at all. links: the kinds of links that lead to things of this service."""
        if ANYONE in self.roles or SIGNATURE in self.roles or caller.has(*self.roles):
            return True
        return CUSTOMER in self.roles and caller.came_by_link(*links)

    def require(self, caller: Caller, links: Iterable[str]) -> None:
        """Raise Forbidden (`role_required`) unless this caller may ask."""
        if not self.admits(caller, links):
            raise role_required(self.roles)

    @property
    def doc(self) -> str:
        """The text of the API document: a line, and paragraphs after an empty line."""
        return inspect.cleandoc(self.method.__doc__ or "")

    @cached_property
    def parameters(self) -> Fields:
        """The annotated type of each argument, in order."""
        return {name: hint for name, hint in self._hints.items() if name != "return"}

    @cached_property
    def request(self) -> Any:
        """The dataclass of the one argument that is a request, if there is one."""
        return next((hint for hint in self.parameters.values() if is_dataclass(hint)), None)

    @cached_property
    def reply(self) -> Any:
        return self._hints["return"]

    @cached_property
    def _hints(self) -> JsonDict:
        return get_type_hints(self.method, include_extras=True)


def command(
    *, roles: Iterable[str], errors: Iterable[type[ServiceError]] = (), keyed: bool = True, personal: bool = False
) -> Callable[[F], F]:
    """Mark a method that changes something. It is done at most once for a caller's idempotency key.

    keyed=False: what it answers is a secret that is never stored, or a repeat does no harm; a key makes no difference.
    personal: as of a query; a refusal that shows the thing as it is now (`VersionMoved`) counts too.
    """
    return _declare("command", roles, errors, keyed=keyed, personal=personal)


def query(
    *, roles: Iterable[str], errors: Iterable[type[ServiceError]] = (), personal: bool = False
) -> Callable[[F], F]:
    """Mark a method that only reads. A client repeats it when no answer came.

    personal: it shows a customer's name, address, telephone number or words.
    """
    return _declare("query", roles, errors, personal=personal)


def _declare(
    kind: Literal["command", "query"],
    roles: Iterable[str],
    errors: Iterable[type[ServiceError]],
    *,
    keyed: bool = False,
    personal: bool = False,
) -> Callable[[F], F]:
    def mark(method: F) -> F:
        declared = Declared(method.__name__, kind, tuple(roles), tuple(errors), method, keyed, personal)
        method.declared = declared  # type: ignore[attr-defined]
        return method

    return mark


def declared_by(method: Callable[..., Any]) -> Declared:
    """Return the declaration of a method such as `OrdersApi.place_order`. Raise TypeError if there is none."""
    found = getattr(method, "declared", None)
    if not isinstance(found, Declared):
        raise TypeError(f"{method!r} is not declared as a command or a query")
    return found


class Api:
    """The base of every interface; `service` names whose interface it is, parts of one have none.

    links: the kinds of links by which a customer comes to things of this service.
    """

    service: ClassVar[str]
    links: ClassVar[tuple[str, ...]] = ("order",)
    methods: ClassVar[Mapping[str, Declared]]

    def __init_subclass__(cls, *, service: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if service is not None:
            cls.service, cls.methods = service, dict(_declared_in(cls))


def _declared_in(interface: type) -> Iterator[tuple[str, Declared]]:
    for base in reversed(interface.__mro__):
        for name, member in vars(base).items():
            if isinstance(getattr(member, "declared", None), Declared):
                yield name, member.declared


# what every service answers


class OrderNotFound(NotFound):
    """No such order, or one that the caller may not see."""

    code = "order_not_found"
    message = "There is no such order, or it is not yours."


class BadCursor(Invalid):
    """A cursor is only good for the list that gave it."""

    code = "bad_cursor"
    message = "This cursor did not come from this list."


class TimelineEntry(TypedDict):
    """One recorded fact, as the journal of its service holds it; `body` has the event's own fields."""

    id: str
    type: Annotated[str, Example("review_passed")]
    version: int
    subject: str
    subject_seq: int
    order_number: str | None
    occurred_at: Timestamp
    actor: Annotated[str, Note("customers read `staff`, not who it was")]
    audience: Literal["public", "internal"]
    trace_id: NotRequired[str]
    causation_id: NotRequired[str | None]
    body: Mapping[str, object]


class TimelinePart(TypedDict):
    """What one service recorded about an order, oldest first; `truncated`: there may be older entries."""

    items: list[TimelineEntry]
    truncated: bool


class RunningCommitment(CommitmentView):
    owner: str
    order_number: str | None


LONGEST_DAYS = 366


class PeriodNotGood(Invalid):
    """A period ends before it begins, or is longer than a year."""

    code = "period_not_good"
    message = f"A period ends after it begins, and has at most {LONGEST_DAYS} days."


@dataclass(frozen=True)
class Period:
    """From the first moment to the one after the last."""

    since: Annotated[datetime, Note("first moment, RFC 3339"), Example("2026-03-01T00:00:00Z")]
    until: Annotated[datetime, Note("the moment after the last"), Example("2026-12-31T00:00:00Z")]

    def require_at_most_a_year(self) -> None:
        """Raise `period_not_good` for one that ends before it begins, or is longer."""
        if not timedelta() < self.until - self.since <= timedelta(days=LONGEST_DAYS):
            raise PeriodNotGood


@dataclass(frozen=True)
class ListBreaches(Period):
    """The promises that were started in a period and broken; all, or those that one of us or of others broke."""

    cause: BreachCause | None = None
    limit: Limit = 20
    cursor: Cursor | None = None


class KindReport(TypedDict):
    """How many promises of a kind were started in a period, and what became of them."""

    kind: Annotated[str, Example("dispatch")]
    started: int
    kept: int
    breached: int
    running: int
    recalled: NotRequired[Annotated[int, Note("wanted no more: neither kept nor broken; left out when none")]]
    by_warehouse: NotRequired[Annotated[int, Note("of the broken, those of which the warehouse had the time lost")]]
    by_carrier: NotRequired[int]
    by_customs: NotRequired[int]
    by_customer: NotRequired[int]
    by_provider: NotRequired[int]
    by_platform: NotRequired[int]
    by_support: NotRequired[int]
    by_unknown: NotRequired[Annotated[int, Note("the facts do not say who; each of these is left out when none")]]


class CommitmentReport(TypedDict):
    items: list[KindReport]


class ServiceHealth(TypedDict):
    """Who can work; `terms` is the fingerprint of the PLEDGE_TERMS that this process was started with."""

    service: str
    status: Literal["ok"]
    process: NotRequired[Annotated[str, Note("host and process id of the one replica that answered")]]
    terms: NotRequired[str]


class JournalFlaw(TypedDict):
    """Where a hash chain is broken: `what` says edited, removed or inserted."""

    subject: str
    subject_seq: int
    what: str


class JournalVerification(TypedDict):
    service: str
    flaws: list[JournalFlaw]


class PersonalData(TypedDict):
    """What one service has of the customer who asks, as it shows it to them."""

    service: str
    data: Mapping[str, object]


class DeadLetter(TypedDict):
    """A message that a handler could not do, with its last error; it waits to be redriven."""

    event_id: str
    handler: Annotated[str, Example("on_payment_captured")]
    attempts: int
    error: str
    dead_at: Timestamp
    message: Annotated[Mapping[str, object] | None, Note("the entry as it was published; `text` where it is no JSON")]


@dataclass(frozen=True)
class RedriveLetters:
    """Which messages get another chance."""

    events: Annotated[tuple[Annotated[str, Line(64)], ...], Length(1, 200), Note("ids of events")]


class Redriven(TypedDict):
    """How many messages were parked under these ids and are tried again now."""

    redriven: int


class Upcoming(TypedDict):
    """Something that the service will do by itself: a job, a notice about a promise, another try of a message."""

    at: Timestamp
    kind: Literal["job", "promise", "retry"]
    what: Annotated[str, Example("dispatch")]
    does: NotRequired[Annotated[str, Note("of a job: what it does, in words")]]
    subject: str | None
    order_number: str | None


class UpcomingList(TypedDict):
    """What comes next, the soonest first; of each kind at most 20. Jobs of every few seconds are left out."""

    items: list[Upcoming]


class EveryService(Api):
    """What every service answers, whatever it is about."""

    @query(roles=(CUSTOMER, *CASE_STAFF), errors=(OrderNotFound,), personal=True)
    def get_timeline(self, order_number: str) -> TimelinePart:
        """Tell what this service recorded about an order; customers are shown the public entries."""

    @query(roles=(AGENT, LEAD))
    def list_commitments(self, query: PageQuery) -> Page[RunningCommitment]:
        """List the running clocks of this service, the next due first."""

    @query(roles=(AGENT, LEAD), errors=(PeriodNotGood,))
    def list_breaches(self, query: ListBreaches) -> Page[RunningCommitment]:
        """List the promises of a period that were broken, the latest due first, each with who broke it."""

    @query(roles=(AGENT, LEAD))
    def report_commitments(self, period: Period) -> CommitmentReport:
        """Count the promises that were started in a period: kept, breached, still running, by kind."""

    @query(roles=(ANYONE,))
    def count_promises(self) -> CommitmentReport:
        """Count those of the last KEPT_DAYS days, for all to read. No chosen period: it could single a person out."""

    @query(roles=(ANYONE,), errors=(Unavailable,))
    def get_health(self) -> ServiceHealth:
        """Say whether this service can work now."""

    @query(roles=(CUSTOMER,))
    def export_person(self) -> PersonalData:
        """Return what this service has of the customer who asks."""

    @query(roles=(AGENT, LEAD))
    def verify_journal(self) -> JournalVerification:
        """Check the hash chains of this service's journal. No flaws are the proof that nothing was changed."""

    @query(roles=(ADMIN,), personal=True)
    def list_dead_letters(self, query: PageQuery) -> Page[DeadLetter]:
        """List the messages that were given up, the oldest first."""

    @command(roles=(ADMIN,), keyed=False)
    def redrive_letters(self, wish: RedriveLetters) -> Redriven:
        """Give messages another chance, at once. It is recorded who did."""

    @query(roles=(ADMIN, LEAD))
    def list_upcoming(self) -> UpcomingList:
        """List what this service will do by itself next."""


EVERY: Mapping[str, Declared] = dict(_declared_in(EveryService))
