"""Files in an S3-compatible object store (AWS, MinIO, Ceph, …) instead of a folder: the same port as `uploads`.

    store = ObjectStore(folder, Bucket("https://s3.example.com/attachments", "us-east-1", access_key, secret))

A file is sent and fetched in pieces, by path-style addresses and Signature Version 4. One PUT keeps it: it is there
whole, or not at all. The folder is for what is examined before it is kept, on each machine its own. Whatever goes wrong
on the way is StorageAway: nothing was lost, and it can be tried again.
"""

from __future__ import annotations

import hashlib
import hmac
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree  # what our own object store says

from services.common.basics import clock
from services.common.basics.errors import Unavailable
from services.common.runtime.uploads import NAME, PIECE, SMALL, UploadStore, place_of

SECONDS = 10
NOTHING = hashlib.sha256(b"").hexdigest()
_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class StorageAway(Unavailable):
    """The object store does not answer, or refuses us; everything else works."""

    code = "storage_unavailable"
    message = "Files cannot be kept or read just now; try again later."


@dataclass(frozen=True)
class Bucket:
    """Where the objects are, `https://host/bucket`, and what we are known by there."""

    url: str
    region: str
    access_key: str
    secret: str = field(repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        return urlsplit(self.url).path.rstrip("/")

    def connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self.url.startswith("https:") else HTTPConnection
        return kind(self.host, timeout=SECONDS)

    def signed(self, method: str, path: str, query: Mapping[str, str], digest: str, at: str) -> dict[str, str]:
        """Return the headers of a request. path: encoded; digest: of its body (SHA-256); at: `20130524T000000Z`."""
        headers = {"host": self.host, "x-amz-content-sha256": digest, "x-amz-date": at}
        names, scope = ";".join(headers), f"{at[:8]}/{self.region}/s3/aws4_request"
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        request = "\n".join((method, path, written(query), lines, names, digest))
        text = "\n".join(("AWS4-HMAC-SHA256", at, scope, hashlib.sha256(request.encode()).hexdigest()))
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        credential = f"Credential={self.access_key}/{scope}"
        value = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"
        return {**headers, "authorization": value}


class ObjectStore(UploadStore):
    """The files of one bucket."""

    def __init__(self, folder: Path, bucket: Bucket):
        super().__init__(folder)
        self.bucket = bucket

    @property
    def where(self) -> str:
        return self.bucket.url

    def keep(self, name: str, file: IO[bytes]) -> None:
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a file on disk or in memory
        size = file.seek(0, 2)
        file.seek(0)
        with self._asked("PUT", self._key(name), body=file, size=size, digest=digest) as answer:
            answer.read()

    def open(self, name: str) -> IO[bytes]:
        file = self.scratch()
        try:
            with self._asked("GET", self._key(name), missing=True) as answer:
                if answer.status == 404:
                    raise FileNotFoundError(name)
                shutil.copyfileobj(answer, file, PIECE)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def remove(self, name: str) -> None:
        for each in (name, f"{name}{SMALL}"):
            with self._asked("DELETE", self._key(each), missing=True) as answer:
                answer.read()

    def names(self) -> Iterator[str]:
        query = {"list-type": "2"}
        while True:
            with self._asked("GET", "", query=query) as answer:
                page = ElementTree.fromstring(answer.read())  # noqa: S314 (of our own object store)
            keys = (str(each.text).rpartition("/")[2] for each in page.iter(f"{_NAMESPACE}Key"))
            yield from filter(NAME.fullmatch, keys)
            further = page.findtext(f"{_NAMESPACE}NextContinuationToken")
            if not further:
                return
            query = {"continuation-token": further, "list-type": "2"}

    def _key(self, name: str) -> str:
        return f"/{place_of(name)}"

    @contextmanager
    def _asked(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] = {},
        body: IO[bytes] | None = None,
        size: int = 0,
        digest: str = NOTHING,
        missing: bool = False,
    ) -> Iterator[HTTPResponse]:
        """Ask the object store. missing: 404 is an answer, too. Raise StorageAway for what else is no success."""
        path = quote(f"{self.bucket.path}{key}", safe="/")
        headers = self.bucket.signed(method, path, query, digest, clock.now().strftime("%Y%m%dT%H%M%SZ"))
        if body is not None:
            headers["content-length"] = str(size)
        try:
            with closing(self.bucket.connect()) as connection:
                connection.request(method, f"{path}?{written(query)}" if query else path, body=body, headers=headers)
                answer = connection.getresponse()
                if answer.status >= 300 and not (missing and answer.status == 404 and _says_key(answer)):
                    raise StorageAway(f"The object store answers {method} with {answer.status}.")
                yield answer
        except FileNotFoundError:
            raise
        except (OSError, HTTPException, ElementTree.ParseError) as problem:
            raise StorageAway(f"The object store does not answer: {type(problem).__name__}.") from problem


def _says_key(answer: HTTPResponse) -> bool:
    """Return whether a 404 is about the object: a bucket that is not there is a mistake of ours."""
    return b"<Code>NoSuchBucket</Code>" not in answer.peek(PIECE)


def written(query: Mapping[str, str]) -> str:
    """Return a query as it is signed: sorted and encoded."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items()))
