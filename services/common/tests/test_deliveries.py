"""A delivery cut out of the buffer as a whole is the one that py-amqp puts together from its frames."""

from __future__ import annotations

from struct import pack
from typing import Any

import pytest
from amqp.basic_message import Message
from amqp.method_framing import frame_handler
from amqp.spec import Basic

from services.common.bus.fast.amqp_frames import FRAME_END, read_delivery
from services.common.bus.fast.fastamqp import Connection, FrameSocket

ARGUMENTS = b"\x03tag" + pack(">QB", 7, 0) + b"\x0anameko-rpc" + b"\x10orders.get_order"
EVERYTHING = {
    "content_type": "application/json", "content_encoding": "utf-8", "delivery_mode": 2, "priority": 3,
    "correlation_id": "c" * 40, "reply_to": "r", "expiration": "5000", "message_id": "é", "type": "t",
    "application_headers": {"deadline": 1.5, "nameko.caller": {"actor": "guest", "roles": ["agent"]}, "n": None},
}  # fmt: skip


def frame(kind: int, payload: bytes, channel: int = 1) -> bytes:
    return pack(">BHI", kind, channel, len(payload)) + payload + bytes([FRAME_END])


def delivery(body: bytes, properties: dict[str, Any], channel: int = 1, pieces: int = 1) -> list[bytes]:
    """Build the frames of one basic.deliver."""
    header = pack(">HHQ", 60, 0, len(body)) + Message(**properties)._serialize_properties()
    size = max(1, -(-len(body) // pieces))
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    method = pack(">HH", *Basic.Deliver) + ARGUMENTS
    return [frame(1, method, channel), frame(2, header, channel), *(frame(3, part, channel) for part in parts)]


class Heard:
    """Takes the place of a connection's channels: notes what is dispatched to them."""

    def __init__(self) -> None:
        self.bytes_recv = 0
        self.methods: list[Any] = []

    def on_method(self, channel: int, method: Any, payload: bytes, content: Any) -> None:
        known = (content.body, content.properties) if content else None
        self.methods.append((channel, method, payload, known))


def by_library(frames: list[bytes]) -> Heard:
    heard = Heard()
    handle = frame_handler(heard, heard.on_method)
    for each in frames:
        handle((each[0], int.from_bytes(each[1:3]), each[7:-1]))
    return heard


@pytest.fixture
def connection() -> Any:
    """Build a connection of ours without a socket: what arrives is put into its buffer."""
    ours, heard = Connection(), Heard()
    ours._transport = FrameSocket("localhost")
    ours.heard = heard
    ours.on_inbound_method = heard.on_method
    ours.on_inbound_frame = frame_handler(ours, heard.on_method)
    return ours


@pytest.mark.parametrize("properties", [{}, EVERYTHING], ids=["bare", "with all properties"])
@pytest.mark.parametrize(
    ("body", "pieces"), [(b"{}", 1), (b"x" * 70_000, 1), (b"x" * 10, 3), (b"", 1)],
    ids=["small", "large", "in pieces", "empty"],
)  # fmt: skip
def test_it_is_what_the_library_makes_of_the_frames(
    connection: Any, body: bytes, pieces: int, properties: dict[str, Any]
) -> None:
    frames = delivery(body, properties, 1, pieces)
    connection._transport._inbound = b"".join(frames)

    connection.drain_events(timeout=0)

    expected = by_library(frames)
    assert connection.heard.methods == expected.methods
    assert connection.bytes_recv == expected.bytes_recv == len(frames)


def test_frames_of_another_channel_are_left_to_the_library(connection: Any) -> None:
    ours, others = delivery(b"one", {}, 1), delivery(b"two", {}, 2)
    mixed = [ours[0], others[0], ours[1], others[1], others[2], ours[2]]
    connection._transport._inbound = b"".join(mixed)

    connection.drain_events(timeout=0)
    connection.drain_events(timeout=0)

    assert connection.heard.methods == by_library(mixed).methods
    assert [channel for channel, *_ in connection.heard.methods] == [2, 1]


def test_deliveries_are_handled_in_a_row_behind_an_answer(connection: Any) -> None:
    """A consumer's first messages come right behind the answer to its basic.consume, which enters it in the books."""
    consume_ok = frame(1, pack(">HH", *Basic.ConsumeOk) + b"\x03tag")
    frames = [*delivery(b"1", {}), *delivery(b"2", {}), consume_ok, *delivery(b"3", {})]
    connection._transport._inbound = b"".join(frames)

    methods = []
    for _ in range(3):
        connection.drain_events(timeout=0)
        methods.append([method for _, method, *_ in connection.heard.methods])
        connection.heard.methods.clear()

    assert methods == [[Basic.Deliver, Basic.Deliver], [Basic.ConsumeOk], [Basic.Deliver]]


def test_as_long_as_a_byte_is_missing_it_is_none() -> None:
    whole = b"".join(delivery(b"body", EVERYTHING))

    assert all(read_delivery(whole[:end], 0) is None for end in range(len(whole)))
    assert read_delivery(b"before" + whole + b"after", 6) == (
        6 + len(whole), 1, pack(">HH", *Basic.Deliver) + ARGUMENTS, EVERYTHING, b"body",
    )  # fmt: skip


def test_garbage_is_none() -> None:
    whole = b"".join(delivery(b"body", {}))

    for place in [index for index, byte in enumerate(whole) if byte == FRAME_END]:
        assert read_delivery(whole[:place] + b"\0" + whole[place + 1 :], 0) is None
