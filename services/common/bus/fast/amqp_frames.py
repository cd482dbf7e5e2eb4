"""What AMQP frames there are most of, by hand: basic.publish with its content and basic.ack are packed here, and
basic.deliver is cut out of what has arrived.

See AMQP 0-9-1, sections 2.3.5 (frames), 4.2.6 (content header) and 1.8 (basic).
"""

from __future__ import annotations

from struct import pack, unpack_from

from amqp.serialization import decode_properties_basic, dumps

from services.common.basics.untyped import JsonDict

_METHOD, _HEADER, _BODY, FRAME_END = 1, 2, 3, 0xCE
_BASIC, _PUBLISH, _DELIVER, _ACK = 60, 40, 60, 80
_HEADERS_BIT, _MODE_BIT, _PRIORITY_BIT, _TIMESTAMP_BIT = 13, 12, 11, 6
_PROPERTIES = (
    ("content_type", 15), ("content_encoding", 14), ("application_headers", _HEADERS_BIT),
    ("delivery_mode", _MODE_BIT), ("priority", _PRIORITY_BIT), ("correlation_id", 10), ("reply_to", 9),
    ("expiration", 8), ("message_id", 7), ("timestamp", _TIMESTAMP_BIT), ("type", 5), ("user_id", 4), ("app_id", 3),
)  # fmt: skip


def ack_frame(channel: int, delivery_tag: int, multiple: bool) -> bytes:
    """Return the frame of one basic.ack."""
    return pack(">BHIHHQBB", _METHOD, channel, 13, _BASIC, _ACK, delivery_tag, multiple, FRAME_END)


def publish_frames(
    channel: int,
    frame_max: int,
    properties: dict[str, object],
    body: bytes,
    exchange: str,
    routing_key: str,
    mandatory: bool,
) -> bytes:
    """Return the method, header and body frames of one basic.publish. A body larger than a frame takes several."""
    name, key = exchange.encode(), routing_key.encode()
    flags, packed = _pack_properties(properties)
    frames = [
        pack(">BHIHHHB", _METHOD, channel, 9 + len(name) + len(key), _BASIC, _PUBLISH, 0, len(name)),
        name,
        pack("B", len(key)),
        key,
        pack("BB", mandatory, FRAME_END),
        pack(">BHIHHQH", _HEADER, channel, 14 + len(packed), _BASIC, 0, len(body), flags),
        packed,
        pack("B", FRAME_END),
    ]
    chunk = frame_max - 8
    for start in range(0, len(body), chunk):
        part = body[start : start + chunk]
        frames += (pack(">BHI", _BODY, channel, len(part)), part, pack("B", FRAME_END))
    return b"".join(frames)


def read_delivery(buffer: bytes, start: int) -> tuple[int, int, bytes, dict[str, object], bytes] | None:
    """Read the basic.deliver at `start`. Return (end, channel, method payload, properties, body).

    Return None if something else begins there, if it is incomplete, or if it is not of the usual form: one with no
    body, with a body in several frames, with another channel's frames in between, or bytes that are no frames.
    """
    present = len(buffer)
    if present < start + 11 or buffer[start] != _METHOD:
        return None
    channel, size, class_id, method = unpack_from(">HIHH", buffer, start + 1)
    header = start + 8 + size
    if (class_id, method) != (_BASIC, _DELIVER) or present < header + 19:
        return None
    kind, header_channel, size, _class, _weight, length = unpack_from(">BHIHHQ", buffer, header)
    body = header + 8 + size
    end = body + 8 + length
    if kind != _HEADER or header_channel != channel or not length or present < end:
        return None
    if unpack_from(">BHI", buffer, body) != (_BODY, channel, length):
        return None
    if not buffer[header - 1] == buffer[body - 1] == buffer[end - 1] == FRAME_END:
        return None
    properties, _ = decode_properties_basic(buffer, header + 19)
    return end, channel, buffer[start + 7 : header - 1], properties, buffer[body + 7 : end - 1]


def _pack_properties(properties: JsonDict) -> tuple[int, bytes]:
    flags, packed = 0, []
    for name, bit in _PROPERTIES:
        value = properties.get(name)
        if value is None or value == {}:
            continue
        flags |= 1 << bit
        if bit == _HEADERS_BIT:
            packed.append(dumps("F", [value]))
        elif bit in (_MODE_BIT, _PRIORITY_BIT):
            packed.append(pack("B", value))
        elif bit == _TIMESTAMP_BIT:
            packed.append(pack(">Q", int(value)))
        else:
            text = value.encode()
            packed.append(pack("B", len(text)) + text)
    return flags, b"".join(packed)
