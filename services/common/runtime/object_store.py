"""Files in an S3-compatible object store (AWS, MinIO, Ceph, …) instead of a folder: the same port as `uploads`.

    store = ObjectStore(folder, Bucket("https://s3.example.com/attachments", "us-east-1", access_key, secret))

The client is `minio`, which only those import who have a bucket (`upload_settings`). A file is sent and fetched in
pieces. One PUT keeps it: it is there whole, or not at all. The folder is for what is examined before it is kept, on
each machine its own. Whatever goes wrong on the way is StorageAway: nothing was lost, and it can be tried again. So is
a store that goes on for longer than `OF_ONE_SECONDS` about one file, however its bytes come.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

from minio import Minio, S3Error
from minio.error import MinioException
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from services.common.runtime.parallel import within
from services.common.runtime.uploads import NAME, PIECE, SMALL, StorageAway, UploadStore, place_of

SECONDS = 10  # for the next bytes
OF_ONE_SECONDS = 30.0  # for one file, as large as files may be, and for a page of names
T = TypeVar("T")
AGAIN = Retry(
    1, redirect=0, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504), respect_retry_after_header=False
)  # a gateway waits for it
SIGNED_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class Bucket:
    """Where the objects are, `https://host/bucket`, and what we are known by there."""

    url: str
    region: str
    access_key: str
    secret: str = field(repr=False)

    @property
    def name(self) -> str:
        return urlsplit(self.url).path.strip("/")

    def client(self, http: PoolManager) -> Minio:
        host, secure = urlsplit(self.url).netloc, self.url.startswith("https:")
        return Minio(host, self.access_key, self.secret, secure=secure, region=self.region, http_client=http)


class ObjectStore(UploadStore):
    """The files of one bucket."""

    def __init__(self, folder: Path, bucket: Bucket):
        super().__init__(folder)
        self.bucket = bucket
        self._http = PoolManager(maxsize=10, timeout=Timeout(SECONDS), retries=AGAIN)
        self._client = bucket.client(self._http)

    @property
    def where(self) -> str:
        return self.bucket.url

    def keep(self, name: str, file: IO[bytes]) -> None:
        """Send it by an address that the client signs: its own put_object would hold a whole file in memory."""
        place = place_of(name)
        file.seek(0)
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))  # type: ignore[arg-type]
        headers = {"Content-MD5": base64.b64encode(digest.digest()).decode(), "Content-Length": str(file.seek(0, 2))}
        file.seek(0)

        def send() -> None:
            url = self._client.presigned_put_object(self.bucket.name, place, SIGNED_FOR)
            answer = self._http.urlopen("PUT", url, body=file, headers=headers)
            if answer.status != 200:
                raise StorageAway(f"The object store answers PUT with {answer.status}.")

        _asked(send)

    def open(self, name: str) -> IO[bytes]:
        place, file = place_of(name), self.scratch()

        def fetch() -> None:
            with closing(self._client.get_object(self.bucket.name, place)) as answer:
                shutil.copyfileobj(answer, file, PIECE)

        try:
            _asked(fetch, name)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def remove(self, name: str) -> None:
        for place in (place_of(name), place_of(f"{name}{SMALL}")):
            _asked(partial(self._client.remove_object, self.bucket.name, place))

    def names(self) -> Iterator[str]:
        listed, found = self._client.list_objects(self.bucket.name, recursive=True), list[str]()
        while (each := _asked(lambda: next(listed, None))) is not None:
            found.append((each.object_name or "").rpartition("/")[2])
        yield from filter(NAME.fullmatch, found)


def _asked(call: Callable[[], T], name: str = "") -> T:
    """Return what the client answers, in its time. Raise StorageAway for what it raises.

    FileNotFoundError where an object is not there.
    """
    try:
        return within(OF_ONE_SECONDS, call)
    except (MinioException, HTTPError, OSError, ParseError, ValueError) as problem:
        if name and isinstance(problem, S3Error) and problem.code == "NoSuchKey":
            raise FileNotFoundError(name) from problem
        said = problem.code if isinstance(problem, S3Error) else type(problem).__name__
        raise StorageAway(f"The object store does not do it: {said}.") from problem
