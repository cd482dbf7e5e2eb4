"""Carriers without a connection: people upload what they say, as the rows of a CSV.

tracking_number,occurred_at,status,carrier,message,location,country,reason
VAN-1,2026-03-10T15:20:00-06:00,delivered,our van,"Handed over, Mrs Byron","Denver, CO",US,

`occurred_at` has an offset, or is in the time of a country that has one time. `status` is one of ours; another word is
kept as unknown. `reason` is one of ours, or left out. What is known beside a scan may stand in the columns expected,
pick_up_name, pick_up_address, pick_up_hours, pick_up_until, received_by, photo_url, next_carrier, next_number, latitude
and longitude. The columns may stand in any order, separated by commas, semicolons or tabs; others are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from services.common.basics.csv_rows import UnusableTable, named_rows
from services.common.calendar.places import certain_zone
from services.logistics.adapters.carriers import beside
from services.logistics.adapters.carriers.carrier import Carrier
from services.logistics.adapters.carriers.reading import Webhook, moment, moment_there, required_text, text, word
from services.logistics.adapters.carriers.scanned import UNKNOWN, Meaning, ScanReport
from services.logistics.adapters.carriers.where import country_code, where
from services.logistics.api.parts import carrier_code
from services.logistics.api.refusals import MalformedWebhook
from services.logistics.api.sources import MOST_ROWS, BadScansCsv
from services.logistics.api.statuses import ParcelStatus, Reason
from services.logistics.domain import TrackingEvent
from services.logistics.domain.facts import Told

A_DAY = timedelta(days=1)
NEEDED = frozenset({"tracking_number", "occurred_at", "status"})
_MEANINGS = {status.value: Meaning(status) for status in ParcelStatus}
_REASONS = {reason.value: reason for reason in Reason}


@dataclass(frozen=True)
class CsvRows(Carrier):
    """The adapter. It takes no webhooks: who uploads is signed in."""

    name: ClassVar[str] = "csv"

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        return False

    def parse(self, raw: bytes, received_at: datetime) -> Webhook:
        raise MalformedWebhook("rows are uploaded")


@dataclass(frozen=True)
class ReadRow:
    """A row of the file, the header is row 1: its scan, or what is wrong with it."""

    row: int
    tracking_number: str | None
    scan: TrackingEvent | None
    problem: str | None = None
    told: Told | None = None


def read(given: str, received_at: datetime) -> list[ReadRow]:
    """Read a file. Raise BadScansCsv for one that cannot be read as a whole."""
    try:
        return [_read(number, row, received_at) for number, row in named_rows(given, NEEDED, MOST_ROWS)]
    except UnusableTable as problem:
        raise BadScansCsv(str(problem)) from None


def _read(number: int, row: Mapping[str, object], received_at: datetime) -> ReadRow:
    shown = text(row, "tracking_number", 64) or None
    try:
        scan = _scan(row, received_at)
        return ReadRow(number, shown, scan, told=_told(row, scan))
    except MalformedWebhook as problem:
        return ReadRow(number, shown, None, problem.message)


def _told(row: Mapping[str, object], scan: TrackingEvent) -> Told:
    """Return what a row says beside its scan, which holds since then."""
    number, said_at = scan.tracking_number, scan.at
    return Told(
        scan.carrier,
        scan.source,
        number,
        said_at,
        eta=beside.expected(beside.day(row, "expected"), None, said_at),
        pick_up=beside.pick_up(
            row, name="pick_up_name", address="pick_up_address", hours="pick_up_hours", note="", until="pick_up_until"
        ),
        received_by=beside.some(row, "received_by"),
        photo_url=beside.link(row, "photo_url"),
        handed_on=beside.handed_on(row, "next_carrier", "next_number", number),
        position=beside.position(row, said_at),
    )


def _scan(row: Mapping[str, object], received_at: datetime) -> TrackingEvent:
    carrier = carrier_code(text(row, "carrier", 80)) or CsvRows.name
    about = ScanReport(CsvRows.name, carrier, required_text(row, "tracking_number", 64), received_at)
    status, location = word(row, "status"), text(row, "location", 200)
    country = country_code(text(row, "country", 3))
    zone = certain_zone(country) if country else None
    given = {"occurred_at": text(row, "occurred_at", 41)}
    at = moment_there(given, "occurred_at", zone) if zone else moment(given, "occurred_at")
    if at > received_at + A_DAY:  # a date alone is noon
        raise MalformedWebhook("occurred_at is in the future")
    meaning = _MEANINGS.get(required_text({"status": status}, "status", 40), UNKNOWN)
    meaning = meaning._replace(reason=_REASONS.get(word(row, "reason")))
    return about.scan(at, where(country), status, meaning, message=text(row, "message", 500), location=location or None)
