"""One HTTP client: asks again, under the same idempotency key, until there is an answer; writes down what it got."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from deploy.lab.chaos.record import Record
from services.common.basics.untyped import JsonDict

HANG_SECONDS = 60.0
PATIENCE_SECONDS = 150.0
PAUSE_SECONDS = 0.4
TRY_AGAIN = frozenset({"concurrent_update"})


class GaveUp(Exception):
    """No answer, or what was waited for did not come, for longer than a patient customer waits."""


class Refused(Exception):
    """A definite no; `code` is the problem document's."""

    def __init__(self, code: str, text: str):
        super().__init__(text)
        self.code = code


class Client:
    """A person or machine with a connection of its own. `quit` ends all waiting early."""

    def __init__(self, url: str, record: Record, name: str, quit_: threading.Event):
        place = urlsplit(url)
        self.record, self.name = record, name
        self._quit = quit_
        self._http = http.client.HTTPConnection(place.hostname or "", place.port, timeout=HANG_SECONDS)

    def get(self, path: str, token: str = "", **query: Any) -> JsonDict:
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path, token=token)

    def post(
        self, path: str, body: JsonDict, token: str = "", *, key: str = "", until_not: frozenset[str] = frozenset()
    ) -> JsonDict:
        """Return the answer.

        A refusal with a code in `until_not` means that it is too early, and the request is repeated.
        """
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", path, json.dumps(body).encode(), token, headers, until_not)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        until_not: frozenset[str] = frozenset(),
    ) -> JsonDict:
        """Return the decoded success. Raise Refused for a definite refusal, GaveUp if there is neither for too long."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            status, text = self._once(method, path, body, sent)
            if 200 <= status < 300:
                answer: JsonDict = json.loads(text) if text else {}
                return answer
            if 400 <= status < 500 and status != 429:
                code = _code(text)
                if code not in TRY_AGAIN | until_not:
                    raise Refused(code, f"{method} {path}: {status} {text[:300]}")
            elif status not in (0, 429, 503):
                self.record.note("failure", client=self.name, asked=f"{method} {path}", got=f"{status} {text[:300]}")
            self._rest()
        raise GaveUp(f"{method} {path}")

    def wait_for(self, look: Callable[[], Any]) -> Any:
        """Return the first true thing that `look` returns."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if found := look():
                return found
            self._rest()
        raise GaveUp("what was waited for did not come")

    def same(self, asked: str, got: Any) -> None:
        """Write down what the question was about and what the answer was about."""
        self.record.note("answer", client=self.name, asked=asked, got=str(got))

    def close(self) -> None:
        self._http.close()

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str]:
        """Return status and text of one attempt. Status 0: no answer came."""
        try:
            self._http.request(method, path, body, dict(headers))
            answer = self._http.getresponse()
            return answer.status, answer.read().decode()
        except TimeoutError:
            self.record.note("hang", client=self.name, asked=f"{method} {path}", seconds=HANG_SECONDS)
        except (OSError, http.client.HTTPException):
            pass  # not there, or gone before the answer: it is asked again
        self._http.close()
        return 0, ""

    def _rest(self) -> None:
        if self._quit.wait(PAUSE_SECONDS):
            raise GaveUp("the run is over")


def _code(text: str) -> str:
    try:
        return str(json.loads(text).get("code", ""))
    except (ValueError, AttributeError):
        return ""
