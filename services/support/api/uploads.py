"""Files that customers and staff send along: pictures, PDF and plain text (standard, section 5).

A file is sent first, and belongs to nothing; a message, a contact form or a return then names it, once, and from then
on it is shown to whom that is shown, and kept as long. What is named by nothing is gone after a day. Who is no staff
sends files with a token that stands for the form they write in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, NotRequired, TypedDict

from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import CUSTOMER, STAFF
from services.common.basics.errors import Forbidden, Invalid, NotFound
from services.common.basics.shapes import Between, Example, Length, Line, Note, Pattern, Timestamp
from services.support.api.parts import Accepted, OrderNumber, TicketNumber

MOST_FILES = 5
"""Files that one message or form may have."""
MOST_BYTES = 10 << 20
"""Bytes that one file may have."""
MOST_OF_FORM = 20
"""Files that may wait in one form: those that its writer took out again count for a day."""
NAME_LENGTH = 120

ID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
UploadId = Annotated[
    str,
    Line(36),
    Pattern(ID_PATTERN, "Not the id of a file that was sent."),
    Example("0b0e5b6c-5a52-4f0a-9d6f-0c2b7e0f6a11"),
]
Attachments = Annotated[
    tuple[UploadId, ...], Length(0, MOST_FILES), Note("the ids of files that were sent before, each named once")
]


class MediaType(StrEnum):
    """What a file may be, found out from its content."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"
    TEXT = "text/plain"


ENDINGS = {
    MediaType.JPEG: (".jpg", ".jpeg", ".jfif"),
    MediaType.PNG: (".png",),
    MediaType.WEBP: (".webp",),
    MediaType.PDF: (".pdf",),
    MediaType.TEXT: (".txt", ".log", ".csv", ".md"),
}


class UploadNotFound(NotFound):
    """There is no such file, it is gone, or it belongs to what the caller may not see."""

    code = "upload_not_found"
    message = "No such file."


class UploadMissing(Invalid):
    """A named file was not sent, is gone after a day, or belongs to another message already."""

    code = "upload_missing"
    message = "One of the files is not here any more; please add it again."


class FormOver(Forbidden):
    """The form's token is missing, changed, or a day old."""

    code = "form_token_invalid"
    message = "Files are sent with the token of a form; ask for a new one."


class TooManyFiles(Invalid):
    """More files were sent for one form than it may have."""

    code = "too_many_files"
    message = f"A form may have {MOST_FILES} files; too many were sent for this one."


@dataclass(frozen=True)
class BeginUpload:
    """A file that has arrived. name: what it is called where it comes from; it is shown, and nothing else."""

    name: Annotated[str, Line(NAME_LENGTH)]
    size: Annotated[int, Between(1, MOST_BYTES)]
    digest: Annotated[str, Line(64), Note("SHA-256 of what arrived")]
    form_token: Annotated[str, Line(200)] | None = None


@dataclass(frozen=True)
class FinishUpload:
    """What was found in the file, and how it is kept. picture: there is a small one of it too."""

    name: Annotated[str, Line(NAME_LENGTH)]
    media_type: MediaType
    size: Annotated[int, Between(1, 4 * MOST_BYTES)]
    picture: bool


@dataclass(frozen=True)
class ReserveUploads:
    """Files that are about to be named by a return or a shipment. field: where, for what is refused."""

    uploads: Annotated[tuple[UploadId, ...], Length(1, 50)]
    field: Annotated[str, Line(40)] = "evidence"


class UploadForm(TypedDict):
    """form_token: to send files with; they are kept for a day, until something names them.

    seconds: a contact form that is sent with it sooner than that is set aside. needed: so is one that is sent without.
    """

    form_token: str
    ends_at: Timestamp
    seconds: NotRequired[int]
    needed: NotRequired[bool]


class BegunUpload(TypedDict):
    id: str


class UploadView(TypedDict):
    """A file. size: in bytes, as it is kept. picture: there is a small one: `?small=true`."""

    id: UploadId
    name: str
    media_type: MediaType
    size: int
    picture: bool


class OpenedUpload(UploadView):
    """A file, and what it belongs to. Who sees that return or shipment sees the file.

    same_as: the file whose bytes it has, where a message that has it too was written again.
    """

    same_as: NotRequired[UploadId]
    ticket_number: NotRequired[TicketNumber]
    order_number: NotRequired[OrderNumber]
    return_number: NotRequired[str]
    shipment_number: NotRequired[str]


class Uploads(Api):
    """What is known of each file; the bytes go past this service, to the folder that it shares with the gateways."""

    @command(roles=(ANYONE,), keyed=False)
    def begin_form(self) -> UploadForm:
        """Begin a form that may have files; its token is good for a day."""

    @command(roles=(ANYONE,), errors=(FormOver, TooManyFiles))
    def begin_upload(self, begun: BeginUpload) -> BegunUpload:
        """Give a file its id, if its sender may send one."""

    @command(roles=(ANYONE,), errors=(UploadNotFound,), keyed=False)
    def finish_upload(self, upload_id: UploadId, found: FinishUpload) -> UploadView:
        """Note what the file is, now that it is kept. From now on it can be named."""

    @command(roles=(ANYONE,), errors=(UploadMissing,), keyed=False)
    def reserve_uploads(self, reserved: ReserveUploads) -> Accepted:
        """Keep these files for a month, until the service that names them says to what they belong."""

    @query(roles=(CUSTOMER, *sorted(STAFF)), errors=(UploadNotFound,), personal=True)
    def open_upload(self, upload_id: UploadId) -> OpenedUpload:
        """Say what a file is, if the caller may see the message that it belongs to.

        Of a file of a return or a shipment, its number is said: whether the caller may see that is for its service to
        say.
        """


def plain_name(name: str) -> str:
    """Return the last part of a path, as browsers of old send one; it never becomes a path here."""
    return name.replace("\\", "/").rpartition("/")[2].strip()[:NAME_LENGTH].strip() or "file"


def fitting_name(name: str, media_type: MediaType) -> str:
    """Return the name with the ending that its content has: who saves it opens it as what it is."""
    plain, endings = plain_name(name), ENDINGS[media_type]
    if plain.lower().endswith(endings):
        return plain
    return f"{plain[: NAME_LENGTH - len(endings[0])].rstrip()}{endings[0]}"
