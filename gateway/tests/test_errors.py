"""Whatever goes wrong is a problem document with a stable code; nothing anybody sends makes a 500."""

from __future__ import annotations

import http.client
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.error_page import render
from gateway.http.errors import STATUS_OF_KIND, document, status_of
from gateway.tests.peers import ORDER, PEERS
from services.common.basics.errors import KINDS, Conflict, Forbidden, Invalid, NotFound, ServiceError, Unavailable

SANDBOX = "/sandbox/refunds"


def problem_of(answer: Any) -> tuple[int, str]:
    """Return (status, code) of an answer that must be a problem document."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() >= {"type", "title", "status", "code", "detail", "trace_id"}
    assert body["status"] == answer.status_code
    assert body["trace_id"] == answer.headers["X-Trace-Id"]
    return answer.status_code, body["code"]


def test_every_kind_of_refusal_has_a_status() -> None:
    assert STATUS_OF_KIND.keys() == KINDS.keys()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404), (Invalid(), 422), (Conflict(), 409), (Forbidden(), 403), (Unavailable(), 503),
        (Conflict(code="version_moved"), 412), (Forbidden(code="too_many_requests"), 429), (ServiceError(), 500),
    ],
)  # fmt: skip
def test_the_kind_gives_the_status_and_some_codes_their_own(error: ServiceError, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/health/", 404, "not_found"),
        ("GET", "/v1/orders/ORD-7K3M-9Q2X-0/timeline", 404, "not_found"),
        ("GET", "/v1/orders/nonsense/timeline", 404, "not_found"),
        ("GET", "/v1/orders/%00%ff/timeline", 404, "not_found"),
        ("POST", "/v1/health", 405, "method_not_allowed"),
        ("DELETE", f"/v1/orders/{ORDER}/timeline", 405, "method_not_allowed"),
        ("BREW", "/v1/health", 400, "malformed_request"),
        ("GET", "/v1/commitments", 401, "sign_in_required"),
    ],
)
def test_what_is_not_there_or_not_allowed_is_a_problem_document(
    gateway: Any, method: str, path: str, status: int, code: str
) -> None:
    assert problem_of(gateway.request(method, path)) == (status, code)


def test_a_405_says_what_is_allowed(gateway: Any) -> None:
    assert "GET" in gateway.post("/v1/health").headers["Allow"]


BODIES = [
    (b"{", 400, "malformed_json"),
    (b"not json", 400, "malformed_json"),
    (b"\xff\xfe{}", 400, "malformed_json"),
    (b"\xef\xbb\xbf{}", 400, "malformed_json"),
    (b'{"amount_cents": NaN}', 400, "malformed_json"),
    (b'{"amount_cents": Infinity}', 400, "malformed_json"),
    (b'{"amount_cents": 1e999}', 400, "number_out_of_range"),
    (b'{"amount_cents": 123456789012345678901234567890}', 400, "number_out_of_range"),
    (b'{"a": ' + b"9" * 5000 + b"}", 400, "number_out_of_range"),
    (b'{"a": 1, "a": 2}', 400, "duplicate_key"),
    (b'{"a": "\\ud800"}', 400, "malformed_json"),
    (b'{"\\ud800": 1}', 400, "malformed_json"),
    (b"[" * 60_000, 400, "json_too_deep"),
    (b"[" * 300 + b"]" * 300, 400, "json_too_deep"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400, "json_too_deep"),
    (b"", 422, "validation_failed"),
    (b"null", 422, "validation_failed"),
    (b"[]", 422, "validation_failed"),
    (b'"text"', 422, "validation_failed"),
    (b"{}", 422, "validation_failed"),
    (b'{"unknown": 1}', 422, "validation_failed"),
    (b'{"refund_id": "a\\u0000b", "reference": "r", "amount_cents": 1, "currency": "USD"}', 422, "validation_failed"),
    (b'{"refund_id": "r", "reference": "r", "amount_cents": true, "currency": "USD"}', 422, "validation_failed"),
    (b'{"refund_id": "r", "reference": "r", "amount_cents": 1.5, "currency": "USD"}', 422, "validation_failed"),
    (b'{"refund_id": "r", "reference": "r", "amount_cents": 1, "currency": "EUR"}', 422, "validation_failed"),
    (b'{"refund_id": ["r"], "reference": {}, "amount_cents": "1", "currency": null}', 422, "validation_failed"),
]


def test_no_body_whatever_makes_a_server_error(gateway: Any) -> None:
    found = []
    for body, _, _ in BODIES:
        answer = gateway.request("POST", SANDBOX, data=body, headers={"Content-Type": "application/json"})
        found.append((body[:60], *problem_of(answer)))

    assert found == [(body[:60], status, code) for body, status, code in BODIES]


def test_wrong_fields_are_named_one_by_one(gateway: Any) -> None:
    answer = gateway.post(SANDBOX, {"refund_id": 1, "odd": True})

    assert {each["field"] for each in answer.json()["errors"]} == {
        "refund_id", "reference", "amount_cents", "currency", "odd",
    }  # fmt: skip


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type_than_json_is_refused(gateway: Any, content_type: str) -> None:
    answer = gateway.request("POST", SANDBOX, data=b"{}", headers={"Content-Type": content_type})

    assert problem_of(answer) == (415, "unsupported_media_type")


def test_a_compressed_body_is_refused(gateway: Any) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert problem_of(gateway.request("POST", SANDBOX, data=b"{}", headers=headers))[0] == 415


@pytest.mark.parametrize("path", [SANDBOX, "/v1/webhooks/payments/sandbox"])
@pytest.mark.parametrize("chunked", [False, True])
def test_ten_megabytes_are_refused_and_the_client_is_told(gateway: Any, path: str, chunked: bool) -> None:
    def pieces() -> Any:
        for _ in range(160):
            yield b"x" * 65_536

    data = pieces() if chunked else b"x" * 10_485_760

    answer = gateway.request("POST", path, data=data, headers={"Content-Type": "application/json"})

    assert problem_of(answer) == (413, "body_too_large")


def test_a_chunked_body_is_read_like_any_other(gateway: Any) -> None:
    answer = gateway.request("POST", SANDBOX, data=iter([b"{", b"}"]), headers={"Content-Type": "application/json"})

    assert problem_of(answer) == (422, "validation_failed")


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "caf\xe9"])
def test_an_idempotency_key_is_printable_and_not_too_long(gateway: Any, key: str) -> None:
    answer = gateway.request("POST", SANDBOX, json={}, headers={"Idempotency-Key": key.encode("latin-1")})

    assert problem_of(answer) == (422, "bad_idempotency_key")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "limit=1&limit=2", "odd=1", "cursor=%00", "limit=99999999999999999999"]
)
def test_a_query_that_makes_no_sense_is_refused(gateway: Any, an_agent: str, query: str) -> None:
    assert problem_of(gateway.get(f"/v1/commitments?{query}", an_agent)) == (422, "validation_failed")


def test_a_silent_service_gives_503_with_a_time_to_retry(start: Any, an_agent: str) -> None:
    gateway = start(peers=PEERS[:1])

    answer = gateway.post("/v1/webhooks/carriers/easypost", {})

    assert problem_of(answer) == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


def test_an_unforeseen_error_is_500_without_inner_details(gateway: Any, an_agent: str) -> None:
    gateway.asked("orders").refusal = ServiceError("secret detail of the inside")

    answer = gateway.post("/v1/webhooks/payments/sandbox", {})

    assert problem_of(answer) == (500, "internal")
    assert "secret" not in answer.text


def test_a_business_refusal_keeps_its_code_and_its_fields(gateway: Any) -> None:
    errors = [{"field": "lines.0.sku", "message": "unknown"}]
    gateway.asked("orders").refusal = Invalid("no", code="unknown_sku", details={"errors": errors})

    answer = gateway.post("/v1/webhooks/payments/sandbox", {})

    assert problem_of(answer) == (422, "unknown_sku")
    assert answer.json()["errors"] == errors


def test_details_of_a_refusal_stand_beside_standard_members(gateway: Any) -> None:
    details = {"next": "send it back", "sku": "LAMP-1", "wanted": 3, "checks": ["address"], "lines": [{"asked": 2}]}
    gateway.asked("orders").refusal = Conflict("too little is left", code="out_of_stock", details=details)

    answer = gateway.post("/v1/webhooks/payments/sandbox", {})

    assert problem_of(answer) == (409, "out_of_stock")
    assert details.items() <= answer.json().items()


def test_no_detail_takes_the_place_of_a_member_of_the_standard(gateway: Any) -> None:
    names = ("type", "title", "status", "code", "detail", "trace_id")
    details = {"next": "wait", **dict.fromkeys(names, "taken")}
    gateway.asked("orders").refusal = Conflict("no", code="wrong_status", details=details)

    answer = gateway.post("/v1/webhooks/payments/sandbox", {})

    assert problem_of(answer) == (409, "wrong_status")
    assert "taken" not in answer.text
    assert answer.json()["next"] == "wait"


def test_a_detail_that_is_no_json_is_left_out() -> None:
    details = {"kept": [None, True, 1, 1.5, "x", {"y": []}], "left": object(), "inner": [{"left": b""}], "key": {1: 2}}

    assert document(409, "conflict", "no", "t", details).keys() & details.keys() == {"kept"}


def test_what_failed_inside_has_no_details(gateway: Any) -> None:
    gateway.asked("orders").refusal = ServiceError("inside", details={"query": "SELECT secret"})

    assert "secret" not in gateway.post("/v1/webhooks/payments/sandbox", {}).text


def test_head_and_options_are_answered(gateway: Any) -> None:
    head, options = gateway.request("HEAD", "/v1/health"), gateway.request("OPTIONS", "/v1/health")

    assert (head.status_code, head.content) == (200, b"")
    assert (options.status_code, "GET" in options.headers["Allow"]) == (200, True)
    assert "Access-Control-Allow-Origin" not in options.headers


def test_every_answer_has_the_security_headers(gateway: Any) -> None:
    for path in ("/", "/contact", "/v1/health", "/nowhere", "/web/css/pledge.css"):
        headers = gateway.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_strangers_trace_is_not_taken_for_ours(gateway: Any) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"

    given = gateway.get("/v1/health", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})

    assert given.headers["X-Trace-Id"] != trace
    assert len(given.headers["X-Trace-Id"]) == 32


def test_the_trace_that_a_proxy_of_ours_makes_is_kept(start: Any) -> None:
    gateway, trace = start(PLEDGE_TRUST_TRACEPARENT="1"), "0af7651916cd43dd8448eb211c80319c"

    given = gateway.get("/v1/health", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    made = gateway.get("/v1/health", headers={"traceparent": "nonsense"})

    assert given.headers["X-Trace-Id"] == trace
    assert len(made.headers["X-Trace-Id"]) == 32
    assert gateway.asked("orders").calls[0][2].trace_id == trace


def test_a_request_that_is_not_http_leaves_the_gateway_running(gateway: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.putrequest("GET", "/v1/health", skip_accept_encoding=True)
    connection.putheader("X-Large", "x" * 70_000)
    connection.endheaders()

    assert connection.getresponse().status == 431
    assert gateway.get("/v1/health").status_code == 200
    connection.close()


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def page_of(answer: Any) -> tuple[int, str]:
    """Return (status, heading) of an answer that must be a page for a person."""
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert '<html lang="en">' in answer.text
    heading = answer.text.partition("<h1>")[2].partition("</h1>")[0]
    assert f"<title>{heading} · Pledge</title>" in answer.text
    assert answer.headers["X-Trace-Id"] in answer.text
    return answer.status_code, heading


@pytest.mark.parametrize(
    "path", ["/nohelp", "/nowhere", "/orders/ORD-7K3M-9Q2X-0", "/tickets/x", "/v1/nowhere", "/a%00b"]
)
def test_a_wrong_address_is_a_page_in_a_browser(gateway: Any, path: str) -> None:
    answer = gateway.get(path, headers={"Accept": BROWSER})

    assert page_of(answer) == (404, "There is no such page")
    assert path not in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5", "", "image/*"])
def test_a_program_gets_a_problem_document(gateway: Any, accept: str) -> None:
    assert problem_of(gateway.get("/nohelp", headers={"Accept": accept})) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/contact", 405), (f"/v1/orders/{ORDER}", 401), ("/v1/products?limit=x", 422)]
)
def test_every_refusal_is_a_page_in_a_browser(gateway: Any, path: str, status: int) -> None:
    assert page_of(gateway.get(path, headers={"Accept": BROWSER}))[0] == status


def test_what_failed_inside_is_a_page_in_a_browser(gateway: Any) -> None:
    gateway.asked("orders").refusal = ServiceError("secret detail of the inside")

    answer = gateway.post("/v1/webhooks/payments/sandbox", {}, headers={"Accept": BROWSER})

    assert page_of(answer) == (500, "Something went wrong on our side")
    assert "secret" not in answer.text


def test_what_is_gone_has_words_of_its_own() -> None:
    assert b"<h1>This page is gone</h1>" in render(410, "t")


@given(st.integers(400, 599), st.text())
def test_every_status_page_has_a_heading_and_escapes_markup(status: int, trace_id: str) -> None:
    page = render(status, trace_id).decode()

    assert "<h1></h1>" not in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("path", "kind"), [("/robots.txt", "text/plain"), ("/favicon.ico", "image/vnd.microsoft.icon")]
)
def test_what_browsers_ask_for_by_themselves_is_there(gateway: Any, path: str, kind: str) -> None:
    answer = gateway.get(path)

    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
