"""Shapes that several topics of support share."""

from __future__ import annotations

from typing import Annotated, TypedDict

from services.common.basics import ids
from services.common.basics.shapes import Example, LanguageTag, Nullable, Number, ZoneName

TicketNumber = Annotated[str, Number(ids.TICKET), Example(ids.number(ids.TICKET, 0))]
OrderNumber = Annotated[str, Number(ids.ORDER), Example(ids.number(ids.ORDER, 0))]
Zone = Annotated[str, ZoneName(), Nullable(), Example("Europe/London")]
Language = Annotated[str, LanguageTag(), Nullable(), Example("en")]
SENTENCE = Example("It weighs half a pound.")


class Accepted(TypedDict):
    """The answer is the same whether the address is known or not."""
