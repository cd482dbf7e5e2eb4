"""AfterShip, 17TRACK and Shippo are told of parcels and asked for them, over HTTP, in the shapes that they document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
import pytest
from eventlet import wsgi

from services.common.basics.errors import ServiceError
from services.logistics.adapters.carriers import Carrier, Carriers, TooManyCalls
from services.logistics.adapters.carriers.aftership import AfterShip
from services.logistics.adapters.carriers.calls import LARGEST, rest_of
from services.logistics.adapters.carriers.easypost import EasyPost
from services.logistics.adapters.carriers.seventeen_track import SeventeenTrack
from services.logistics.adapters.carriers.shippo import Shippo
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import fold
from services.logistics.tests.test_sources import NOW, RAW

pytestmark = pytest.mark.pure

Reply = tuple[str, Any]
NUMBERS = {"aftership": "LX000000001CN", "17track": "LX000000001CN", "shippo": "9400100000000000000001"}


class Api:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, Mapping[str, str], Any]] = []
        self.reply: Callable[[str], Reply] = lambda path: ("500 Down", {})
        self.headers: list[tuple[str, str]] = []
        self._listener = eventlet.listen(("127.0.0.1", 0))
        self._server = eventlet.spawn(wsgi.server, self._listener, self._answer, log_output=False)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._server.kill()
        self._listener.close()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raw = environ["wsgi.input"].read()
        query = environ.get("QUERY_STRING")
        path = environ["PATH_INFO"] + (f"?{query}" if query else "")
        given = {name[5:].lower().replace("_", "-"): text for name, text in environ.items() if name.startswith("HTTP_")}
        self.seen.append((environ["REQUEST_METHOD"], path, given, json.loads(raw) if raw else None))
        status, body = self.reply(path)
        start_response(status, self.headers)
        return [body if isinstance(body, bytes) else json.dumps(body).encode()]


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api()
    yield server
    server.close()


def carrier(name: str, api: Api) -> Carrier:
    return {
        "aftership": AfterShip(aftership_api_key="k1", aftership_url=f"{api.url}/tracking/2026-07"),
        "17track": SeventeenTrack(seventeen_track_key="k1", seventeen_track_url=f"{api.url}/track/v2.4"),
        "shippo": Shippo(shippo_api_token="k1", shippo_url=api.url),
        "easypost": EasyPost(easypost_api_key="k1", easypost_url=api.url),
    }[name]


def known(name: str) -> Any:
    """Return what the carrier knows of the parcel, as it stands in its webhook."""
    body = json.loads(RAW[name])
    return body["msg" if name == "aftership" else "data"]


ANSWERS: Mapping[str, Callable[[str], Reply]] = {
    "aftership": lambda path: (
        ("200 OK", {"meta": {"code": 200}, "data": {"trackings": [known("aftership"), {"tracking_number": "another"}]}})
        if "?" in path
        else ("201 Created", {"meta": {"code": 201}, "data": known("aftership")})
    ),
    "17track": lambda path: (
        "200 OK",
        {"code": 0, "data": {"accepted": [known("17track") if "info" in path else {"number": "x"}], "rejected": []}},
    ),
    "shippo": lambda path: ("200 OK" if path != "/tracks/" else "201 Created", known("shippo")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_carrier_is_told_of_a_parcel_and_asked_for_it(name: str, api: Api) -> None:
    api.reply, adapter, number = ANSWERS[name], carrier(name, api), NUMBERS[name]

    adapter.register(number, "usps", NOW)
    fetched = adapter.fetch(number, NOW, "usps")

    assert [(method, path, body) for method, path, _, body in api.seen] == {
        "aftership": [
            ("POST", "/tracking/2026-07/trackings", {"tracking_number": number, "slug": "usps"}),
            ("GET", f"/tracking/2026-07/trackings?tracking_numbers={number}", None),
        ],
        "17track": [
            ("POST", "/track/v2.4/register", [{"number": number, "carrier": 21051}]),
            ("POST", "/track/v2.4/gettrackinfo", [{"number": number}]),
        ],
        "shippo": [
            ("POST", "/tracks/", {"carrier": "usps", "tracking_number": number}),
            ("GET", f"/tracks/usps/{number}", None),
        ],
    }[name]
    key = {"aftership": "as-api-key", "17track": "17token", "shippo": "authorization"}[name]
    assert {headers[key] for _, _, headers, _ in api.seen} == {"ShippoToken k1" if name == "shippo" else "k1"}
    assert fold(fetched.events).status is ParcelStatus.DELIVERED
    assert len(fetched.told) == 1


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("aftership", "400 Bad Request", {"meta": {"code": 4003, "type": "BadRequest"}, "data": {}}),
        ("17track", "200 OK", {"code": 0, "data": {"accepted": [], "rejected": [{"number": "N", "error": {"code": -18019901}}]}}),  # noqa: E501
    ],
)  # fmt: skip
def test_a_parcel_that_is_there_already_is_registered(name: str, status: str, body: Any, api: Api) -> None:
    api.reply = lambda path: (status, body)

    assert carrier(name, api).register(NUMBERS[name], "yanwen", NOW).events == ()


@pytest.mark.parametrize(
    ("name", "status", "body", "says"),
    [
        ("aftership", "400 Bad Request", {"meta": {"code": 4005}}, "AfterShip says no: 4005"),
        ("aftership", "400 Bad Request", {"meta": "x" * 9}, "AfterShip says no: 400"),
        ("aftership", "401 Unauthorized", {}, "AfterShip says no: 401"),
        ("aftership", "302 Found", {}, "AfterShip says no: 302"),
        ("aftership", "200 OK", b"<html>", "AfterShip does not answer"),
        ("aftership", "200 OK", b" " * (LARGEST + 1), "AfterShip does not answer"),
        ("17track", "200 OK", {"code": -18010002}, "17TRACK says no: -18010002"),
        ("17track", "200 OK", {"code": 0, "data": {"rejected": [{"error": {"code": -18019903}}]}}, "17TRACK says no: -18019903"),  # noqa: E501
        ("17track", "200 OK", {"code": 0, "data": {"rejected": "all"}}, "rejected is not a list"),
        ("shippo", "500 Down", b"", "Shippo says no: 500"),
    ],
)  # fmt: skip
def test_a_refusal_says_why(name: str, status: str, body: Any, says: str, api: Api) -> None:
    api.reply = lambda path: (status, body)
    api.headers = [("Location", f"{api.url}/elsewhere")]

    with pytest.raises(ServiceError, match=says):
        carrier(name, api).register(NUMBERS[name], "usps", NOW)
    assert len(api.seen) == 1  # a redirect is not followed: the key would go along


@pytest.mark.parametrize("name", [*ANSWERS, "easypost"])
def test_too_many_calls_are_told_with_their_end(name: str, api: Api) -> None:
    api.reply, api.headers = lambda path: ("429 Too Many Requests", b"slow down"), [("Retry-After", "30")]

    with pytest.raises(TooManyCalls) as refused:
        carrier(name, api).fetch("N1", NOW, "usps")

    assert refused.value.until == NOW + timedelta(seconds=30)


def test_how_long_to_rest_is_read_within_reason() -> None:
    def rest(**headers: str) -> float:
        return rest_of({name.replace("_", "-"): text for name, text in headers.items()}, NOW).total_seconds()

    reset = str(int(NOW.timestamp()) + 20)
    assert (rest(), rest(retry_after="0"), rest(retry_after="5"), rest(retry_after="99999999")) == (60, 1, 5, 3600)
    assert rest(retry_after="Tue, 10 Mar 2026 21:29:00 GMT") == 120
    assert (rest(ratelimit_reset=reset), rest(x_ratelimit_reset="7"), rest(retry_after="soon")) == (20, 60, 60)
    assert datetime(2026, 3, 10, 21, 27, tzinfo=UTC) == NOW


def test_the_first_that_knows_a_carrier_watches_it() -> None:
    adapters: dict[str, Carrier] = {
        "easypost": EasyPost(),
        "17track": SeventeenTrack(seventeen_track_key="k", seventeen_track_url=""),
        "shippo": Shippo(shippo_api_token="k"),
    }

    assert Carriers(adapters).watching("usps") is adapters["shippo"]
    assert Carriers(adapters).watching("yanwen") is None  # Shippo does not know it, the others are not called
    adapters["17track"] = SeventeenTrack(seventeen_track_key="k")
    assert Carriers(adapters).watching("usps") is adapters["17track"]
    assert Carriers(adapters).watching("localpost") is None
