"""The links that let guests in: listed and ended by who holds one, and by staff."""

from __future__ import annotations

from gateway.http.calls import authorized_for, services
from gateway.http.resource import Resource
from services.support.api import Accepted, LinkList, SupportApi

ORDER, TICKET = "/orders/<number(ORD):number>/links", "/tickets/<number(TIC):number>/links"

blp = Resource("links", "Links to orders and tickets that were given out")


@blp.get(ORDER, SupportApi.list_order_links)
def list_order_links(number: str) -> LinkList:
    authorized_for(number)
    return services().support.list_order_links(number)


@blp.delete(ORDER, SupportApi.end_order_links)
def end_order_links(number: str) -> Accepted:
    authorized_for(number)
    return services().support.end_order_links(number)


@blp.delete(f"{ORDER}/<link:link_id>", SupportApi.end_order_link)
def end_order_link(number: str, link_id: str) -> Accepted:
    authorized_for(number)
    return services().support.end_order_link(number, link_id)


@blp.get(TICKET, SupportApi.list_ticket_links)
def list_ticket_links(number: str) -> LinkList:
    return services().support.list_ticket_links(number)


@blp.delete(TICKET, SupportApi.end_ticket_links)
def end_ticket_links(number: str) -> Accepted:
    return services().support.end_ticket_links(number)


@blp.delete(f"{TICKET}/<link:link_id>", SupportApi.end_ticket_link)
def end_ticket_link(number: str, link_id: str) -> Accepted:
    return services().support.end_ticket_link(number, link_id)
