"""The promises that run, and how they were kept (standard, section 6), over all services."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypedDict, cast

from gateway.http.calls import ask_each
from gateway.http.resource import Resource
from services import SERVICES
from services.common.basics.api import BadCursor, EveryService, KindReport, ListBreaches, Period, RunningCommitment
from services.common.basics.clock import sortable
from services.common.basics.shapes import Page, PageQuery

blp = Resource("commitments", "Promises: each has a clock, an owner and a proof")


class Commitment(RunningCommitment):
    """A running clock, and the service that keeps it."""

    service: str


class RunningCommitments(TypedDict):
    """A page of clocks, in the order of their due times; `missing` names the services that did not answer just now."""

    items: list[Commitment]
    next_cursor: str | None
    missing: list[str]


class ServiceReport(KindReport):
    service: str


class Report(TypedDict):
    """Kept, breached and running, by service and kind, of the clocks started in the period."""

    items: list[ServiceReport]
    missing: list[str]


@blp.get("/commitments", EveryService.list_commitments, errors=(BadCursor,))
def list_commitments(query: PageQuery) -> RunningCommitments:
    """List the clocks that run, the next due first.

    The clocks of a service that does not answer are missing on this page and named in `missing`.
    """
    places = read_cursor(query.cursor)
    parts, missing = ask_each(
        lambda service, name: service.list_commitments(PageQuery(query.limit, places[name].cursor)), places
    )
    pages = {name: (_unseen(part["items"], places[name].seen), part["next_cursor"]) for name, part in parts.items()}
    items, places = take(query.limit, pages, places)
    return {"items": items, "next_cursor": write_cursor(places), "missing": missing}


@blp.get("/commitments/breaches", EveryService.list_breaches, errors=(BadCursor,))
def list_breaches(query: ListBreaches) -> RunningCommitments:
    """List the promises of a period that were broken, the latest due first, each with who broke it as facts say.

    Those of a service that does not answer are missing on this page and named in `missing`.
    """
    places = read_cursor(query.cursor)

    def ask(service: EveryService, name: str) -> Page[RunningCommitment]:
        return service.list_breaches(replace(query, cursor=places[name].cursor))

    parts, missing = ask_each(ask, places)
    pages = {
        name: (_unseen(part["items"], places[name].seen, latest=True), part["next_cursor"])
        for name, part in parts.items()
    }
    items, places = take(query.limit, pages, places, latest=True)
    return {"items": items, "next_cursor": write_cursor(places), "missing": missing}


@blp.get("/commitments/report", EveryService.report_commitments)
def report_commitments(period: Period) -> Report:
    """Count the promises of a period: kept, breached, still running, by service and kind."""
    parts, missing = ask_each(lambda service, _: service.report_commitments(period))
    items = [cast(ServiceReport, {"service": name, **row}) for name, part in parts.items() for row in part["items"]]
    return {"items": items, "missing": missing}


class Place(NamedTuple):
    """How far one service's list has been read: the cursor of its page, and the last item shown of that page."""

    cursor: str | None = None
    seen: tuple[str, str, str] | None = None


Pages = Mapping[str, tuple[Sequence[RunningCommitment], str | None]]


def take(
    limit: int, pages: Pages, places: Mapping[str, Place], *, latest: bool = False
) -> tuple[list[Commitment], dict[str, Place]]:
    """Merge the services' pages by due time: (at most `limit` items, where each list goes on). latest: it comes first.

    It stops early where a service's page ends and more of it may follow, because what follows may be due sooner than
    what the others still have. A service without a page keeps its place; a list that has ended has none.
    """
    left = {name: list(reversed(items)) for name, (items, _) in pages.items()}
    after = dict(places)
    taken: list[Commitment] = []
    for name in [name for name, items in left.items() if not items]:
        _leave(name, pages, after)
    while len(taken) < limit and any(left.values()):
        first = max if latest else min
        name = first((name for name, items in left.items() if items), key=lambda name: (_key(left[name][-1]), name))
        item = left[name].pop()
        taken.append(cast(Commitment, {"service": name, **item}))
        after[name] = Place(places[name].cursor, _key(item))
        if not left[name]:
            _leave(name, pages, after)
            if name in after:
                break
    return taken, after


def _leave(name: str, pages: Pages, after: dict[str, Place]) -> None:
    """Finish a page: the list continues with its next page, or has ended."""
    following = pages[name][1]
    if following is None:
        del after[name]
    else:
        after[name] = Place(following)


def read_cursor(cursor: str | None) -> dict[str, Place]:
    """Return where each service's list continues. Raise Invalid (`bad_cursor`) for a cursor that is not ours."""
    if cursor is None:
        return {name: Place() for name in SERVICES}
    try:
        plain = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        places = {name: Place(inner, seen and (seen[0], seen[1], seen[2])) for name, inner, seen in plain}
        if not places or not set(places) <= set(SERVICES):
            raise ValueError
        for place in places.values():
            if not all(isinstance(text, str) for text in (place.cursor or "", *(place.seen or ()))):
                raise TypeError
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        raise BadCursor from None
    return places


def write_cursor(places: Mapping[str, Place]) -> str | None:
    """Return the cursor, opaque to the client, or None if all lists have ended."""
    plain = [[name, place.cursor, place.seen] for name, place in places.items()]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=") if plain else None


def _unseen(
    items: Sequence[RunningCommitment], seen: tuple[str, str, str] | None, *, latest: bool = False
) -> Sequence[RunningCommitment]:
    """Return what follows the last item shown; if that has stopped meanwhile, what is not due before it."""
    if seen is None:
        return items
    for index, item in enumerate(items):
        if _key(item) == seen:
            return items[index + 1 :]
    return [item for item in items if (_key(item)[0] <= seen[0] if latest else _key(item)[0] >= seen[0])]


def _key(item: RunningCommitment) -> tuple[str, str, str]:
    return sortable(item["due_at"]), str(item["kind"]), str(item["subject"])
