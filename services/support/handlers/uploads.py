"""Files that are sent along: begun by who holds a form's token, named once, seen by who sees what they belong to.

The bytes never pass here. A row is there before the file and goes after it, so that whatever is killed half-way, no
file stays that nothing knows of: what was begun and never named ends after a day, and then the file is removed, and
then the row.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from typing import cast

from services.aftersales.api.events import ReturnFilesNamed
from services.common.basics import ids
from services.common.basics.clock import rfc3339
from services.common.basics.message import Message
from services.common.basics.personal import ERASED
from services.common.edge import tokens
from services.common.runtime.upload_settings import UploadSettings
from services.logistics.api.events import BoxPhotographed
from services.support import views
from services.support.api import Accepted, TicketNotFound
from services.support.api.guard import WithoutForm
from services.support.api.uploads import (
    MOST_OF_FORM,
    BeginUpload,
    BegunUpload,
    FinishUpload,
    FormOver,
    OpenedUpload,
    ReserveUploads,
    TooManyFiles,
    UploadForm,
    UploadNotFound,
    UploadView,
)
from services.support.domain import UNNAMED_KEPT, Upload
from services.support.handlers.access import acting, reader_of
from services.support.repository import Transaction, Work

log = logging.getLogger(__name__)

PAGES = 20
"""Pages of files that one run of the timer removes at most."""


def begin_form(work: Work) -> UploadForm:
    """Give out the token of a form."""
    until = work.now + UNNAMED_KEPT
    token = tokens.form_token(work.settings.secret, uuid.uuid4().hex, until)
    needed = work.settings.contact_without_form == WithoutForm.QUARANTINE
    return {
        "form_token": token, "ends_at": rfc3339(until), "seconds": work.settings.form_seconds, "needed": needed,
    }  # fmt: skip


def begin_upload(work: Work, begun: BeginUpload) -> BegunUpload:
    """Give a file its id. It ends after a day unless something names it."""
    form = _form(work, begun.form_token)
    if not work.caller.is_staff and work.uploads.count_waiting(form) >= MOST_OF_FORM:
        raise TooManyFiles
    upload = Upload(
        str(uuid.uuid4()), form, work.caller.is_staff, begun.name, work.now, work.now + UNNAMED_KEPT, size=begun.size
    )
    work.uploads.add(upload)
    return {"id": upload.id}


def finish_upload(work: Work, upload_id: str, found: FinishUpload) -> UploadView:
    """Note what was found in a file that is kept by now."""
    upload = work.uploads.get(upload_id, lock=True)
    upload.finish(found.name, found.media_type, found.size, work.now, picture=found.picture)
    return views.upload(upload)


def reserve_uploads(work: Work, reserved: ReserveUploads) -> Accepted:
    """Keep files until the event comes that names them."""
    work.uploads.reserve(reserved.uploads, by_staff=work.caller.is_staff, field=reserved.field)
    return {}


def on_return_files_named(work: Work, event: ReturnFilesNamed, message: Message) -> None:
    """Keep the files as long as the return that they are evidence of."""
    _hold(work, event.uploads, event.return_number, event.order_number)


def on_box_photographed(work: Work, event: BoxPhotographed, message: Message) -> None:
    """Keep the photos as long as the shipment that they show."""
    _hold(work, event.uploads, event.shipment_number, event.order_number)


def open_upload(work: Work, upload_id: str) -> OpenedUpload:
    """Say what a file is and belongs to, if the caller sees that message; else which return or shipment holds it."""
    upload = work.uploads.get(upload_id)
    shown = cast(OpenedUpload, views.upload(upload))
    if upload.same_as is not None:
        shown["same_as"] = upload.same_as
    if upload.return_number is not None:
        of_shipment = ids.is_number(upload.return_number, ids.SHIPMENT)
        shown["shipment_number" if of_shipment else "return_number"] = upload.return_number
        return shown
    if upload.ticket_number is None or upload.position is None:
        raise UploadNotFound
    try:
        ticket = work.tickets.get(upload.ticket_number)
        reader = reader_of(work, ticket)
    except TicketNotFound:
        raise UploadNotFound from None
    if not work.tickets.reads(ticket.number, reader, upload.position):
        raise UploadNotFound
    shown["ticket_number"] = ticket.number
    if ticket.order_number is not None:
        shown["order_number"] = ticket.order_number
    return shown


def remove_ended(transaction: Transaction) -> None:
    """Remove the bytes of files whose time has ended, then what is known of them."""
    for _ in range(PAGES):
        with transaction() as work:
            ended, store = work.uploads.over(), work.settings.part(UploadSettings).store
            names = work.uploads.unshared(ended)
        if not ended:
            return
        for name in names:
            store.remove(name)
        with transaction() as work:
            work.uploads.forget(ended)


def _hold(work: Work, uploads: Iterable[str], number: str, order_number: str) -> None:
    """Keep files with what names them. Those of an order that is erased by now end by themselves."""
    contact = work.contacts.find(order_number, lock=True)
    if contact is not None and contact.email == ERASED:
        return
    for upload_id in uploads:
        try:
            work.uploads.get(upload_id, lock=True).hold(number, order_number)
        except UploadNotFound:
            log.warning("%s names the file %s, which is gone", number, upload_id)


def _form(work: Work, token: str | None) -> str:
    if work.caller.is_staff:
        return f"staff:{acting(work)}"
    form = tokens.read_form(work.settings.secrets, token or "", work.now)
    if form is None:
        raise FormOver
    return form
