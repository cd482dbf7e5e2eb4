"""The document is valid OpenAPI 3.1, complete, and says who may do what."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from gateway.app import create_app
from gateway.settings import GatewaySettings
from services.common.basics import ids
from services.common.edge.keys import OF_GATEWAY, OF_SUPPORT, private_keys, public_keys

pytestmark = pytest.mark.pure

PROMISED = """
POST /v1/sign-in
POST /v1/sign-in/verify
GET  /v1/products
GET  /v1/products/{sku}
PUT  /v1/products/{sku}
POST /v1/products/{sku}/stock
POST /v1/products/import
POST /v1/orders
GET  /v1/orders
GET  /v1/orders/{number}
GET  /v1/orders/{number}/timeline
POST /v1/orders/{number}/payments
POST /v1/orders/{number}/link
POST /v1/orders/{number}/live/tickets
POST /v1/orders/{number}/cancellation
GET  /v1/orders/{number}/changes
POST /v1/orders/{number}/changes
POST /v1/orders/{number}/review
GET  /v1/reviews
POST /v1/orders/{number}/hold
DELETE /v1/orders/{number}/hold
GET  /v1/holds
GET  /v1/payments/attention
POST /v1/payments/{payment_id}/settle
GET  /v1/refunds
GET  /v1/refunds/ceiling
POST /v1/refunds/ceiling
POST /v1/refunds/{refund_id}/retry
POST /v1/refunds/{refund_id}/paid
GET  /v1/orders/{number}/tracking
GET  /v1/orders/{number}/live
GET  /v1/shipments
POST /v1/shipments/{number}/sorted
POST /v1/shipments/{number}/packed
POST /v1/shipments/{number}/dispatched
POST /v1/webhooks/carriers/{carrier}
POST /v1/webhooks/payments/{provider}
POST /v1/returns
GET  /v1/returns
GET  /v1/returns/{number}
POST /v1/returns/{number}/review
POST /v1/returns/{number}/info
POST /v1/returns/{number}/receipt
POST /v1/returns/{number}/inspection
POST /v1/returns/{number}/appeal
POST /v1/returns/{number}/withdrawal
POST /v1/contact
GET  /v1/tickets
GET  /v1/tickets/{number}
POST /v1/tickets/{number}/messages
POST /v1/tickets/{number}/assignment
POST /v1/tickets/{number}/resolution
POST /v1/tickets/{number}/reopening
POST /v1/tickets/{number}/rating
POST /v1/tickets/{number}/complaint
GET  /v1/commitments
GET  /v1/commitments/breaches
GET  /v1/commitments/report
GET  /v1/reports/promises
GET  /v1/reports/complaints
GET  /v1/health
"""
METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture(scope="module")
def document() -> Any:
    client = create_app(GatewaySettings.load({})).test_client()
    return client.get("/v1/openapi.json").get_json()


def operations(document: Any) -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path): operation
        for path, found in document["paths"].items()
        for method, operation in found.items()
        if method in METHODS
    }


def test_every_path_that_is_promised_is_described(document: Any) -> None:
    described = {(method, path.replace("{change_id}", "{id}")) for method, path in operations(document)}

    promised = {tuple(line.split()) for line in PROMISED.split("\n") if line}
    assert promised - described == set()
    assert any(re.fullmatch(r"/v1/changes/\{\w+\}/answer", path) for _, path in described)


def test_every_schema_is_valid_and_every_reference_resolves(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    for reference in set(re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(document))):
        place = document
        for step in reference.split("/"):
            place = place[step]


def test_what_is_limited_says_how_often_by_default(document: Any) -> None:
    found = operations(document)
    limited = {where: "**How often:**" in each["description"] for where, each in found.items()}

    reads = {where for where, is_limited in limited.items() if is_limited == (where[0] == "GET")}
    documents = {path for _, path in reads if path.endswith(".pdf")}  # each is drawn by a process of its own
    everything = "/v1/privacy/exports/{token}"  # which asks all services for all that they have
    assert reads == {("GET", path) for path in {*documents, everything}}
    told = found["POST", "/v1/orders"]["description"]
    assert "60 in a minute and 600 in an hour from one address" in told
    assert "To one mailbox that is not the caller's own: 10 in a minute and 30 in an hour" in told
    assert "PLEDGE_RATE_ORDERS" in told


def test_every_operation_has_a_summary_roles_and_refusals(document: Any) -> None:
    for where, operation in operations(document).items():
        assert operation["summary"].strip(), where
        assert operation["x-roles"], where
        assert "**Who:**" in operation["description"], where
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, where
    problem = document["components"]["responses"]["Problem"]["content"]
    assert problem.keys() == {"application/problem+json"}


UNKEYED = {
    "/v1/uploads/form",
    "/v1/api-keys",
    "/v1/sign-in",
    "/v1/sign-in/verify",
    "/v1/sign-in/refresh",
    "/v1/second-factor",
    "/v1/second-factor/confirmation",
    "/v1/second-factor/passkeys",
    "/v1/second-factor/passkeys/confirmation",
    "/v1/orders/{number}/payments",
    "/v1/payments/books/compare",
    "/v1/costs/invoices/preview",
    "/v1/orders/{number}/live/tickets",
    "/v1/orders/{number}/edits/preview",
    "/v1/orders/quote",
    "/v1/shipments/batch/dispatched/preview",
    "/v1/shipments/{number}/rates",
    "/v1/privacy/export",
    "/v1/privacy/erasure",
    "/v1/privacy/requests/{number}/confirmation",
    "/v1/products/import/preview",
    "/v1/knowledge/preview",
    "/v1/rules/preview",
    "/v1/replies/preview",
    "/v1/operations/dead-letters/{service}",
    "/v1/shipments/documents",
    "/v1/manifests",
    "/v1/webhook-endpoints",
    "/v1/webhook-endpoints/{endpoint_id}/secret",
}  # their answers are secrets or name a person, and are not stored; or a repeat does no harm


def test_a_post_takes_an_idempotency_key_where_it_counts(document: Any) -> None:
    for (method, path), operation in operations(document).items():
        if method == "POST" and "/webhooks/" not in path:
            described = {parameter.get("name"): parameter for parameter in operation.get("parameters", [])}
            assert ("Idempotency-Key" in described) == (path not in UNKEYED), path
            assert path in UNKEYED or "random UUID" in described["Idempotency-Key"]["description"], path


def test_a_problem_may_have_members_of_its_own(document: Any) -> None:
    components = document["components"]

    assert components["schemas"]["Problem"]["additionalProperties"] is True
    assert "`next`" in components["responses"]["Problem"]["description"]


def test_what_is_for_development_is_not_part_of_the_api(document: Any) -> None:
    assert not [path for path in document["paths"] if not path.startswith("/v1/")]


def test_outside_development_there_is_no_sandbox_and_no_mailbox() -> None:
    signing = private_keys(OF_SUPPORT, "2026-03-02", b"of support")
    environ = {
        "PLEDGE_AMQP_URI": "amqp://gateway:hunter2@broker",
        "PLEDGE_PUBLIC_KEYS": public_keys(signing),
        "PLEDGE_GATEWAY_KEYS": private_keys(OF_GATEWAY, "2026-03-02-gateway", b"of the gateway"),
    }
    settings = GatewaySettings.load(environ)
    client = create_app(settings).test_client()

    assert client.get("/dev/mail").status_code == 404
    assert client.post("/sandbox/refunds", json={}).status_code == 404


def test_pages_and_documents_are_sent_once_and_revalidated(document: Any) -> None:
    client = create_app(GatewaySettings.load({})).test_client()

    first = client.get("/contact")
    again = client.get("/contact", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert first.headers["Content-Type"].startswith("text/html")


LABEL = "0195f3c0-7a54-7c2e-9d1b-6f0a3e2b4c5d"


def with_numbers(path: str, check: str) -> str:
    """Return the path with a number of the right kind, whose check character is right or wrong."""
    kinds = {"orders": "ORD", "returns": "RET", "tickets": "TIC", "shipments": "SHP", "privacy/requests": "PRV"}
    for name, rule in kinds.items():
        right = ids.number(rule, 0)
        number = right if check == "right" else right[:-1] + next(c for c in ids.ALPHABET if c != right[-1])
        path = path.replace(f"/{name}/{{number}}", f"/{name}/{number}")
        path = path.replace(f"/{name}/{number}/related/{{other}}", f"/{name}/{number}/related/{number}")
        path = path.replace(f"/{name}/{number}/parcels/{{parcel_id}}", f"/{name}/{number}/parcels/{number}-01")
    return path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_bad_check_character_is_404_whatever_the_method(gateway: Any, method: str) -> None:
    document = gateway.get("/v1/openapi.json").json()
    numbered = [path for path in document["paths"] if "{number}" in path]
    assert len(numbered) > 20

    found = {path: gateway.request(method, with_numbers(path, "wrong")).status_code for path in numbered}

    assert {*found.values()} == {404}, found


def test_a_method_that_an_address_does_not_take_is_405(gateway: Any) -> None:
    document = gateway.get("/v1/openapi.json").json()
    numbered = [path for path in document["paths"] if "{number}" in path]
    others = {"link_id": "1", "kind": "cn22", "label_id": LABEL, "refund_id": ids.number(ids.REFUND, 0)}

    found = {
        path: gateway.request("DELETE", with_numbers(path, "right").format(**others)).status_code for path in numbered
    }

    assert {*found.values()} <= {401, 405}, found


def test_the_import_of_products_is_no_product(gateway: Any) -> None:
    options = gateway.request("OPTIONS", "/v1/products/import")

    assert {*options.headers["Allow"].split(", ")} == {"POST", "OPTIONS"}
    assert gateway.get("/v1/products/import").status_code == 405


def test_a_country_is_one_of_those_that_there_are(gateway: Any) -> None:
    schemas = gateway.get("/v1/openapi.json").json()["components"]["schemas"]
    country = schemas["Address"]["properties"]["country"]

    assert {"GB", "US", "CN"} < {*country["enum"]}
    assert "AA" not in country["enum"]
