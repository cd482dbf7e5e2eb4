"""The bytes of a mail, within bounds, as an `IncomingMail`. Pure.

    read(raw, settings.tokens_in)          # or MailUnreadable is raised, with the reason in words

Size, header, parts and depth are counted before the bytes are taken apart: what a stranger sends costs little. Nothing
that they write into a header is trusted but for the token in the address that they wrote to.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses

from services.common.edge.fields import mailbox_or_none
from services.common.edge.texts import visible_line, visible_text
from services.support.adapters.mailbox.bodies import decoded, text_of_page, unflowed
from services.support.adapters.mailbox.cutting import cut
from services.support.adapters.mailbox.kinds import kind_of, report_of
from services.support.api.uploads import MOST_FILES
from services.support.domain.incoming import NO_SUBJECT, NO_TEXT, IncomingFile, IncomingMail, MailKind

MOST_BYTES = 25 << 20
HEADER_BYTES, HEADERS, PARTS, NESTED = 256 << 10, 1000, 200, 30
TEXT_LIMIT, WHOLE_LIMIT = 9_900, 200_000
"""Characters of a message, and of a text that is looked at."""
LITTLE = 8 << 10
"""Bytes below which a picture that stands in the text is taken for an ornament of it."""
CUT_OFF = "\n\n[…]"
_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,120}@[!-;=?-~]{1,120}>")
_IN_BRACKETS = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_AGAIN = re.compile(r"^(?:(?:re|aw|antw|sv|vs|odp|rif|ré|回复|回覆|答复|回信)(?:\[\d+\])?\s*[:：]\s*)+", re.I)
BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the library raises for a mail that is none."""


class MailUnreadable(Exception):
    """The mail cannot be read; the message says why."""


def read(raw: bytes, tokens_in: Callable[..., tuple[str, ...]]) -> IncomingMail:
    """Return what the mail says. tokens_in: finds our reply addresses in headers."""
    _require_bounds(raw)
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        parts = list(_parts(message))
        return _read(message, parts, tokens_in)
    except BROKEN as problem:
        raise MailUnreadable(f"it cannot be read: {type(problem).__name__}") from problem


def fingerprint_of(head: bytes) -> str:
    """Return what a mail is known by of which only the first bytes are looked at."""
    return hashlib.sha256(head).hexdigest()


def _require_bounds(raw: bytes) -> None:
    if len(raw) > MOST_BYTES:
        raise MailUnreadable(f"it has more than {MOST_BYTES} bytes")
    end = re.search(rb"\r?\n\r?\n", raw)
    header = raw[: end.start()] if end else raw
    if len(header) > HEADER_BYTES or header.count(b"\n") > HEADERS * 4:
        raise MailUnreadable("its header is too long")
    if _more_than(rb"\bboundary\s*=|message/(?:rfc822|partial)", raw, NESTED):
        raise MailUnreadable(f"it has more than {NESTED} parts with parts of their own")
    if _more_than(rb"^content-type\s*:", raw, PARTS):
        raise MailUnreadable(f"it has more than {PARTS} parts")


def _more_than(what: bytes, raw: bytes, most: int) -> bool:
    found = re.finditer(what, raw, re.I | re.M)
    return any(count > most for count, _ in enumerate(found, 1))


def _parts(message: Message) -> Iterator[Message]:
    """Yield all parts that hold something, and those of mails that came along as one."""
    for count, part in enumerate(message.walk()):
        if count > PARTS:
            raise MailUnreadable(f"it has more than {PARTS} parts")
        yield part


def _read(message: Message, parts: list[Message], tokens_in: Callable[..., tuple[str, ...]]) -> IncomingMail:
    name, sender = _sender(message)
    subject = _line(_decoded_header(message, "Subject"), 200)
    kind = kind_of(message, sender, subject)
    text = _text(parts)
    said = _message_id(message)
    files, left = ([], 0) if kind is not MailKind.LETTER else _files(parts, has_text=bool(text))
    written = cut(text) or text
    return IncomingMail(
        fingerprint=_fingerprint(message, parts, said, sender),
        kind=kind,
        sender=sender,
        name=_line(name, 120) or (sender or "").partition("@")[0][:120],
        subject=_AGAIN.sub("", subject).strip() or NO_SUBJECT,
        text=_shortened(written) or NO_TEXT,
        message_id=said,
        tokens=tokens_in(*(str(each) for name in _TO for each in message.get_all(name, [])[:20])),
        files=tuple(files),
        left=left,
        report=report_of(message, parts, text) if kind is MailKind.BOUNCE else None,
    )


def _sender(message: Message) -> tuple[str, str | None]:
    """Return the name and the mailbox of who wrote; None for one that we cannot mail to."""
    told = _decoded_addresses(message, "From")[:2000]
    for name, address in getaddresses([told])[:1]:
        if sender := mailbox_or_none(address):
            return name, sender
    in_brackets = _IN_BRACKETS.findall(told)  # a name with a comma that is not quoted
    if len(in_brackets) == 1:
        return told.partition("<")[0].strip(), mailbox_or_none(in_brackets[0])
    return "", None


