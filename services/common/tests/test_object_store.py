"""Files in an S3-compatible object store: kept whole, read in pieces, removed, listed; away without a loss.

The store is moto's server, an S3 over HTTP, in an environment of its own (`pip install moto[s3] flask flask-cors`):
`PLEDGE_MOTO_SERVER=/path/to/moto_server`. The signatures, which it does not verify, are held against the examples that
AWS has published.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from services.common.runtime.object_store import NOTHING, Bucket, ObjectStore, StorageAway
from services.common.runtime.upload_settings import UploadSettings
from services.common.runtime.uploads import PIECE, SMALL, UploadStore
from services.common.testing import eventually

SERVER = os.environ.get("PLEDGE_MOTO_SERVER", "")
served = pytest.mark.skipif(not SERVER, reason="no PLEDGE_MOTO_SERVER")
KEY = ("us-east-1", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


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


@pytest.mark.pure
@pytest.mark.parametrize(
    ("query", "signature"),
    [
        ({"lifecycle": ""}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ({"prefix": "J", "max-keys": "2"}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_it_signs_as_the_examples_of_aws(query: dict[str, str], signature: str) -> None:
    bucket = Bucket("https://examplebucket.s3.amazonaws.com", *KEY)

    signed = bucket.signed("GET", "/", query, NOTHING, "20130524T000000Z")

    assert signed["authorization"].endswith(f"Signature={signature}")


@served
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


@served
def test_more_files_than_one_page_has_are_listed(store: ObjectStore) -> None:
    names = {name() for _ in range(1003)}
    for each in names:
        store.keep(each, io.BytesIO(b"x"))

    assert {*store.names()} == names


@served
def test_a_store_that_is_away_or_refuses_is_told(store: ObjectStore, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = ObjectStore(tmp_path, Bucket(f"http://127.0.0.1:{closed.getsockname()[1]}/b", *KEY))
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
    store = ObjectStore(tmp_path, Bucket("http://127.0.0.1:9/b", *KEY))

    for wrong in ("../../etc/passwd", "", "x" * 36):
        with pytest.raises(ValueError, match="no name of a file"):
            store.open(wrong)
