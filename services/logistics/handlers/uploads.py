"""Scans that staff upload, for carriers that tell us nothing by themselves."""

from __future__ import annotations

from collections.abc import Collection

from services.common.basics import ids
from services.logistics.adapters.carriers import csv_rows
from services.logistics.adapters.carriers.csv_rows import ReadRow
from services.logistics.api.events import ScansUploaded
from services.logistics.api.sources import ScanOutcome, ScanRow, UploadedScans
from services.logistics.domain import TrackingEvent
from services.logistics.handlers import tracking
from services.logistics.handlers.matching import Key, key_of
from services.logistics.handlers.webhooks import UNMAPPED, unknown_code
from services.logistics.handlers.words import note_flaws
from services.logistics.repository import Work


def upload_scans(work: Work, csv_text: str) -> UploadedScans:
    """Take in the rows that can be read, and say of each what became of it."""
    read = csv_rows.read(csv_text, work.now)
    scans = [row.scan for row in read if row.scan is not None]
    taken = tracking.take_in(work, scans, [row.told for row in read if row.told is not None])
    added, source = {scan.digest for scan in taken.added}, csv_rows.CsvRows.name
    unknown = [scan for scan in scans if scan.unmapped]
    note_flaws(work, source, map(unknown_code, unknown), {scan.tracking_number for scan in unknown})
    UNMAPPED.labels(source).inc(sum(scan.unmapped for scan in taken.added))
    rows = [_outcome(row, added, taken.nobodys) for row in read]
    refused = sum(row["outcome"] == "refused" for row in rows)
    if rows:
        work.journal.record(
            ScansUploaded(upload_id=ids.new_id(), rows=len(rows), added=len(taken.added), refused=refused)
        )
    return {"added": len(taken.added), "refused": refused, "rows": rows}


def _outcome(row: ReadRow, added: Collection[str], nobodys: Collection[Key]) -> ScanRow:
    told: ScanOutcome = "refused" if row.scan is None else _became(row.scan, added, nobodys)
    return {"row": row.row, "tracking_number": row.tracking_number, "outcome": told, "detail": row.problem}


def _became(scan: TrackingEvent, added: Collection[str], nobodys: Collection[Key]) -> ScanOutcome:
    scan = tracking.folded(scan)
    if scan.digest not in added:
        return "known"
    if key_of(scan) in nobodys:
        return "unmatched"
    return "unknown_status" if scan.unmapped else "added"
