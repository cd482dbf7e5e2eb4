"""Send what schemathesis makes up, by every kind of caller, about things in every state; no answer is a server error.

    python -m tests.openapi.fuzz --seconds 900 --seed 1       # on a platform of its own, data in a temporary folder

Each operation is prepared as its example is (`operations`): an order that is paid, a parcel that is lost, a return that
waits for a second look. Requests are made from the document, good and bad ones by turns, and meet those things, others
that answers have told of, and none. Senders work at the same time, so that requests meet each other too. Then the state
machine that schemathesis derives from the document goes from answer to answer. What was wrong is printed, one line for
each kind; the exit code says whether anything was.
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.result import Ok

from deploy.demo.client import Unexpected
from gateway.settings import RATES
from tests.e2e.conftest import started
from tests.openapi.document import STEP, Document, Operation
from tests.openapi.house import House
from tests.openapi.operations import OPERATIONS, Gaps
from tests.openapi.test_callers import LAST, Callers, ask
from tests.openapi.test_examples import path_to

ENDLESS = r"/live$|/desk/stream$"
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
SENDERS, MADE_AT_ONCE, LONGEST = 4, 12, 2 * 1024 * 1024
FREE = {
    "PLEDGE_HOLD_PIECES": "100000000", "PLEDGE_TICKETS_PER_PERSON": "1000000", "PLEDGE_RATING_WAIT_MINUTES": "0",
    "PLEDGE_LOG_LEVEL": "WARNING",
}  # fmt: skip
OTHERS = 4
"""How many other callers send each request, besides who may."""
TOLD_EVERY, RENEWED_EVERY = 20, 5


class Request(NamedTuple):
    """What is sent: of which operation, by whom, and the arguments of `requests.request`."""

    label: str
    who: str
    arguments: Mapping[str, Any]


class Found:
    """Counts by status, and an example of each kind of fault."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.cells: set[tuple[str, str]] = set()
        self.faults: dict[tuple[str, str], str] = {}
        self.told: defaultdict[str, deque[Any]] = defaultdict(lambda: deque(maxlen=400))
        self._lock = threading.Lock()

    def add(self, request: Request, operation: Operation, answer: requests.Response) -> None:
        with self._lock:
            self.statuses[f"{answer.status_code}"] += 1
            self.cells.add((request.label, request.who))
        if answer.ok and answer.headers.get("Content-Type", "").startswith("application/json"):
            self._learn(answer.json())
        if what := fault(operation, answer):
            self.fail(request, what, answer.text[:300])

    def fail(self, request: Request, what: str, shown: str) -> None:
        with self._lock:
            sent = {name: value for name, value in request.arguments.items() if name != "timeout"}
            self.faults.setdefault((request.label, what), f"by {request.who}: {str(sent)[:900]}\n    {shown}")

    def _learn(self, told: Any) -> None:
        if isinstance(told, list):
            for each in told[:5]:
                self._learn(each)
        elif isinstance(told, Mapping):
            for name, value in told.items():
                if isinstance(value, str | int) and not isinstance(value, bool) and "token" not in name:
                    self.told[name].append(value)
                else:
                    self._learn(value)


def fault(operation: Operation, answer: requests.Response) -> str:
    """Return what is wrong with an answer, "" if nothing is."""
    if answer.status_code >= 500:
        return str(answer.status_code)
    return operation.undocumented(answer) or (f"{len(answer.content)} bytes" if len(answer.content) > LONGEST else "")


