"""Files over HTTP: sent as they are, examined, kept; shown to whom the message or return is that they belong to.

A file is the body of the request: no more than 10 MB, on the disk from its 64th kilobyte on, never on the bus. Its
content decides what it is; the Content-Type of the request may say less, but not something else.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import IO, Annotated, cast
from urllib.parse import quote

import eventlet
from flask import Response, current_app, request

from gateway.http import bodies, limits, reads
from gateway.http.calls import services, settings
from gateway.http.errors import Refused
from gateway.http.resource import Resource
from gateway.http.security import FILE_POLICY
from gateway.uploads.examining import Examiner
from gateway.uploads.refusals import ALL, FileContradicts, FileEmpty, unkept
from services.common.basics.errors import Forbidden, NotFound, ServiceError
from services.common.basics.shapes import Line
from services.common.runtime.parallel import in_thread
from services.common.runtime.upload_settings import UploadSettings
from services.common.runtime.uploads import PIECE, SMALL, StorageAway, UploadStore
from services.support.api import SupportApi
from services.support.api.uploads import (
    MOST_BYTES,
    BeginUpload,
    FinishUpload,
    MediaType,
    OpenedUpload,
    ReserveUploads,
    UploadForm,
    UploadNotFound,
    UploadView,
    fitting_name,
    plain_name,
)

log = logging.getLogger(__name__)
blp = Resource("uploads", "Files that come with messages and returns: pictures, PDF, plain text")

ADDRESS = "/v1/uploads/"
UNSAID = ("", "application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded")
TEXTS = ("text/csv", "text/markdown", "text/x-log")
BODY = {
    "description": f"The file itself, 1 to {MOST_BYTES} bytes: JPEG, PNG, WebP, PDF, or plain text in UTF-8.",
    "required": True,
    "content": {
        "text/plain": {"schema": {"type": "string"}, "example": "The handle came off on the second day."},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    },
}
TOKEN = {
    "name": "Form-Token", "in": "header", "schema": {"type": "string", "maxLength": 200},
    "description": "the token of the form that the file is for; staff need none",
}  # fmt: skip
NAME = {
    "name": "name", "in": "query", "schema": {"type": "string", "maxLength": 1000},
    "description": "what the file is called where it comes from; it is shown, and nothing else",
}  # fmt: skip


@dataclass(frozen=True)
class SendUpload:
    """What the file is called."""

    name: Annotated[str, Line(1000)] = "file"


@dataclass(frozen=True)
class GetUpload:
    """small: the small picture of a picture."""

    small: bool = False


@blp.post("/uploads/form", SupportApi.begin_form, status=201)
def begin_form() -> UploadForm:
    return services().support.begin_form()


@blp.post(
    "/uploads", SupportApi.begin_upload, status=201, body=BODY, body_limit=MOST_BYTES, limit=limits.UPLOADS,
    headers=(TOKEN, NAME), errors=ALL,
)  # fmt: skip
def send_upload() -> UploadView:
    """Send a file. It is kept for a day; a message, a contact form or a return that names its id keeps it.

    A picture is written again, without the place and time that it was taken at. What the file is, its content decides.
    """
    return take(
        request.environ["wsgi.input"], bodies.request_query(SendUpload).name, request.mimetype,
        request.headers.get("Form-Token"),
    )  # fmt: skip


@blp.get(
    "/uploads/<id:upload_id>",
    SupportApi.open_upload,
    media=tuple(each.value for each in MediaType),
    personal=False,
    errors=(StorageAway,),
)
def get_upload(upload_id: str, query: GetUpload) -> Response:
    """Get a file, or the small picture of a picture, as a download."""
    found = services().support.open_upload(upload_id)
    number = found.get("return_number") or found.get("shipment_number")
    if number is not None:
        _require_shown(found, upload_id)
    if query.small and not found["picture"]:
        raise UploadNotFound
    try:
        name = found.get("same_as", upload_id)
        file = _store().open(f"{name}{SMALL if query.small else ''}")
    except FileNotFoundError:
        log.error("the file %s is not where it should be", name)
        raise UploadNotFound from None
    except OSError as problem:
        log.error("the file %s cannot be read: %s", name, problem)
        raise StorageAway from None
    try:
        reads.record("open_upload", {"upload_id": upload_id, "held_by": number}, found)
    except ServiceError:
        file.close()
        raise
    return _download(file, found, small=query.small)


def take(file: IO[bytes], name: str, said: str, form_token: str | None) -> UploadView:
    """Take a file in: count it, examine it, keep it. said: the media type that its sender says it has."""
    support = services().support
    size, digest = measured(file)
    if not size:
        raise FileEmpty
    if size > MOST_BYTES:
        raise Refused(413, "body_too_large", f"A file may have {MOST_BYTES} bytes at most.")
    begun = support.begin_upload(BeginUpload(plain_name(name), size, digest, form_token or None))
    store, examiner = _store(), cast(Examiner, current_app.extensions.setdefault("examiner", Examiner()))
    try:
        with examiner.examined(file, store) as found:
            media_type = MediaType(found.media_type)
            _require_told(said, media_type)
            in_thread(store.keep, begun["id"], found.kept)
            if found.small is not None:
                in_thread(store.keep, f"{begun['id']}{SMALL}", found.small)
            kept = FinishUpload(
                fitting_name(name, media_type), media_type, _length(found.kept), found.small is not None
            )
    except OSError as problem:
        raise unkept(problem) from None
    try:
        return support.finish_upload(begun["id"], kept)
    except NotFound:
        store.remove(begun["id"])  # it ended meanwhile, and its row is gone
        raise


def reserve(*evidence: Iterable[str], field: str = "evidence") -> None:
    """Have the files kept that are about to be named in `field`. Raise UploadMissing for one that is not there."""
    links = dict.fromkeys(link for link in chain(*evidence) if link.startswith(ADDRESS))
    if links:
        services().support.reserve_uploads(ReserveUploads(tuple(each.removeprefix(ADDRESS) for each in links), field))


def _require_shown(found: OpenedUpload, upload_id: str) -> None:
    """Raise UploadNotFound unless the caller may see the return or shipment of a file, and it shows the file."""
    with suppress(NotFound, Forbidden):
        of_return = found.get("return_number")
        of = services().aftersales.get_return(of_return) if of_return else None
        shown = of or services().logistics.get_shipment(found["shipment_number"])
        if names(shown, upload_id):
            return
    raise UploadNotFound


def names(shown: object, upload_id: str) -> bool:
    """Return whether a return or a shipment names a file anywhere."""
    if isinstance(shown, dict):
        return any(names(each, upload_id) for each in shown.values())
    if isinstance(shown, list):
        return any(names(each, upload_id) for each in shown)
    return shown == f"{ADDRESS}{upload_id}"


def _download(file: IO[bytes], found: OpenedUpload, *, small: bool) -> Response:
    media_type = MediaType.JPEG if small else MediaType(found["media_type"])
    charset = "; charset=utf-8" if media_type is MediaType.TEXT else ""
    response = Response(_pieces(file), content_type=f"{media_type}{charset}")
    response.call_on_close(file.close)
    response.content_length = _length(file)
    response.headers["Content-Disposition"] = _disposition(found["name"])
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _disposition(name: str) -> str:
    """Return the header that has browsers save the file under its name."""
    plain = "".join(char if char.isascii() and char not in '"\\%;' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def measured(file: IO[bytes]) -> tuple[int, str]:
    """Return how many bytes a file has, and their SHA-256."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(PIECE):
        digest.update(piece)
        size += len(piece)
        eventlet.sleep(0)
    return size, digest.hexdigest()


def _length(file: IO[bytes]) -> int:
    return file.seek(0, 2)


def _require_told(said: str, media_type: MediaType) -> None:
    """Raise 422 where the sender says that it is something else altogether; one picture may be taken for another."""
    if said in UNSAID or said == media_type or (said in TEXTS and media_type is MediaType.TEXT):
        return
    if said.startswith("image/") and media_type.startswith("image/") and said != "image/svg+xml":
        return
    raise FileContradicts


def _store() -> UploadStore:
    return settings().part(UploadSettings).store
