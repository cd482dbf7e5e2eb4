"""Who works here: an admin adds, changes and deactivates members of staff."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.support.api import ListReads, PutStaff, ReadView, StaffList, StaffView, SupportApi
from services.support.api.mail_choices import ChooseMails, MailChoices

ITEM = "/staff/<email:email>"

blp = Resource("staff", "Who works here, and as what")


@blp.get("/staff", SupportApi.list_staff)
def list_staff() -> StaffList:
    return services().support.list_staff()


@blp.get("/staff/reads", SupportApi.list_reads)
def list_reads(query: ListReads) -> Page[ReadView]:
    return services().support.list_reads(query)


@blp.get(ITEM, SupportApi.get_staff)
def get_staff(email: str) -> StaffView:
    return services().support.get_staff(email)


@blp.put(ITEM, SupportApi.put_staff)
def put_staff(email: str, person: PutStaff) -> StaffView:
    return services().support.put_staff(email, person)


@blp.delete(ITEM, SupportApi.deactivate_staff)
def deactivate_staff(email: str) -> StaffView:
    return services().support.deactivate_staff(email)


@blp.delete(f"{ITEM}/second-factor", SupportApi.reset_factor)
def reset_factor(email: str) -> StaffView:
    return services().support.reset_factor(email)


@blp.get("/mail-choices", SupportApi.get_mail_choices)
def get_mail_choices() -> MailChoices:
    return services().support.get_mail_choices()


@blp.put("/mail-choices", SupportApi.choose_mails)
def choose_mails(request: ChooseMails) -> MailChoices:
    return services().support.choose_mails(request)
