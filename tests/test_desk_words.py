"""The desk knows the words of the services: grounds, reasons, stages and promises are those of their interfaces."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.aftersales.api import terms as aftersales_terms
from services.aftersales.api.statuses import Ground, PostageGround, ReturnReason, ReturnStatus
from services.aftersales.domain import GROUND_PART
from services.logistics.api import terms as logistics_terms
from services.orders.api import OrderStage
from services.orders.api import terms as orders_terms
from services.orders.api.statuses import OrderStatus, RemedyReason
from services.support.api import AgentCode, Category, DeclineGround
from services.support.api import terms as support_terms
from services.support.api.articles import ArticleTopic
from services.support.api.quality import QualityReason
from services.support.api.statuses import ComplaintCause, ComplaintDecision, ComplaintRemedy

pytestmark = pytest.mark.pure
JS = Path(__file__).parents[1] / "gateway" / "web" / "desk" / "js"
TERMS = {*orders_terms.TERMS, *logistics_terms.TERMS, *aftersales_terms.TERMS, *support_terms.TERMS}


def words_of(file: str, name: str) -> list[str]:
    """Return the keys of an object, or the texts of a list, that a script declares under this name."""
    found = re.search(rf"const {name} = (\{{.*?\}}|\[.*?\]);", (JS / file).read_text("utf-8"), re.DOTALL)
    assert found, f"{file} declares no {name}"
    inside = found[1][1:-1]
    return re.findall(r'"(\w+)"', inside) if found[1][0] == "[" else re.findall(r"(?:^|[{,\n])\s*(\w+):", inside)


@pytest.mark.parametrize(
    ("file", "name", "words"),
    [
        ("return-stages.js", "GROUNDS", {*Ground}),
        ("return-stages.js", "STATES", {*ReturnStatus}),
        ("pages/return-postage.js", "GROUNDS", {*PostageGround}),
        ("pages/order-steps.js", "REASONS", {*ReturnReason}),
        ("pages/parcels.js", "REASONS", {*RemedyReason}),
        ("pages/replies.js", "TOPICS", {*ArticleTopic}),
        ("pages/quality.js", "WHY", {*QualityReason}),
        ("pages/orders.js", "STATUSES", {*OrderStatus}),
        ("triage.js", "CODES", {*AgentCode}),
        ("triage.js", "GROUNDS", {*DeclineGround}),
        ("triage.js", "CATEGORIES", {*Category}),
        ("pages/reports.js", "CATEGORIES", {*Category}),
        ("order-stage.js", "STAGES", {*OrderStage}),
        ("complaint.js", "CAUSES", {*ComplaintCause}),
        ("complaint.js", "DECISIONS", {*ComplaintDecision}),
        ("complaint.js", "REMEDIES", {*ComplaintRemedy}),
    ],
)
def test_the_desk_has_exactly_the_words(file: str, name: str, words: set[str]) -> None:
    assert {*words_of(file, name)} == words


def test_each_ground_fails_its_own_part() -> None:
    text = (JS / "return-stages.js").read_text("utf-8")

    told = dict(re.findall(r'^  (\w+): "(\w+)",$', text.partition("GROUNDS = {")[2].partition("};")[0], re.MULTILINE))

    assert told == {ground.value: part.value for ground, part in GROUND_PART.items()}


def test_each_promise_has_a_team() -> None:
    kinds = {name.partition(".")[0] for name in TERMS}

    assert kinds - {*words_of("order-view.js", "TEAMS")} == set()


def test_the_staff_guide_leads_to_each_page() -> None:
    """By the keys that open it, as they stand in the rail."""
    guide = (JS.parents[3] / "docs" / "staff-guide.md").read_text("utf-8")
    letters = re.findall(r'path: "(\w+)", name: [^,]*, letter: "(\w)"', (JS / "desk.js").read_text("utf-8"))

    assert len(letters) > 20
    assert [path for path, letter in letters if f"**G {letter.upper()}**" not in guide.replace("\n", " ")] == []