class Fuzz:
    """One run against one platform."""

    def __init__(self, url: str, seed_: int):
        self.url, self.random = url, random.Random(seed_)
        self.schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json").exclude(path_regex=ENDLESS)
        self.document = Document(requests.get(f"{url}/v1/openapi.json", timeout=30).json())
        self.house = House(url)
        self.callers = Callers(self.house.for_another())
        self.found, self.made = Found(), 0
        self._queue: queue.Queue[Request | None] = queue.Queue(400)

    def run(self, seconds: float) -> None:
        senders = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        end = time.monotonic() + seconds
        operations = [result.ok() for result in self.schema.get_all_operations() if isinstance(result, Ok)]
        tried = 0
        while time.monotonic() < end:
            self.random.shuffle(operations)
            for each in operations:
                if time.monotonic() > end:
                    break
                self._try(each)
                tried += 1
                if tried % RENEWED_EVERY == 0:
                    self._renew()
                if tried % TOLD_EVERY == 0:
                    say(f"{tried} operations, {sum(self.found.statuses.values())} answers, {list(self.found.faults)}")
        for _ in senders:
            self._queue.put(None)
        for sender in senders:
            sender.join(60)

    def walk(self, seconds: float) -> int:
        """Go from answer to answer by the links that the document implies, each walk as one caller."""
        fuzz, steps, end = self, 0, time.monotonic() + seconds

        class Walk(self.schema.as_state_machine()):  # type: ignore[misc]
            def setup(self) -> None:
                self.who = fuzz.random.choice(fuzz._tokens())

            def get_call_kwargs(self, case: Any) -> dict[str, Any]:
                return {"headers": fuzz._bearer(self.who[1]), "timeout": 30}

            def validate_response(self, response: Any, case: Any, **_: Any) -> None:
                nonlocal steps
                steps += 1
                label = f"{case.operation.method.upper()} {STEP.sub('{}', case.operation.path)}"
                request = Request(label, f"{self.who[0]}, walking", {"body": case.body, "path": case.formatted_path})
                answer = requests.Response()
                answer.status_code, answer._content = response.status_code, response.content
                answer.headers.update({name: values[0] for name, values in response.headers.items()})
                fuzz.found.add(request, fuzz.document.operations[label], answer)

        while time.monotonic() < end:
            walk = settings(
                max_examples=10, stateful_step_count=20, deadline=None, database=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck), derandomize=False,
            )  # fmt: skip
            Walk.run(settings=walk)
            self._renew()
        return steps

    def _try(self, made_of: Any) -> None:
        """Send what is made up for one operation, by each caller, about a thing that was prepared for it."""
        key = f"{made_of.method.upper()} {STEP.sub('{}', made_of.path)}"
        operation, known = self.document.operations[key], OPERATIONS[key]
        example = next(iter(operation.examples()), None) if operation.bodies else None
        try:
            gaps = known.prepare(self.house, example.body if example else None)
        except (Unexpected, StopIteration, KeyError, IndexError) as problem:
            self.found.fail(Request(key, "prepared", {}), "could not be prepared", str(problem)[:200])
            return
        cases = [case for mode in MODES for case in self._cases(made_of, mode)]
        others = [] if key in LAST or "DELETE /v1/staff" in key or "sessions" in key else self._tokens()
        for case in cases:
            some = self.random.sample(others, min(OTHERS, len(others)))
            for who, token in [("who may", gaps.who._token), *some]:
                self._queue.put(Request(key, who, self._arguments(operation, case, gaps, token)))
        if example:
            ask(self.house, operation, next(self.callers.asking(key, operation, gaps)), gaps)
        self.made += len(cases)

    def _cases(self, made_of: Any, mode: Any) -> list[Any]:
        cases: list[Any] = []

        @seed(self.random.getrandbits(40))
        @settings(
            max_examples=MADE_AT_ONCE, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=made_of.as_strategy(generation_mode=mode))
        def make(case: Any) -> None:
            cases.append(case)

        with suppress(Unsatisfiable):  # nothing can be wrong with a request without any input
            make()
        return cases

    def _arguments(self, operation: Operation, case: Any, gaps: Gaps, token: str) -> dict[str, Any]:
        """Return a request: as it was made up, or about what is there."""
        sent: dict[str, Any] = dict(case.as_transport_kwargs(base_url=self.url))
        headers = {name: str(value) for name, value in (sent.get("headers") or {}).items()}
        if self.random.random() < 0.75:
            sent["url"] = self.url + path_to(operation, gaps.thing) if gaps.thing else sent["url"]
            if isinstance(sent.get("json"), Mapping | list):
                sent["json"] = self._meeting(sent["json"], gaps.values)
            if isinstance(sent.get("params"), Mapping):
                sent["params"] = self._meeting(sent["params"], gaps.values)
        if "json" in sent:
            sent["data"] = json.dumps(sent.pop("json")).encode("utf-8", "surrogatepass")
        if gaps.headers and isinstance(sent.get("data"), bytes) and self.random.random() < 0.8:
            headers |= gaps.headers(sent["data"])
        headers.pop("User-Agent", None)
        return {**sent, "headers": {**headers, **self._bearer(token)}, "timeout": 60}

    def _meeting(self, body: Any, values: Mapping[str, Any]) -> Any:
        """Return the body with names of things that are there, and now and then with a value of another kind."""
        if isinstance(body, list):
            return [self._meeting(each, values) for each in body]
        if not isinstance(body, Mapping):
            return body
        met = {}
        for name, inner in body.items():
            known = values.get(name)
            if isinstance(known, list):
                known = self.random.choice(known) if known else None
            if known is not None and self.random.random() < 0.8:
                met[name] = known
            elif isinstance(inner, str | int) and self.found.told.get(name) and self.random.random() < 0.5:
                met[name] = self.random.choice(list(self.found.told[name]))
            else:
                met[name] = self._meeting(inner, values)
        return met

    def _tokens(self) -> list[tuple[str, str]]:
        people = [(name, str(session["access_token"])) for name, session in self.callers._sessions[0].items()]
        links = [(f"{kind} link", token) for kind, token in self.callers._links.items()]
        return [("anonymous", ""), *people, *links, ("ended", self.callers._ended)]

    def _renew(self) -> None:
        """Sign in again who was signed out, or whose token is over."""
        for name, session in self.callers._sessions[0].items():
            headers = self._bearer(str(session["access_token"]))
            if requests.get(f"{self.url}/v1/sessions", headers=headers, timeout=60).status_code == 401:
                self.callers._sessions[0][name] = self.house.session(self.callers._mail[name])

    @staticmethod
    def _bearer(token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _send(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while request := self._queue.get():
                try:
                    answer = session.request(**request.arguments)
                    self.found.add(request, self.document.operations[request.label], answer)
                except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError, ValueError):
                    continue  # it cannot be sent by this library
                except requests.RequestException as problem:
                    self.found.fail(request, "no answer", repr(problem)[:200])


def main() -> int:
    """Run, print what was tried and what was wrong. Return 1 if anything was."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pledge-fuzz-"))
    with started(folder, **FREE, **dict.fromkeys(RATES, "10000000/minute")) as url:
        fuzz = Fuzz(url, chosen.seed)
        fuzz.run(chosen.seconds * 0.85)
        sent = sum(fuzz.found.statuses.values())
        steps = fuzz.walk(chosen.seconds * 0.15)
        health = requests.get(f"{url}/v1/health", timeout=60).status_code
    report(fuzz, sent, steps, health, folder / "log")
    return 1 if fuzz.found.faults or health != 200 else 0


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (a program for people)


def report(fuzz: Fuzz, sent: int, steps: int, health: int, log: Path) -> None:
    say(f"{sent} requests from {fuzz.made} made-up ones, {steps} steps of the state machine; log: {log}")
    say(f"{len(OPERATIONS)} operations, {len(fuzz.found.cells)} pairs of operation and caller; health: {health}")
    say("by status: " + ", ".join(f"{status} × {count}" for status, count in sorted(fuzz.found.statuses.items())))
    for line in _faults(fuzz.found):
        say(line)


def _faults(found: Found) -> Iterator[str]:
    for (label, what), shown in sorted(found.faults.items(), key=lambda each: each[0][1]):
        yield f"- {what}: {label} {shown}"


if __name__ == "__main__":
    sys.exit(main())
