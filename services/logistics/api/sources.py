"""The sources of scans beside carriers' webhooks: what was kept of these, read again; and rows that staff upload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypedDict

from services.common.basics.api import Api, command
from services.common.basics.caller import LEAD, WAREHOUSE
from services.common.basics.errors import Invalid
from services.common.basics.shapes import Example, Line, Note

MOST_ROWS = 1000


class BadScansCsv(Invalid):
    """The text is no CSV, has no column that it needs, or too many rows."""

    code = "bad_scans_csv"
    message = "This is not a CSV of scans."


@dataclass(frozen=True)
class RereadWebhooks:
    """Which of the webhooks that are kept; without anything: all of them."""

    carrier: Annotated[str, Line(40), Note("the source, in any spelling"), Example("easypost")] | None = None
    tracking_number: Annotated[str, Line(64), Note("in any spelling"), Example("1Z 999-885B")] | None = None
    since: Annotated[datetime, Note("received then or later"), Example("2026-03-01T00:00:00Z")] | None = None
    until: Annotated[datetime, Note("received before"), Example("2026-03-02T00:00:00Z")] | None = None


class MarkedWebhooks(TypedDict):
    """How many will be read again, some thousand a minute."""

    webhooks: int


ScanOutcome = Literal["added", "known", "unmatched", "unknown_status", "refused"]


class ScanRow(TypedDict):
    """What became of a row. row: its number in the file, the header is 1. detail: why it was refused.

    added: it counts for a parcel. known: we had it already. unmatched: it is kept, and no parcel has the number.
    unknown_status: it is kept, and changes nothing until we know the word. refused: it is not kept.
    """

    row: int
    tracking_number: str | None
    outcome: ScanOutcome
    detail: str | None


class UploadedScans(TypedDict):
    """What became of the rows of a file."""

    added: int
    refused: int
    rows: list[ScanRow]


class Sources(Api):
    """Scans that do not come by themselves."""

    @command(roles=(LEAD,))
    def reread_webhooks(self, wanted: RereadWebhooks) -> MarkedWebhooks:
        """Read again what carriers sent in the last 90 days, with what we know of their codes by now.

        What a scan means now holds from then on, as if it had been understood at once: parcels move, customers are
        told. A scan that means the same changes nothing, however often it is read.
        """

    @command(roles=(WAREHOUSE, LEAD), errors=(BadScansCsv,))
    def upload_scans(self, csv_text: str) -> UploadedScans:
        """Take in scans of a carrier without a connection, as the rows of a CSV, with an outcome for each.

        Columns: `tracking_number`, `occurred_at` (with an offset, or in the time of `country`), `status` (one of ours),
        and where known `carrier`, `message`, `location`, `country`, `reason`. A row that cannot be read costs that row.
        The same rows again change nothing.
        """
