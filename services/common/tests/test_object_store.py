"""Files in an S3-compatible object store: kept whole, read in pieces, removed, listed; away without a loss.

The store is moto's server, an S3 over HTTP. AWS's own client reads what was written.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from services.common.runtime import object_store
from services.common.runtime.object_store import Bucket, ObjectStore
from services.common.runtime.parallel import in_thread
from services.common.runtime.upload_settings import UploadSettings
from services.common.runtime.uploads import PIECE, SMALL, StorageAway, UploadStore, place_of
from services.common.testing import eventually

SERVER = Path(sys.executable).with_name("moto_server")
KEY = ("us-east-1", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
OFFICIAL = """
import sys, boto3
url, region, key, secret, bucket, place = sys.argv[1:]
client = boto3.client("s3", endpoint_url=url, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret)
sys.stdout.buffer.write(client.get_object(Bucket=bucket, Key=place)["Body"].read())
"""
"""Of AWS, as others use it: not in this process, whose sockets are eventlet's."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([SERVER, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _answers(port))
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def store(address: str, tmp_path: Path) -> ObjectStore:
    bucket = f"b{uuid.uuid4().hex}"
    connection = HTTPConnection(address, timeout=30)
    connection.request("PUT", f"/{bucket}")
    assert connection.getresponse().status == 200
    return ObjectStore(tmp_path, Bucket(f"http://{address}/{bucket}", *KEY))


def name() -> str:
    return str(uuid.uuid4())


def test_a_file_is_kept_read_and_removed(store: ObjectStore) -> None:
    each, content = name(), os.urandom(3 * PIECE + 7)
    store.keep(each, io.BytesIO(content))
    store.keep(f"{each}{SMALL}", io.BytesIO(b"small"))
    store.keep(each, io.BytesIO(content))  # twice is harmless

    with store.open(each) as file:
        assert file.read() == content
    assert {*store.names()} == {each, f"{each}{SMALL}"}
    store.remove(each)
    store.remove(each)
    assert not [*store.names()]
    with pytest.raises(FileNotFoundError):
        store.open(each)


def test_the_client_of_aws_reads_what_was_written(store: ObjectStore, address: str) -> None:
    each, content = name(), os.urandom(3 * PIECE + 7)
    store.keep(each, io.BytesIO(content))

    arguments = (f"http://{address}", *KEY, store.bucket.name, place_of(each))
    read = subprocess.run([sys.executable, "-c", OFFICIAL, *arguments], stdout=subprocess.PIPE, check=True)

    assert read.stdout == content


def test_more_files_than_one_page_has_are_listed(store: ObjectStore) -> None:
    names = {name() for _ in range(1003)}
    for each in names:
        store.keep(each, io.BytesIO(b"x"))

    assert {*store.names()} == names


def test_a_store_that_is_away_or_refuses_is_told(store: ObjectStore, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = ObjectStore(tmp_path, Bucket(f"http://127.0.0.1:{closed.getsockname()[1]}/attachments", *KEY))
        nowhere = ObjectStore(tmp_path, Bucket(f"{store.bucket.url}-none", *KEY))
        for each in (away, nowhere):
            with pytest.raises(StorageAway):
                each.keep(name(), io.BytesIO(b"x"))
            with pytest.raises(StorageAway):
                each.open(name())
            with pytest.raises(StorageAway):
                each.remove(name())
            with pytest.raises(StorageAway):
                [*each.names()]


class Dripping(BaseHTTPRequestHandler):
    """A store that takes and gives byte after byte, and never comes to an end."""

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 20))
        self.end_headers()
        with suppress(OSError):
            while not self.server.over.wait(0.01):  # type: ignore[attr-defined]
                self.wfile.write(b"x")

    def take(self) -> None:
        with suppress(OSError):
            while not self.server.over.wait(0.01) and self.rfile.read(1):  # type: ignore[attr-defined]
                pass

    do_GET, do_DELETE, do_PUT = drip, drip, take

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def dripping(tmp_path: Path) -> Iterator[ObjectStore]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    server.over = threading.Event()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield ObjectStore(tmp_path, Bucket(f"http://127.0.0.1:{server.server_port}/attachments", *KEY))
    server.over.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def test_a_store_that_drips_is_given_up(dripping: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "OF_ONE_SECONDS", 0.2)

    for act in (
        partial(dripping.open, name()),
        partial(in_thread, dripping.keep, name(), io.BytesIO(b"x" * (4 << 20))),
        partial(dripping.remove, name()),
        lambda: [*dripping.names()],
    ):
        with pytest.raises(StorageAway, match="TimeoutError"):
            act()


@pytest.mark.pure
def test_the_settings_say_which_store_it_is(tmp_path: Path) -> None:
    folder = UploadSettings.load({"PLEDGE_DATA_DIR": str(tmp_path)}).store
    bucket = UploadSettings.load(
        {
            "PLEDGE_UPLOADS_S3": "https://s3.example/b",
            "PLEDGE_UPLOADS_S3_ACCESS_KEY": "k",
            "PLEDGE_UPLOADS_S3_SECRET": "s",
        }
    ).store

    assert type(folder) is UploadStore
    assert isinstance(bucket, ObjectStore)
    assert "'s'" not in repr(bucket.bucket)


@pytest.mark.pure
def test_no_name_that_is_not_ours_is_a_path(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path, Bucket("http://127.0.0.1:9/attachments", *KEY))

    for wrong in ("../../etc/passwd", "", "x" * 36):
        with pytest.raises(ValueError, match="no name of a file"):
            store.open(wrong)
