"""The frame path under bad weather: frames in pieces, reads that time out, a peer that dies or stops reading."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from itertools import islice
from struct import pack
from typing import Any
from uuid import uuid4

import eventlet
import pytest
from amqp.exceptions import UnexpectedFrame
from kombu import Queue

from services.common.bus.connections import close, connect, connection_uri, pauses
from services.common.bus.fast import fastamqp
from services.common.bus.fast.fastamqp import FrameSocket


@pytest.fixture
def pair() -> Iterator[tuple[FrameSocket, Any]]:
    """Yield a frame socket and its peer."""
    ours, peer = socket.socketpair()
    frames = FrameSocket("localhost")
    frames.sock, frames.connected = ours, True
    ours.settimeout(fastamqp.WRITE_SECONDS)
    yield frames, peer
    frames.close()
    peer.close()


def frame(payload: bytes, channel: int = 1) -> bytes:
    return pack(">BHI", 1, channel, len(payload)) + payload + b"\xce"


def read(frames: FrameSocket) -> tuple[int, int, bytes]:
    while (found := frames.next_frame()) is None:
        frames.fill(5)
    return found


def test_a_frame_that_comes_byte_by_byte_is_one_frame(pair: tuple[FrameSocket, Any]) -> None:
    frames, peer = pair
    for byte in frame(b"hello"):
        assert frames.next_frame() is None
        peer.sendall(bytes([byte]))
        frames.fill(5)

    assert frames.next_frame() == (1, 1, b"hello")
    assert frames.next_frame() is None


def test_many_frames_at_once_come_in_order(pair: tuple[FrameSocket, Any]) -> None:
    frames, peer = pair
    payloads = [os.urandom(size) for size in (0, 1, 7, 8, 4096, 131_064, 3)]
    eventlet.spawn(peer.sendall, b"".join(frame(payload) for payload in payloads))

    assert [read(frames)[2] for _ in payloads] == payloads


def test_a_read_that_times_out_loses_nothing(pair: tuple[FrameSocket, Any]) -> None:
    frames, peer = pair
    whole = frame(b"hello")
    peer.sendall(whole[:9])
    frames.fill(5)

    with pytest.raises(TimeoutError):
        frames.fill(0.01)
    peer.sendall(whole[9:])

    assert read(frames) == (1, 1, b"hello")


def test_a_read_that_times_out_leaves_the_write_timeout(pair: tuple[FrameSocket, Any]) -> None:
    frames, _peer = pair

    with pytest.raises(TimeoutError):
        frames.fill(0.01)

    assert frames.sock.gettimeout() == fastamqp.WRITE_SECONDS


def test_garbage_is_noticed(pair: tuple[FrameSocket, Any]) -> None:
    frames, peer = pair
    peer.sendall(frame(b"hello")[:-1] + b"\x00")
    frames.fill(5)

    with pytest.raises(UnexpectedFrame):
        frames.next_frame()


def test_a_peer_that_hangs_up_ends_reading_and_writing(pair: tuple[FrameSocket, Any]) -> None:
    frames, peer = pair
    peer.close()

    with pytest.raises(OSError, match="closed"):
        frames.fill(5)
    with pytest.raises(OSError, match="closed"):
        frames.write(b"x")


def test_writes_of_one_turn_leave_together_and_in_order(pair: tuple[FrameSocket, Any]) -> None:
    frames, peer = pair
    shared = bytearray(b"1")
    for number in b"123":
        shared[0] = number  # py-amqp hands over views of one buffer
        frames.write(memoryview(shared))

    assert peer.recv(100) == b"123"


def test_writing_never_blocks_and_a_stuck_write_closes(pair: tuple[FrameSocket, Any]) -> None:
    frames, _peer = pair
    frames.sock.settimeout(0.05)
    frames.write(b"x" * 10_000_000)  # more than the socket takes, without a reader
    reading = eventlet.spawn(frames.fill, 30)

    with pytest.raises(OSError):  # noqa: PT011 - which one depends on which side notices first
        reading.wait()
    assert not frames.connected
    with pytest.raises(OSError, match="closed"):
        frames.write(b"x")


def test_reconnects_follow_quickly_at_most_two_seconds_apart() -> None:
    assert list(islice(pauses(), 6)) == [0.2, 0.5, 1.0, 2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("amqp://a:b@host:1/v", "fastamqp://a:b@host:1/v"),
        ("pyamqp://host", "fastamqp://host"),
        ("amqps://host", "fastamqps://host"),
        ("inproc://main", "inproc://main"),
    ],
)
def test_our_connections_take_the_lean_path(uri: str, expected: str) -> None:
    assert connection_uri(uri) == expected


@pytest.mark.integration
@pytest.mark.parametrize("size", [0, 1, 131_063, 131_064, 131_065, 262_128, 1_000_003])
def test_a_body_of_any_size_survives_the_way_through_rabbitmq(size: int) -> None:
    connection = connect(os.environ["PLEDGE_TEST_AMQP_URI"])
    channel, received, body = connection.channel(), list[Any](), os.urandom(size)
    queue = f"body-{uuid4().hex}"
    Queue(queue, exclusive=True)(channel).declare()
    headers = {"text": "ké", "number": 2**40, "float": 1.5, "list": ["a", 1], "table": {"a": True}, "none": None}
    properties = {
        "delivery_mode": 2, "correlation_id": "c", "reply_to": "r", "expiration": "60000", "message_id": "m",
        "timestamp": 1_700_000_000, "type": "t", "app_id": "a",
    }  # fmt: skip

    channel.basic_consume(queue, no_ack=True, callback=received.append)
    message = channel.prepare_message(body, 3, "application/octet-stream", "binary", headers, properties)
    channel.basic_publish(message, "", queue)
    while not received:
        connection.drain_events(timeout=5)
    close(connection)

    assert (received[0].body or b"") == body
    got = received[0].properties
    assert got.pop("application_headers") == headers
    expected = {**properties, "priority": 3, "content_type": "application/octet-stream", "content_encoding": "binary"}
    assert {key: got[key] for key in expected} == expected
