"""Photos of a box as it left: they show what was in it, and how it was packed (standard, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.common.basics.api import Api, command
from services.common.basics.caller import WAREHOUSE
from services.common.basics.errors import Conflict
from services.common.basics.shapes import UPLOAD_LINK, Example, Length, Line, Note, Pattern
from services.common.basics.states import VersionMoved
from services.logistics.api.refusals import ShipmentNotFound, WrongShipmentStatus
from services.logistics.api.replies import ShipmentView
from services.logistics.api.shipments import ShipmentVersion

MOST_PHOTOS = 10
AN_UPLOAD = "/v1/uploads/0b0e5b6c-5a52-4f0a-9d6f-0c2b7e0f6a11"
Photo = Annotated[str, Line(60), Pattern(UPLOAD_LINK, "Not the address of a file that was sent."), Example(AN_UPLOAD)]


class TooManyPhotos(Conflict):
    """A shipment has as many photos as it may have."""

    code = "too_many_photos"
    message = f"A shipment has {MOST_PHOTOS} photos at most."


@dataclass(frozen=True)
class AddPhotos:
    """Files that were sent before: `/v1/uploads/…`."""

    photos: Annotated[tuple[Photo, ...], Length(1, MOST_PHOTOS), Note("files that were sent: `/v1/uploads/…`")]
    version: ShipmentVersion | None = None


class Photos(Api):
    """What a box looked like."""

    @command(
        roles=(WAREHOUSE,), errors=(ShipmentNotFound, WrongShipmentStatus, TooManyPhotos, VersionMoved), personal=True
    )
    def add_photos(self, number: str, photos: AddPhotos) -> ShipmentView:
        """Keep photos of a box with its shipment, as long as that is kept; staff see them.

        One that it has already is not added again. 409 `wrong_shipment_status` for what has no box yet or was
        recalled, and once the order is erased; 409 `too_many_photos`.
        """
