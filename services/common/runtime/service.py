"""What every service is: it implements its interface, follows events, and does a few things by itself.

    class OrdersService(Service, OrdersApi):
        name = "orders"
        transaction = Database(Work, OrdersSettings)
        work: Work
        follows = (on(ShipmentCreated, following.on_shipment_created), …)

        def get_order(self, number: str) -> OrderView:
            return views.order(placing.get_order(self.work, number))

Each method that the interface declares answers over the bus: a caller without one of the declared roles is refused
before anything is read, here and nowhere else; its request is validated and built, then the method runs in one
transaction, `self.work`, which commits when it returns. A query reads as of one moment; a command is done at
most once for the caller's idempotency key, and a repeat gets the reply that was kept with the effect. One that the
database ends for another one's sake is run again (`repeated`). A method marked
`@opens_its_own` talks to another machine before or after its transaction: it is called without one and opens it with
`self.transaction()`.

answers  get_timeline, list_commitments, list_breaches, report_commitments, count_promises, get_health,
         export_person, verify_journal, list_dead_letters, redrive_letters, list_upcoming
does     reports clocks that run out, within a second; forgets what need not be remembered, every hour
"""

from __future__ import annotations

import inspect
import os
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import timedelta
from typing import ClassVar, TypeVar

from services.common.basics.api import (
    EVERY,
    KEPT_DAYS,
    CommitmentReport,
    DeadLetter,
    Declared,
    EveryService,
    JournalFlaw,
    JournalVerification,
    ListBreaches,
    OrderNotFound,
    Period,
    PersonalData,
    RedriveLetters,
    Redriven,
    RunningCommitment,
    ServiceHealth,
    TimelinePart,
    UpcomingList,
)
from services.common.basics.caller import CUSTOMER
from services.common.basics.errors import Invalid
from services.common.basics.shapes import Asked, BreachCause, Page, PageQuery
from services.common.bus.rpc import rpc
from services.common.commitments import Clock, fingerprint
from services.common.commitments.causes import Attribution
from services.common.edge.schemas import load
from services.common.runtime.config import Settings
from services.common.runtime.database import Calling
from services.common.runtime.handling import Handling
from services.common.runtime.messaging import InboxEntrypoint
from services.common.runtime.timers import every
from services.common.store import idempotency, letters
from services.common.store.database import Work, repeated
from services.common.store.journal import TIMELINE_LIMIT

Method = TypeVar("Method", bound=Callable[..., object])


def opens_its_own(method: Method) -> Method:
    """Let a method run without a transaction around it; it opens `self.transaction()` where it needs one."""
    method.opens_its_own = True  # type: ignore[attr-defined]
    return method


