"""Say what a file is, from its content; write a picture again. A program: it runs alone, and knows nothing of ours.

    python -I examine.py <kept> <small>  < file        kept, small: descriptors of empty files to write to

It prints one JSON object: {"media_type", "picture"}, or {"refusal"} with a code of the gateway's `refusals`. Allowed
are JPEG, PNG, WebP, PDF and plain text in UTF-8. A picture is decoded, turned upright, made at most SIDE pixels long,
and written again to `kept`, with a small one in `small`: no place, no time, no maker, no colour profile and nothing
hidden behind its end survives. PDF and text are left as they are. A file that can be read as two kinds is refused.

Memory, processor time and what is written are bounded before the first byte is looked at, so that a small file that
unfolds into a large one costs its own process.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import resource
import struct
import sys
import zipfile
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

MEMORY = 640 << 20
SECONDS = 15  # of processor time
WRITTEN = 32 << 20
PIXELS = 50_000_000
SIDE, SMALL_SIDE = 4000, 320
PICTURES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PDF_HEAD = re.compile(rb"%PDF-[12]\.[0-9]")
PDF_END = re.compile(rb"%%EOF[\s\0]*\Z")
MARKUP = re.compile(rb"<(?:!doctype|\?xml|html|head|body|script|svg|iframe|object|embed|style|link|meta)\b", re.I)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
PIECE = 1 << 20
DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)
"""What Pillow raises for a picture that is none."""


class NotTaken(Exception):
    """Why the file is not taken; the argument is its code."""


def examine(file: IO[bytes], kept: IO[bytes], small: IO[bytes]) -> dict[str, object]:
    """Return {"media_type", "picture"}. Raise NotTaken."""
    if zipfile.is_zipfile(file):
        raise NotTaken("file_ambiguous")
    file.seek(0)
    head = file.read(16)
    if PDF_HEAD.match(head):
        if not PDF_END.search(_tail(file, 1024)):
            raise NotTaken("file_type_not_allowed")
        return {"media_type": "application/pdf", "picture": False}
    file.seek(0)
    picture = _open(file)
    if picture is not None:
        return {"media_type": _write_again(picture, kept, small), "picture": True}
    _require_text(file)
    return {"media_type": "text/plain", "picture": False}


def _open(file: IO[bytes]) -> Image.Image | None:
    """Return the picture, not yet decoded; None for what is none."""
    try:
        return Image.open(file, formats=["JPEG", "PNG", "WEBP"])
    except UnidentifiedImageError:
        return None
    except Image.DecompressionBombError:
        raise NotTaken("picture_too_large") from None
    except DAMAGED:
        raise NotTaken("picture_unreadable") from None


def _write_again(picture: Image.Image, kept: IO[bytes], small: IO[bytes]) -> str:
    """Write the picture and a small one. Return its media type."""
    form = "JPEG" if picture.format == "MPO" else str(picture.format)
    if picture.width * picture.height > PIXELS:
        raise NotTaken("picture_too_large")
    try:
        picture.draft(None, (SIDE, SIDE))  # a JPEG is decoded smaller at once
        picture.load()
        plain = _plain(picture, form)
        plain.thumbnail((SIDE, SIDE), reducing_gap=2.0)
        ImageOps.exif_transpose(plain, in_place=True)
        plain.info.clear()
        plain.getexif().clear()
        how = {"JPEG": {"quality": 88}, "WEBP": {"quality": 88, "method": 2}}.get(form, {})
        plain.save(kept, form, **how)
        plain.thumbnail((SMALL_SIDE, SMALL_SIDE), reducing_gap=2.0)
        _on_white(plain).save(small, "JPEG", quality=78)
    except MemoryError:
        raise NotTaken("picture_too_large") from None
    except DAMAGED:
        raise NotTaken("picture_unreadable") from None
    return PICTURES[form]


def _plain(picture: Image.Image, form: str) -> Image.Image:
    """Return it in a mode that can be made smaller and written: grey, colours, colours with transparency."""
    clear = "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "RGBa", "La")
    mode = "RGBA" if clear and form != "JPEG" else "L" if picture.mode in ("1", "L", "I;16", "I") else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _require_text(file: IO[bytes]) -> None:
    """Raise NotTaken unless it is plain text: UTF-8, without control characters, and no markup that a browser runs."""
    file.seek(0)
    decoder, before = codecs.getincrementaldecoder("utf-8-sig")(), b""
    while True:
        piece = file.read(PIECE)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            raise NotTaken("file_type_not_allowed") from None
        if CONTROLS.search(text) or MARKUP.search(before + piece):
            raise NotTaken("file_type_not_allowed")
        if not piece:
            return
        before = piece[-16:]


def _tail(file: IO[bytes], count: int) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - count))
    return file.read()


def main() -> None:
    """Examine what comes in."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    Image.MAX_IMAGE_PIXELS = PIXELS
    kept, small = (os.fdopen(int(each), "wb") for each in sys.argv[1:3])
    try:
        with kept, small, os.fdopen(0, "rb") as file:
            found = examine(file, kept, small)
    except NotTaken as refusal:
        found = {"refusal": str(refusal)}
    except MemoryError:
        found = {"refusal": "picture_too_large"}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
