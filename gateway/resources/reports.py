"""How the promises were kept, to be read by all (standard, section 6): numbers by kind, no more."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Annotated, TypedDict, cast

from flask import current_app

from gateway.http.calls import ask_each
from gateway.http.fresh import Fresh
from gateway.http.resource import Resource
from services.common.basics.api import KEPT_DAYS, EveryService
from services.common.basics.clock import now, rfc3339
from services.common.basics.shapes import Example, Note, Timestamp

GOOD_SECONDS = 300.0  # that numbers are given again: strangers cost the services one question in that time
MISSING_SECONDS = 60.0  # where a service did not answer

blp = Resource("reports", "Reports")


class KindKept(TypedDict):
    """The promises of one kind that were made in the period, and what became of them."""

    kind: Annotated[str, Example("dispatch")]
    kept: int
    breached: Annotated[int, Note("not kept in time, those that still run and are late among them")]
    running: Annotated[int, Note("neither kept nor late yet")]


class PromisesKept(TypedDict):
    """`items`: by kind, all services together; `missing`: the services that did not answer just now."""

    since: Timestamp
    until: Timestamp
    items: list[KindKept]
    missing: list[str]


@blp.get("/reports/promises", EveryService.count_promises)
def report_promises() -> PromisesKept:
    """Count the promises of the last 90 days by kind. The numbers are at most five minutes old."""
    numbers: Fresh[PromisesKept] = current_app.extensions.setdefault("promises kept", Fresh(_seconds))
    return numbers.get(_count)


def _seconds(found: PromisesKept) -> float:
    return MISSING_SECONDS if found["missing"] else GOOD_SECONDS


def _count() -> PromisesKept:
    until = now()
    parts, missing = ask_each(lambda service, _: service.count_promises())
    by_kind: dict[str, Counter[str]] = {}
    for row in (row for part in parts.values() for row in part["items"]):
        by_kind.setdefault(row["kind"], Counter()).update(
            kept=row["kept"], breached=row["breached"], running=row["running"]
        )
    items = [cast(KindKept, {"kind": kind, **counted}) for kind, counted in sorted(by_kind.items())]
    since = until - timedelta(days=KEPT_DAYS)
    return {"since": rfc3339(since), "until": rfc3339(until), "items": items, "missing": missing}