def _decoded_addresses(message: Message, header: str) -> str:
    """Return the addresses of a header with their names readable, a name with commas in quotes."""
    pieces = []
    for text, charset in _pieces(_raw(message, header)[:4000]):
        piece = decoded(text, charset) if isinstance(text, bytes) else text
        if charset is not None:
            piece = '"' + re.sub(r'["\\<>\r\n]', " ", piece) + '"'
        pieces.append(piece)
    return " ".join(" ".join(pieces).split())


def _decoded_header(message: Message, header: str) -> str:
    found = _pieces(_raw(message, header)[:4000])
    return "".join(decoded(text, charset) if isinstance(text, bytes) else text for text, charset in found)


def _raw(message: Message, header: str) -> str:
    """Return a header in one line, whatever its bytes are."""
    found = next((str(value) for name, value in message.raw_items() if name.lower() == header.lower()), "")
    plain = decoded(found.encode("utf-8", "surrogateescape"), None)
    return re.sub(r"\r?\n[ \t]?", " ", plain).replace("\0", "")


def _pieces(raw: str) -> list[tuple[bytes | str, str | None]]:
    try:
        return decode_header(raw)
    except BROKEN:
        return [(raw, None)]


def _message_id(message: Message) -> str | None:
    found = _MESSAGE_ID.search(str(message.get("Message-ID", ""))[:400])
    return found[0] if found else None


def _fingerprint(message: Message, parts: list[Message], said: str | None, sender: str | None) -> str:
    """Return the same for one mail that comes by two ways: lines of the way are left out."""
    digest = hashlib.sha256()
    for told in (said, sender, *(_raw(message, name) for name in ("Date", "Subject", "From"))):
        digest.update((told or "").strip().encode() + b"\0")
    for part in parts:
        payload = part.get_payload()
        if isinstance(payload, str):
            digest.update("\n".join(payload.split()).encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()


def _text(parts: list[Message]) -> str:
    """Return what the mail says: its plain form, or that of its page; mails within it are no part of it."""
    inside = {id(each) for part in parts if part.get_content_maintype() == "message" for each in part.walk()}
    own = [part for part in parts if id(part) not in inside and not _is_file(part)]
    plain = [_plain(part) for part in own if part.get_content_type() == "text/plain"]
    if words := "\n\n".join(each for each in plain if each.strip()):
        return _visible(words[:WHOLE_LIMIT])
    pages = [text_of_page(decoded(_bytes(part), part.get_content_charset())) for part in own if _is_page(part)]
    return _visible("\n\n".join(pages)[:WHOLE_LIMIT])


def _plain(part: Message) -> str:
    text = decoded(_bytes(part), part.get_content_charset()).replace("\r\n", "\n")
    if str(part.get_param("format") or "").lower() == "flowed":
        return unflowed(text, delete_space=str(part.get_param("delsp") or "").lower() == "yes")
    return text


def _is_page(part: Message) -> bool:
    return part.get_content_type() == "text/html"


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _files(parts: list[Message], *, has_text: bool) -> tuple[list[IncomingFile], int]:
    """Return the first files that came along, and how many more there are. Ornaments of the text are none of them."""
    found: list[IncomingFile] = []
    inside: set[int] = set()
    for part in parts:
        if id(part) in inside or (part.is_multipart() and part.get_content_maintype() != "message"):
            continue
        if part.get_content_maintype() == "message":
            inside |= {id(each) for each in part.walk()}
            found.append(IncomingFile("message.eml", part.get_content_type(), b""))  # told as left out: no allowed kind
            continue
        said, content = part.get_content_type(), _bytes(part)
        is_text = said in ("text/plain", "text/html") and not _is_file(part)
        kept_out = said in ("application/pgp-signature", "application/pkcs7-signature", "text/calendar")
        ornament = said.startswith("image/") and "Content-ID" in part and len(content) < LITTLE
        if is_text or kept_out or ornament or not content:
            continue
        name = _line(_file_name(part), 200) or "file"
        found.append(IncomingFile(name, said, content))
    return found[:MOST_FILES], max(0, len(found) - MOST_FILES)


def _file_name(part: Message) -> str:
    name = str(part.get_filename() or "")
    return "".join(decoded(text, charset) if isinstance(text, bytes) else text for text, charset in _pieces(name))


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _visible(text: str) -> str:
    """Return the text as people see it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _sound("\n".join(line.rstrip() for line in lines))


def _sound(text: str) -> str:
    return visible_text(text.replace("\0", "").encode("utf-8", "replace").decode("utf-8"))


def _line(text: str, most: int) -> str:
    plain = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return visible_line(unicodedata.normalize("NFC", plain))[:most].strip()


def _shortened(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - len(CUT_OFF)].rstrip() + CUT_OFF
