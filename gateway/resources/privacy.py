"""A customer's own data: a copy of it, and its erasure, each confirmed with a code that is mailed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, TypedDict

import orjson
from flask import Response

from gateway.http import limits
from gateway.http.calls import caller, services, speak_as
from gateway.http.resource import Resource
from gateway.resources.timeline import mask
from services.common.basics.api import PersonalData
from services.common.basics.caller import CUSTOMER
from services.common.basics.clock import now, rfc3339
from services.common.basics.shapes import Note, Page, Timestamp
from services.support.api import ConfirmPrivacy, PrivacyRequestView, SupportApi
from services.support.api.privacy import ListPrivacyRequests

blp = Resource("privacy", "A customer's own data: a copy of it, and its erasure")


class CopyOfData(TypedDict):
    """Everything that the services have of a customer, each as it shows it to them."""

    email: str
    made_at: Timestamp
    services: Annotated[list[PersonalData], Note("all of them, or no copy at all")]


@blp.post("/privacy/export", SupportApi.request_export, status=202, limit=limits.LINKS)
def request_export() -> PrivacyRequestView:
    return services().support.request_export()


@blp.post("/privacy/erasure", SupportApi.request_erasure, status=202, limit=limits.LINKS)
def request_erasure() -> PrivacyRequestView:
    return services().support.request_erasure()


@blp.post(
    "/privacy/requests/<number(PRV):number>/confirmation", SupportApi.confirm_privacy_request, status=202,
    limit=limits.VERIFY,
)  # fmt: skip
def confirm_privacy_request(number: str, request: ConfirmPrivacy) -> PrivacyRequestView:
    return services().support.confirm_privacy_request(number, request)


@blp.get("/privacy/requests", SupportApi.list_privacy_requests)
def list_privacy_requests(query: ListPrivacyRequests) -> Page[PrivacyRequestView]:
    return services().support.list_privacy_requests(query)


@blp.get("/privacy/exports/<link:token>", SupportApi.open_export, limit=limits.COPIES)
def get_export(token: str) -> CopyOfData | Response:
    """Get the copy of one's data as a file, by the link from the mail; it is made when it is asked for."""
    worker = services()
    owner = worker.support.open_export(token)
    email = owner["email"]
    speak_as(replace(caller(), actor=f"customer:{email}", email=email, roles=frozenset({CUSTOMER}), grants=frozenset()))
    orders = worker.orders.export_person()
    bought = orders["data"]["orders"]
    assert isinstance(bought, list)
    for order in bought:
        order["story"] = [mask(entry) for entry in order["story"]]
    speak_as(replace(caller(), grants=frozenset(f"order:{order['number']}" for order in bought)))
    others = [service.export_person() for service in (worker.logistics, worker.aftersales, worker.support)]
    copy: CopyOfData = {"email": email, "made_at": rfc3339(now()), "services": [orders, *others]}
    name = f"data-{owner['number']}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(orjson.dumps(copy, option=orjson.OPT_INDENT_2), 200, headers, mimetype="application/json")
