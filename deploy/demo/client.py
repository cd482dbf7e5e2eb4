"""What the demo (and the tests from outside) use: the REST API as a client sees it, the mailbox, the live stream."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import requests

from services.common.basics.clock import rfc3339
from services.common.basics.untyped import JsonDict

Answer = TypeVar("Answer")
PATIENCE_SECONDS = 30.0


class Unexpected(Exception):
    """Something is not as the platform promises."""


def expect(condition: bool, what: str) -> None:
    if not condition:
        raise Unexpected(what)


def wait_for(condition: Callable[[], Answer | None], seconds: float = PATIENCE_SECONDS) -> Answer:
    """Return the first true answer. Raise Unexpected if none comes in time."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Unexpected(f"nothing came of it in {seconds:.0f} s ({condition.__code__.co_consts})")
        time.sleep(0.1)


class Client:
    """The API on behalf of a guest, or of the token's owner."""

    def __init__(self, url: str, token: str = "", refresh: str = "", agent: str = ""):
        """Set up a client. refresh: the token that gets the next access token when this one has expired.

        agent: as which browser it signs in.
        """
        self.url, self._token, self._refresh = url.rstrip("/"), token, refresh
        self._session = requests.Session()
        self._session.trust_env = False
        if agent:
            self._session.headers["User-Agent"] = agent
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    @property
    def tokens(self) -> tuple[str, str]:
        """The access token, and the one that gets the next."""
        return self._token, self._refresh

    def with_token(self, token: str) -> Client:
        return Client(self.url, token)

    def get(self, path: str, **query: object) -> JsonDict:
        return self._call("GET", path, params=query)

    def post(self, path: str, body: JsonDict, key: str = "") -> JsonDict:
        return self._call("POST", path, json=body, headers={"Idempotency-Key": key} if key else {})

    def put(self, path: str, body: JsonDict) -> JsonDict:
        return self._call("PUT", path, json=body)

    def patch(self, path: str, body: JsonDict) -> JsonDict:
        return self._call("PATCH", path, json=body)

    def try_get(self, path: str) -> JsonDict | None:
        """Return the answer like `get`, or None without a good answer."""
        try:
            return self.get(path)
        except Unexpected:
            return None

    def try_post(self, path: str, body: JsonDict, *, until_not: str) -> JsonDict | None:
        """Return the answer like `post`, or None while it is refused with that code."""
        answer = self.send("POST", path, json=body)
        return None if not answer.ok and answer.json().get("code") == until_not else self._read(answer)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Return the answer, good or not; to a second try with the next access token, when this one is over."""
        answer = self._session.request(method, self.url + path, timeout=60, **options)
        if answer.status_code != 401 or not self._refresh:
            return answer
        given = {"refresh_token": self._refresh}
        fresh = requests.post(f"{self.url}/v1/sign-in/refresh", json=given, timeout=30)
        if not fresh.ok:
            return answer
        self._token = fresh.json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {self._token}"
        return self._session.request(method, self.url + path, timeout=60, **options)

    def sign_in(self, email: str) -> Client:
        """Ask for a code, read it in the mail, sign in with it."""
        known = self.mails_known(email)
        asked = self.post("/v1/sign-in", {"email": email})["request"]
        given = {"email": email, "code": self.mailed_code(email, known), "request": asked}
        answer = self.post("/v1/sign-in/verify", given)
        return Client(self.url, answer["access_token"], answer["refresh_token"])

    def mails_known(self, email: str) -> frozenset[str]:
        """Return the ids of the mails that were sent to an address so far."""
        return frozenset(mail["id"] for mail in self._mails(email))

    def mailed_code(self, email: str, known: frozenset[str]) -> str:
        """Return the sign-in code in a mail that came after those that were known."""

        def code() -> str | None:
            bodies = (
                self.get(f"/dev/mail/{each['id']}")["body"] for each in self._mails(email) if each["id"] not in known
            )
            found = (re.search(r"^Your code: ([\d ]+)$", body, re.MULTILINE) for body in bodies)
            return next((match[1].replace(" ", "") for match in found if match), None)

        return wait_for(code)

    def mail_link(self, email: str, path: str, *, containing: str) -> str:
        """Return the link to a page in the newest mail to an address that holds a text."""

        def link() -> str | None:
            for mail in self._mails(email):
                shown = self.get(f"/dev/mail/{mail['id']}")
                if containing in shown["body"]:
                    return next((found for found in shown["links"] if path in found), None)
            return None

        return wait_for(link)

    def easypost(
        self, tracking_number: str, event_id: str, scans: Iterable[tuple[str, str, datetime]], secret: str
    ) -> None:
        """Report a parcel's scans as EasyPost does: raw body, signature v1. "error:lost" is status and detail."""
        details = [
            {
                "object": "TrackingDetail", "status": status.partition(":")[0], "message": message,
                "status_detail": status.partition(":")[2] or None, "datetime": rfc3339(at),
                "source": "USPS", "tracking_location": {"city": "NEW YORK", "state": "NY", "country": "US"},
            }
            for status, message, at in scans
        ]  # fmt: skip
        tracker = {
            "id": f"trk_{tracking_number}", "object": "Tracker", "tracking_code": tracking_number, "carrier": "USPS",
            "status": details[-1]["status"], "weight": 614.4, "tracking_details": details,
        }  # fmt: skip
        event = {"id": event_id, "object": "Event", "description": "tracker.updated", "result": tracker}
        body = json.dumps(event).encode()
        key = unicodedata.normalize("NFKD", secret).encode()
        signature = hmac.new(key, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hmac-Signature": f"hmac-sha256-hex={signature}"}
        self._read(self._session.post(f"{self.url}/v1/webhooks/carriers/easypost", body, headers=headers, timeout=30))

    def stream(self, path: str) -> requests.Response:
        return self._session.get(self.url + path, stream=True, timeout=(5, 60))

    def _mails(self, email: str) -> list[JsonDict]:
        mails: list[JsonDict] = self.get("/dev/mail")["items"]
        return [mail for mail in mails if email in mail["to"]]

    def _call(self, method: str, path: str, **options: Any) -> JsonDict:
        try:
            return self._read(self.send(method, path, **options))
        except requests.ConnectionError:
            raise Unexpected(f"nobody answers at {self.url}: start the platform first (make run)") from None

    @staticmethod
    def _read(answer: requests.Response) -> JsonDict:
        if not answer.ok:
            raise Unexpected(
                f"{answer.request.method} {answer.request.path_url} → {answer.status_code}: {answer.text[:600]}"
            )
        shown: JsonDict = answer.json() if answer.content else {}
        return shown


class Live:
    """A live stream (server-sent events), read in a thread of its own."""

    def __init__(self, client: Client, path: str):
        self._answer = client.stream(path)
        if not self._answer.ok:
            raise Unexpected(f"no live stream: {self._answer.status_code} {self._answer.text[:300]}")
        self._types: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def types(self) -> list[str]:
        """Return the types of the events so far, in order."""
        return list(self._types)

    def saw(self, event_type: str) -> bool:
        return event_type in self._types

    def close(self) -> None:
        """End it at once: closing alone waits for what is being read, until the next heartbeat."""
        with suppress(RuntimeError):  # it has ended by itself
            self._answer.raw.shutdown()
        self._answer.close()

    def _read(self) -> None:
        try:
            for line in self._answer.iter_lines(chunk_size=1):
                if line.startswith(b"data:"):
                    self._types.append(json.loads(line.partition(b":")[2])["type"])
        except (requests.RequestException, AttributeError, ValueError, OSError):
            return  # closed under our hands: that is how it ends
