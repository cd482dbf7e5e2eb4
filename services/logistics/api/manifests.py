"""Manifests: what a carrier picks up on a day, as one paper that its driver scans instead of each parcel.

Made for labels that were bought here, of carriers whose seller makes them. A label is on one manifest, at most.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import LEAD, WAREHOUSE
from services.common.basics.errors import Conflict, NotFound
from services.common.basics.shapes import Example, Format, Note, Timestamp
from services.logistics.api.labels import CarrierBusy, CarrierUnavailable, LabelPaper, LabelProblem


class ManifestStatus(StrEnum):
    """Where a manifest is on its way."""

    WANTED = "wanted"  # asked for; the carrier has not made it yet
    MADE = "made"  # to be printed
    FAILED = "failed"  # the carrier does not make it; its labels may be on another one


class ManifestNotFound(NotFound):
    """There is no manifest of that id."""

    code = "manifest_not_found"
    message = "There is no such manifest."


class ManifestNotPrintable(Conflict):
    """A manifest is printed once it is made. `details`: `{"status"}`."""

    code = "manifest_not_printable"
    message = "There is nothing to print of this manifest."


class ManifestView(TypedDict):
    """The parcels that one carrier picks up on a day."""

    id: str
    seller: Annotated[str, Example("easypost")]
    carrier: Annotated[str, Example("usps")]
    day: Annotated[str, Format("date"), Note("of the place that they leave from")]
    status: ManifestStatus
    labels: Annotated[int, Note("how many are on it")]
    problem: LabelProblem | None
    wanted_at: Timestamp
    wanted_by: str
    made_at: Timestamp | None


class ManifestList(TypedDict):
    """The latest manifests, at most 50. waiting: labels that were bought today and are on none."""

    items: list[ManifestView]
    waiting: int


class Manifests(Api):
    """Manifests for carriers that pick up."""

    @command(roles=(WAREHOUSE,), keyed=False)
    def make_manifests(self) -> ManifestList:
        """Make a manifest for each carrier, of all labels that were bought today and are on none.

        The same again makes none for these labels. One that its carrier does not make now stays `wanted`, and is asked
        for again by itself.
        """

    @query(roles=(WAREHOUSE, LEAD))
    def list_manifests(self) -> ManifestList:
        """List the latest manifests, and say how many labels wait for one."""

    @query(roles=(WAREHOUSE, LEAD), errors=(ManifestNotFound, ManifestNotPrintable, CarrierUnavailable, CarrierBusy))
    def get_manifest_paper(self, manifest_id: str) -> LabelPaper:
        """Give a manifest as PDF, as often as wanted."""