class Service(Handling, EveryService):
    """The base of all services; a subclass gives its name, its database and what its interface declares."""

    name: ClassVar[str]
    causes: ClassVar[Mapping[str, BreachCause]] = {}  # who breaks each kind of promise, where no facts say it
    caller = Calling()
    work: Work  # the open unit of work, of the subclass's own kind

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, declared in getattr(cls, "methods", EVERY).items():
            method = getattr(cls, name)
            if hasattr(method, "declared"):
                raise TypeError(f"{cls.__name__} does not implement {name}")
            if not hasattr(method, "answers"):
                setattr(cls, name, rpc(_answering(declared, method)))

    handle_events = InboxEntrypoint.decorator(Handling.handle_events)

    def may_see_order(self, order_number: str) -> bool:
        """Say whether the caller may see what happened to an order here: staff, and holders of the order's link."""
        return self.work.caller.is_staff or self.work.caller.owns(f"order:{order_number}", None)

    def get_timeline(self, order_number: str) -> TimelinePart:
        if not self.may_see_order(order_number):
            raise OrderNotFound
        entries = self.work.journal.timeline(order_number, public_only=not self.work.caller.is_staff)
        return {"items": entries, "truncated": len(entries) == TIMELINE_LIMIT}

    def list_commitments(self, query: PageQuery) -> Page[RunningCommitment]:
        return self.work.commitments.list_running(cursor=query.cursor, limit=query.limit)

    def list_breaches(self, query: ListBreaches) -> Page[RunningCommitment]:
        return self.work.commitments.list_breaches(query)

    def report_commitments(self, period: Period) -> CommitmentReport:
        return {"items": self.work.commitments.report(period.since, period.until)}

    def count_promises(self) -> CommitmentReport:
        until = self.work.now
        return {"items": self.work.commitments.report(until - timedelta(days=KEPT_DAYS), until)}

    def cause_of(self, clock: Clock) -> Attribution:
        """Return who broke a promise. It locks nothing and never fails: what the facts do not say is unknown."""
        return Attribution(self.causes.get(clock.kind, BreachCause.UNKNOWN))

    def get_health(self) -> ServiceHealth:
        self.work.inbox.dead(limit=1)
        settings, process = self.work.settings, f"{socket.gethostname()}:{os.getpid()}"
        assert isinstance(settings, Settings)
        return {"service": self.name, "status": "ok", "process": process, "terms": fingerprint(settings.terms)}

    def export_person(self) -> PersonalData:
        self.work.caller.require(CUSTOMER)
        return {"service": self.name, "data": self.personal_data()}

    def personal_data(self) -> Mapping[str, object]:
        """Return what this service has of the caller, a customer; it says so itself if it has anything."""
        return {}

    def verify_journal(self) -> JournalVerification:
        flaws: list[JournalFlaw] = [
            {"subject": flaw.subject, "subject_seq": flaw.subject_seq, "what": flaw.what}
            for flaw in self.work.journal.verify()
        ]
        return {"service": self.name, "flaws": flaws}

    def list_dead_letters(self, query: PageQuery) -> Page[DeadLetter]:
        return letters.list_dead(self.work.session, cursor=query.cursor, limit=query.limit)

    def redrive_letters(self, wish: RedriveLetters) -> Redriven:
        redriven = self.work.inbox.redrive(wish.events)
        if redriven:
            told = letters.LettersRedriven(inbox=f"{self.name}-inbox", events=wish.events, redriven=redriven)
            self.work.journal.record(told)
        return {"redriven": redriven}

    def list_upcoming(self) -> UpcomingList:
        items = letters.list_upcoming(self.work.session, self.work.now)
        for each in items:
            if each["kind"] == "job" and (done := getattr(self, each["what"], None)):  # else of a release before
                each["does"] = (inspect.getdoc(done) or "").partition("\n")[0]
        return {"items": items}

    @every(1.0, due=lambda work: work.commitments.next_notice())
    def sweep_commitments(self) -> None:
        """Announce the clocks that run out or have run out."""
        with self.transaction() as work:
            self.work = work
            work.journal.record(*work.commitments.sweep(self.cause_of))

    @every(3600.0)
    def forget_old(self) -> None:
        """Forget keys of repeated requests after a day, and which messages were handled after ninety."""
        with self.transaction() as work:
            idempotency.forget_old(work.session, work.now)
            work.inbox.forget_old()


def _answering(declared: Declared, method: Callable[..., object]) -> Callable[..., object]:
    """Return the method as it answers over the bus: arguments loaded, one transaction, a command done at most once."""
    hints = list(declared.parameters.values())
    alone, reading = getattr(method, "opens_its_own", False), declared.is_query

    def answer(self: Service, *given: object) -> object:
        declared.require(self.caller, self.links)
        arguments = [_loaded(hint, each) for hint, each in zip(hints, given, strict=True)]
        if alone:
            return method(self, *arguments)
        return repeated(lambda: in_transaction(self, given, arguments))

    def in_transaction(self: Service, given: Sequence[object], arguments: Sequence[object]) -> object:
        with self.transaction(reading=reading) as work:
            self.work = work
            if reading:
                return method(self, *arguments)
            return work.once(declared.name, list(given), lambda: method(self, *arguments), asker=asker_of(arguments))

    answer.__name__, answer.__qualname__, answer.__doc__ = declared.name, method.__qualname__, declared.doc
    answer.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]  # nameko checks calls against it
    answer.answers = declared  # type: ignore[attr-defined]
    return answer


def asker_of(arguments: Iterable[object]) -> str:
    """Return who is asking, as a request says (`shapes.Asked`), or "" if none does."""
    return next((each.asker for each in arguments if isinstance(each, Asked)), "")


def _loaded(hint: object, given: object) -> object:
    """Load one argument: build a valid request, require text for numbers and names, keep what a carrier sent."""
    if is_dataclass(hint):
        return load(hint, given)  # type: ignore[arg-type]  # mypy takes it for an instance
    if getattr(hint, "__origin__", hint) is str and not isinstance(given, str):
        raise Invalid("a number or name must be a text", code="bad_call")
    return given
