"""One file as it is sent: kept in memory, with its type, its policy and how long browsers keep it."""

from __future__ import annotations

import gzip
import hashlib
from functools import cached_property

from flask import Response, request

from gateway.http.security import PAGE_POLICY

ASK_EACH_TIME = "no-cache"  # a browser keeps it, but asks each time: a new version shows at once
FOR_A_YEAR = "public, max-age=31536000, immutable"  # its name has its version


class PageFile:
    """One file, ready to be sent: bytes, type and a strong ETag."""

    def __init__(self, content: bytes, media_type: str, keep: str = ASK_EACH_TIME, policy: str = PAGE_POLICY):
        self.content = content
        self.etag = hashlib.sha256(content).hexdigest()[:20]
        text = media_type.startswith("text/") or media_type.endswith(("javascript", "json"))
        self.headers = {
            "Content-Type": f"{media_type}; charset=utf-8" if text else media_type,
            "Content-Security-Policy": policy,
            "Cache-Control": keep,
            "ETag": f'"{self.etag}"',
            "Vary": "Accept-Encoding",
        }

    @cached_property
    def packed(self) -> bytes:
        """The content as gzip: made at the first request for it, for it takes longer than all the rest."""
        return gzip.compress(self.content, mtime=0)

    def respond(self) -> Response:
        if request.if_none_match.contains(self.etag):
            return Response(b"", 304, self.headers)
        if request.accept_encodings["gzip"] > 0 and len(self.packed) < len(self.content):
            return Response(self.packed, 200, {**self.headers, "Content-Encoding": "gzip"})
        return Response(self.content, 200, self.headers)
