"""The pages have words for everything that they are sent: no status, event or promise is shown by its code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.documents import receipts
from gateway.web.forms.codes import WORDS
from services.aftersales.api import events as aftersales_events
from services.aftersales.api import terms as aftersales_terms
from services.aftersales.api.statuses import ReturnStatus
from services.common.basics.events import Event
from services.common.basics.shapes import BreachCause, Verdict
from services.logistics.api import events as logistics_events
from services.logistics.api import terms as logistics_terms
from services.orders.api import OrderStage, remedy_events
from services.orders.api import events as orders_events
from services.orders.api import terms as orders_terms
from services.support.api import PartStatus, TicketStatus
from services.support.api import events as support_events
from services.support.api import terms as support_terms

pytestmark = pytest.mark.pure
JS = Path(__file__).parents[1] / "web" / "customer" / "js"
ELSEWHERE = {"ticket_opened", "tracking_updated"}  # told by what is in them, in `tell`
ALL_TERMS = (aftersales_terms.TERMS, logistics_terms.TERMS, orders_terms.TERMS, support_terms.TERMS)
MODULES = (aftersales_events, logistics_events, orders_events, remedy_events, support_events)


def keys_of(file: str, table: str) -> set[str]:
    """Return the names in an object literal of a script."""
    found = re.search(rf"const {table} = {{(.*?)\n?}};", (JS / file).read_text("utf-8"), re.DOTALL)
    assert found
    return set(re.findall(r"(?:^|[{,]|\n)\s*(\w+):", found[1]))


def public_events() -> set[str]:
    kinds = (each for module in MODULES for each in vars(module).values() if isinstance(each, type))
    events = [kind for kind in kinds if issubclass(kind, Event) and not kind.__name__.endswith("Event")]
    return {kind.type for kind in events if kind.audience == "public"}


@pytest.mark.parametrize(
    ("file", "table", "codes"),
    [
        ("../../desk/js/pages/promises.js", "BY", {*BreachCause}),
        ("words.js", "STORY", public_events() - ELSEWHERE),
        ("words.js", "STAGES", {*OrderStage}),
        ("words.js", "VERDICTS", {*Verdict}),
        ("words.js", "PROMISES", {*orders_terms.TERMS, *logistics_terms.TERMS, *aftersales_terms.TERMS}),
        ("promises.js", "KINDS", {name.partition(".")[0] for terms in ALL_TERMS for name in terms}),
        ("words.js", "RETURNS", {*ReturnStatus}),
        ("words.js", "CONVERSATIONS", {*TicketStatus} - {TicketStatus.SPAM}),
    ],
)
def test_the_page_has_words_for_each(file: str, table: str, codes: set[str]) -> None:
    assert codes - keys_of(file, table) == set()


def test_the_plain_pages_have_words_for_each() -> None:
    kinds = {name.partition(".")[0] for terms in ALL_TERMS[:3] for name in terms}
    of_staff = {"payment_attention", "landed_cost", "dispute_evidence"}
    assert kinds - of_staff - receipts.KINDS.keys() == set(), "what is promised to customers stands in documents too"
    codes = {*OrderStage, *Verdict, *TicketStatus, *PartStatus} | kinds

    assert {code.replace("_", " ").capitalize() for code in codes} - WORDS == set()
