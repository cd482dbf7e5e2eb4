"""Why a file is not taken, each with its stable code."""

from __future__ import annotations

import logging

from services.common.basics.errors import Invalid, Unavailable
from services.common.runtime.uploads import StorageAway, is_full

log = logging.getLogger(__name__)


class FileEmpty(Invalid):
    """A file without a byte."""

    code = "file_empty"
    message = "This file is empty."


class FileTypeNotAllowed(Invalid):
    """A file of another kind, or text that a browser would run."""

    code = "file_type_not_allowed"
    message = "Send a picture (JPEG, PNG, WebP), a PDF, or plain text in UTF-8."


class FileContradicts(Invalid):
    """The Content-Type says that it is something else."""

    code = "file_type_contradicts"
    message = "What is in this file is not what its type says; send it as what it is."


class FileAmbiguous(Invalid):
    """A file that is two things at once."""

    code = "file_ambiguous"
    message = "This file is an archive, too. Send it as a plain picture, PDF or text."


class PictureUnreadable(Invalid):
    """A picture that cannot be decoded to its end."""

    code = "picture_unreadable"
    message = "This picture is damaged or not complete."


class PictureTooLarge(Invalid):
    """A picture that unfolds into more than we look at."""

    code = "picture_too_large"
    message = "This picture has too many pixels, or takes too long to read; send a smaller one."


class StorageFull(Unavailable):
    """The disk has no room for files; everything else works."""

    code = "storage_full"
    message = "We have no room to keep files just now; send it without."


def unkept(problem: OSError) -> StorageFull | StorageAway:
    """Return the refusal of a file that the disk does not keep, and log why."""
    log.error("a file cannot be kept: %s", problem)
    return StorageFull() if is_full(problem) else StorageAway()


REFUSALS: dict[str, type[Invalid]] = {
    each.code: each for each in (FileTypeNotAllowed, FileAmbiguous, PictureUnreadable, PictureTooLarge)
}
"""What the program that examines a file says, by its code."""
ALL = (FileEmpty, FileContradicts, *REFUSALS.values(), StorageFull, StorageAway)
