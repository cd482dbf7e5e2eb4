"""Files to send along, made here: honest ones, and those of an attacker."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
TEXT = "The handle came off.\nÜber Nacht.\n".encode()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
MAKER, SECRET = "Ada's telephone", "hidden behind the end"


def picture(form: str = "JPEG", size: tuple[int, int] = (640, 480), **how: Any) -> bytes:
    """Return a picture that says where, when and by what it was taken, with words behind its end."""
    drawn = Image.new("RGB", size, "teal")
    exif = Image.Exif()
    exif[0x010F] = MAKER
    exif[0x0112] = 6  # it lies on its side
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    drawn.save(out, form, exif=exif, **how)
    return out.getvalue() + SECRET.encode()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.me", "something")
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is very large, and is: rows of nothing, packed."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    packer, rows = zlib.compressobj(9), []
    row = bytes(width * 4 + 1)
    rows = [packer.compress(row) for _ in range(min(height, 2000))]
    body = b"".join(rows) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b"")))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "image/png", "file_empty"),
    "a vector picture": (SVG, "image/svg+xml", "file_type_not_allowed"),
    "a vector picture called a picture": (SVG, "image/png", "file_type_not_allowed"),
    "a page called text": (HTML, "text/plain", "file_type_not_allowed"),
    "a page after much text": (b"a" * 70_000 + HTML, "text/plain", "file_type_not_allowed"),
    "text called a page": (TEXT, "text/html", "file_type_contradicts"),
    "a picture called a PDF": (picture(), "application/pdf", "file_type_contradicts"),
    "a PDF called a picture": (PDF, "image/jpeg", "file_type_contradicts"),
    "a picture called a vector picture": (picture(), "image/svg+xml", "file_type_contradicts"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(100), "", "file_type_not_allowed"),
    "an archive": (zipped(), "", "file_ambiguous"),
    "a picture that is an archive": (picture() + zipped(), "image/jpeg", "file_ambiguous"),
    "a PDF that is an archive": (PDF + zipped(), "application/pdf", "file_ambiguous"),
    "a PDF that ends in a page": (PDF + HTML, "application/pdf", "file_type_not_allowed"),
    "a PDF behind a page": (HTML + PDF, "application/pdf", "file_type_not_allowed"),
    "half a PDF": (PDF[:40], "application/pdf", "file_type_not_allowed"),
    "an animation of old": (b"GIF89a" + bytes(100), "image/gif", "file_type_not_allowed"),
    "half a JPEG": (picture(size=(900, 900))[:2000], "image/jpeg", "picture_unreadable"),
    "half a PNG": (picture("PNG", (900, 900))[:600], "image/png", "picture_unreadable"),
    "half a WebP": (picture("WEBP", (900, 900))[:300], "image/webp", "picture_unreadable"),
    "the first bytes of a JPEG": (b"\xff\xd8\xff\xe0", "image/jpeg", "file_type_not_allowed"),
    "a huge picture in few bytes": (bomb(60_000, 60_000), "image/png", "picture_too_large"),
    "a very long picture": (bomb(2_000_000, 40), "image/png", "picture_too_large"),
    "text in an old alphabet": ("naïve".encode("latin-1"), "text/plain", "file_type_not_allowed"),
    "text with a zero byte": (b"a\0b", "text/plain", "file_type_not_allowed"),
}
"""What is refused: the bytes, what their sender says they are, and the code."""
