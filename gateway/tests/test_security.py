"""What browsers are told: by every answer, wherever it comes from; and what pages of other origins may read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.app import create_app
from gateway.http.security import HEADERS, ONLY_HTTPS
from gateway.settings import GatewaySettings
from services.common.basics.clock import now, parse_rfc3339
from services.common.runtime.config import ConfigError

SHOP, STRANGER = "https://shop.example", "https://shop.example.attacker.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
SAFE = {**HEADERS, "Content-Security-Policy": "default-src 'none'"}


def client(**environ: str) -> Any:
    return create_app(GatewaySettings.load(environ)).test_client()


def allowed(response: Any) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"), ("GET", "/v1/docs"), ("GET", "/web/js/api.js"), ("GET", "/v1/health"), ("GET", "/metrics"),
        ("GET", "/nowhere"), ("DELETE", "/v1/orders"), ("POST", "/v1/orders"), ("OPTIONS", "/v1/orders"),
        ("GET", "/v1/orders/ORD-0000-0000-0/live"), ("BREW", "/"), ("POST", "/%"),
    ],
)  # fmt: skip
def test_every_answer_keeps_browsers_safe(gateway: Any, method: str, path: str) -> None:
    headers = gateway.request(method, path).headers

    assert {name: headers[name].partition(";")[0] for name in SAFE} == SAFE
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize(
    ("url", "proxies", "forwarded", "told"),
    [
        ("http://shop.example", "0", "", None),
        ("http://shop.example", "1", "https", None),
        ("https://shop.example", "0", "", ONLY_HTTPS),
        ("https://shop.example", "0", "http", ONLY_HTTPS),  # not said by a proxy that we trust
        ("https://shop.example", "1", "https", ONLY_HTTPS),
        ("https://shop.example", "1", "http", None),
        ("https://shop.example", "1", "http, https", ONLY_HTTPS),
        ("https://shop.example", "2", "http, https", None),
        ("https://shop.example", "2", "http", None),
    ],
)
def test_browsers_are_told_to_come_by_https_only_where_they_can(
    url: str, proxies: str, forwarded: str, told: Any
) -> None:
    settings = replace(GatewaySettings.load({}), public_url=url, trusted_proxies=int(proxies))
    browser = create_app(settings).test_client()

    answer = browser.get("/contact", headers={"X-Forwarded-Proto": forwarded})

    assert answer.headers.get("Strict-Transport-Security") == told


def test_no_other_origin_reads_anything_unless_it_is_named() -> None:
    browser = client()

    for origin in (SHOP, "null", "http://127.0.0.1:8000"):
        asked = browser.options("/v1/orders", headers={"Origin": origin, **PREFLIGHT})
        got = browser.get("/v1/openapi.json", headers={"Origin": origin})
        assert (allowed(asked), allowed(got), got.headers.get("Vary")) == ({}, {}, "Accept-Encoding")


def test_a_named_origin_may_use_the_api_and_nothing_else() -> None:
    browser = client(PLEDGE_CORS_ORIGINS=f"http://localhost:3000, {SHOP}")

    asked = browser.options("/v1/orders", headers={"Origin": SHOP, **PREFLIGHT})
    got = browser.get("/v1/openapi.json", headers={"Origin": SHOP})
    refused = browser.post("/v1/orders", data="no JSON", headers={"Origin": SHOP})

    assert (asked.status_code, asked.data, asked.headers["Vary"]) == (204, b"", "Origin")
    assert {"GET", "POST"} <= {*asked.headers["Access-Control-Allow-Methods"].split(", ")}
    assert {"Authorization", "Idempotency-Key"} <= {*asked.headers["Access-Control-Allow-Headers"].split(", ")}
    for answer in (asked, got, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == SHOP
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert answer.headers["Vary"] in ("Origin", "Accept-Encoding, Origin")
    assert "X-Trace-Id" in got.headers["Access-Control-Expose-Headers"]
    assert refused.status_code == 415
    for path in ("/contact", "/metrics", "/dev/mail", "/web/js/api.js"):
        assert allowed(browser.get(path, headers={"Origin": SHOP})) == {}


@pytest.mark.parametrize("origin", [STRANGER, "https://SHOP.example", f"{SHOP}:8443", f"{SHOP}/", "null", "*", ""])
def test_a_similar_origin_is_foreign_and_caches_know(origin: str) -> None:
    browser = client(PLEDGE_CORS_ORIGINS=SHOP)

    asked = browser.options("/v1/orders", headers={"Origin": origin, **PREFLIGHT})
    got = browser.get("/v1/openapi.json", headers={"Origin": origin})

    assert (allowed(asked), allowed(got)) == ({}, {})
    assert got.headers["Vary"] == "Accept-Encoding, Origin"


@pytest.mark.parametrize("value", ["*", "null", "shop.example", "https://*.shop.example", f"{SHOP}/", f"{SHOP} {SHOP}"])
def test_only_exact_origins_can_be_named(value: str) -> None:
    with pytest.raises(ConfigError, match="PLEDGE_CORS_ORIGINS"):
        GatewaySettings.load({"PLEDGE_CORS_ORIGINS": value})


def test_a_contact_for_holes_is_served_where_one_is_set() -> None:
    contacts = "mailto:security@shop.example, https://shop.example/security"
    settings = {"PLEDGE_SECURITY_CONTACT": contacts, "PLEDGE_PUBLIC_URL": "http://localhost:8000"}

    answer = client(**settings).get("/.well-known/security.txt")

    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    fields = [line.split(": ", 1) for line in answer.text.splitlines()]
    assert [value for name, value in fields if name == "Contact"] == contacts.split(", ")
    told = dict(fields)
    assert told["Canonical"] == "http://localhost:8000/.well-known/security.txt"
    assert timedelta(days=30) < parse_rfc3339(told["Expires"]) - now() < timedelta(days=365)
    assert client().get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize("contact", ["security@shop.example", "http://shop.example", "mailto:a@b.example\nX: 1"])
def test_a_contact_for_holes_is_an_address_that_can_be_used(contact: str) -> None:
    with pytest.raises(ConfigError, match="PLEDGE_SECURITY_CONTACT"):
        client(PLEDGE_SECURITY_CONTACT=contact)
