"""Files that came with a mail: by the rules of uploads, examined by the same program, kept in the same folder.

A row is there before its file, so that no file stays that nothing knows of. What is refused is left out and told; the
words of the mail are taken all the same.
"""

from __future__ import annotations

import io
import logging
import uuid
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from services.common.runtime.examining import run
from services.common.runtime.parallel import in_thread
from services.common.runtime.uploads import SMALL, UploadStore
from services.support.api.uploads import MOST_BYTES, FinishUpload, MediaType, fitting_name, plain_name
from services.support.domain import UNNAMED_KEPT, Upload
from services.support.domain.incoming import IncomingFile, IncomingMail
from services.support.repository import Work

log = logging.getLogger(__name__)
TOO_LARGE = "file_too_large"


@dataclass(frozen=True)
class KeptFile:
    """What became of one file. found: what it is; refusal: why it is left out."""

    id: str
    name: str
    found: FinishUpload | None = None
    refusal: str = ""


def begin(work: Work, mail: IncomingMail) -> tuple[str, ...]:
    """Give each file its id. What no message names is gone after a day."""
    uploads = [
        Upload(
            str(uuid.uuid4()), f"mail:{mail.fingerprint}", False, plain_name(each.name), work.now,
            work.now + UNNAMED_KEPT, size=len(each.content),
        )
        for each in mail.files
    ]  # fmt: skip
    for upload in uploads:
        work.uploads.add(upload)
    return tuple(upload.id for upload in uploads)


def keep(files: Sequence[IncomingFile], ids: Sequence[str], store: UploadStore) -> list[KeptFile]:
    """Examine the files one after the other and keep those that may be sent. Raise OSError when the disk refuses."""
    return [_keep(file, upload_id, store) for file, upload_id in zip(files, ids, strict=True)]


def note(work: Work, files: Iterable[KeptFile]) -> None:
    """Note what the files are; from now on they can be named."""
    for file in files:
        if file.found is not None:
            found = file.found
            upload = work.uploads.get(file.id, lock=True)
            upload.finish(found.name, found.media_type, found.size, work.now, picture=found.picture)


def taken(files: Iterable[KeptFile]) -> tuple[str, ...]:
    """Return the ids of those that are kept."""
    return tuple(file.id for file in files if file.found is not None)


def _keep(file: IncomingFile, upload_id: str, store: UploadStore) -> KeptFile:
    if len(file.content) > MOST_BYTES:
        return KeptFile(upload_id, plain_name(file.name), refusal=TOO_LARGE)
    with ExitStack() as stack:
        kept, small, sent = (stack.enter_context(store.scratch()) for _ in range(3))
        in_thread(sent.write, file.content)
        sent.flush()
        said = run(sent, kept, small)
        if refusal := said.get("refusal"):
            return KeptFile(upload_id, plain_name(file.name), refusal=str(refusal))
        is_picture, media_type = said["picture"] is True, MediaType(str(said["media_type"]))
        whole = kept if is_picture else sent
        in_thread(store.keep, upload_id, whole)
        if is_picture:
            in_thread(store.keep, f"{upload_id}{SMALL}", small)
        size = whole.seek(0, io.SEEK_END)
    found = FinishUpload(fitting_name(file.name, media_type), media_type, size, is_picture)
    return KeptFile(upload_id, plain_name(file.name), found)
