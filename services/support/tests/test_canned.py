"""Canned replies: whose they are, what they set in one step, and that no braces reach a customer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.edge.schemas import load
from services.common.testing import customer, staff
from services.support.api import BeginTicket, Category
from services.support.api.canned import (
    BRACES,
    DeleteReply,
    ListReplies,
    PreviewReply,
    ReplyMoved,
    ReplyNotFound,
    SaveReply,
    SharedNeedsLead,
    UnfilledVariables,
    UnknownVariable,
    Variable,
    filled,
)
from services.support.api.refusals import AmendingNeedsLead
from services.support.domain import Staff
from services.support.domain.state import require_sentence
from services.support.handlers import canned, opening, tickets, verifying
from services.support.tests.builders import ADA, ORDER_NUMBER, add_staff
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

HEIDI = staff("agent", email="heidi@pledge.example")
TEXT = "Dear {customer.name}, please hold the button for five seconds."


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def saves(scene: Scene, caller: Any = GRACE, **reply: Any) -> Any:
    with scene.work(caller) as work:
        return canned.put_reply(work, load(SaveReply, {"name": "A hint", "text": TEXT, **reply}))


def names(scene: Scene, caller: Any, **query: Any) -> list[str]:
    with scene.work(caller, reading=True) as work:
        return [each["name"] for each in canned.list_replies(work, ListReplies(**query))["items"]]


def answers(scene: Scene, number: str, caller: Any = GRACE, **message: Any) -> Any:
    body = "Please hold the button for five seconds."
    return scene.does(caller, canned.post_message, number, **{"body": body, **message})


def test_own_replies_are_ones_own_and_shared_ones_are_for_leads(scene: Scene) -> None:
    own, shared = saves(scene), saves(scene, LENA, name="For all", scope="shared")
    assert [names(scene, each) for each in (GRACE, HEIDI, LENA)] == [["A hint", "For all"], ["For all"], ["For all"]]
    assert names(scene, GRACE, q="FOR A") == ["For all"]
    number, _ = scene.opened(customer(ADA))

    for refusal, doing in (
        (SharedNeedsLead, lambda: saves(scene, scope="shared")),
        (SharedNeedsLead, lambda: saves(scene, id=own["id"], scope="shared")),
        (SharedNeedsLead, lambda: saves(scene, id=shared["id"])),
        (ReplyNotFound, lambda: saves(scene, HEIDI, id=own["id"])),
        (ReplyNotFound, lambda: saves(scene, LENA, id="no such")),
        (ReplyNotFound, lambda: answers(scene, number, HEIDI, reply_id=own["id"])),
        (ReplyMoved, lambda: saves(scene, id=own["id"], version=7)),
        (UnknownVariable, lambda: saves(scene, text="Dear {customer.nickname}, good day to you.")),
    ):
        with pytest.raises(refusal):
            doing()

    assert saves(scene, id=own["id"], version=1, name="Another hint")["version"] == 2
    for caller, reply in ((GRACE, shared), (HEIDI, own)):
        with scene.work(caller) as work, pytest.raises((SharedNeedsLead, ReplyNotFound)):
            canned.delete_reply(work, reply["id"], DeleteReply())
    with scene.work(GRACE) as work:
        canned.delete_reply(work, own["id"], DeleteReply(version=2))
    assert names(scene, GRACE) == ["For all"]


def test_a_macro_sets_all_in_one_step_or_nothing(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA), category=Category.PRODUCT)
    macro = saves(scene, category=Category.AFTERSALES, priority="high", resolve="solved")
    complaint, _ = scene.opened(customer(ADA), category=Category.COMPLAINT)

    with pytest.raises(AmendingNeedsLead):
        answers(scene, complaint, reply_id=macro["id"])
    before, kept = scene.seen(GRACE, number), scene.seen(GRACE, complaint)
    posted = answers(scene, number, reply_id=macro["id"])

    assert (before["category"], kept["status"], len(kept["messages"])) == ("product", "new", 1)
    assert (posted["status"], posted["category"], posted["priority"]) == ("resolved", "aftersales", "high")
    assert posted["message"]["body"].startswith("Please hold")
    with scene.work(GRACE, reading=True) as work:
        uses = {each["name"]: each["uses"] for each in canned.list_replies(work, ListReplies())["items"]}
    assert uses == {"A hint": 1}

    other, _ = scene.opened(customer(ADA))
    asks = saves(scene, name="Which", then="waiting_customer")
    assert answers(scene, other, reply_id=asks["id"])["status"] == "waiting_customer"


def test_uses_are_counted_when_two_answer_at_once(scene: Scene) -> None:
    reply = saves(scene, LENA, scope="shared")
    numbers = [scene.opened(customer(ADA))[0] for _ in range(4)]
    threads = [
        threading.Thread(target=answers, args=(scene, number), kwargs={"reply_id": reply["id"]}) for number in numbers
    ]

    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with scene.work(LENA, reading=True) as work:
        (shown,) = canned.list_replies(work, ListReplies())["items"]
    assert (shown["uses"], shown["version"]) == (4, 1)


def test_a_claimed_order_fills_no_variable(scene: Scene) -> None:
    add_staff(scene.store, Staff("grace@pledge.example", "Grace Hopper", ["agent"]))
    number, _ = scene.opened(category=Category.ORDER, order_number=ORDER_NUMBER)
    text = "Dear {customer.name}, {order.number} cost { order.total }. {agent.name}"

    with scene.work(GRACE, reading=True) as work:
        shown = canned.preview_reply(work, PreviewReply(number, text=text))

    assert shown["text"] == "Dear Ada, {order.number} cost { order.total }. Grace Hopper"
    assert [each["name"] for each in shown["missing"]] == ["order.number", "order.total"]
    assert all("only claimed" in each["why"] for each in shown["missing"])
    assert shown["order_number"] is None
    stranger, _ = scene.opened(name="Win at win.example/now")
    with scene.work(GRACE, reading=True) as work:
        (missing,) = canned.preview_reply(work, PreviewReply(stranger, text="Dear {customer.name}"))["missing"]
    assert missing == {"name": "customer.name", "why": "what was given as a name cannot be one"}


BRACED = ["Your parcel {parcel.tracking_number} is under way.", "Your total is {{ order.total }} in dollars."]


@pytest.mark.parametrize("text", BRACED)
def test_no_text_to_a_customer_keeps_its_braces(scene: Scene, text: str) -> None:
    number, _ = scene.opened(customer(ADA))
    answers(scene, number)
    asked: dict[str, Any] = {"question": "Which button is it on this one?", "known": "two"}

    for doing in (
        lambda: answers(scene, number, body=text),
        lambda: scene.does(LENA, tickets.resolve_ticket, number, code="declined", note=text),
        lambda: scene.does(GRACE, verifying.verify_ticket, number, question=text, known="two"),
        lambda: scene.does(GRACE, verifying.verify_ticket, number, draft=text, **asked),
        lambda: begins(scene, text),
    ):
        with pytest.raises(UnfilledVariables):
            doing()

    assert answers(scene, number, body=text, internal=True)["message"]["internal"]
    assert scene.does(customer(ADA), canned.post_message, number, body=text)["message"]["body"] == text


def begins(scene: Scene, text: str) -> None:
    with scene.work(GRACE) as work:
        opening.begin_ticket(work, BeginTicket("Ada", ADA, Category.ORDER, "Hello", text))


WORD = st.text(alphabet="ab {}.\n_", max_size=30)
VALUES = st.sampled_from(["12.50 USD", "Ada", "{order.total}", "{", ""])


@pytest.mark.pure
@given(st.lists(st.one_of(WORD, st.sampled_from([f"{{{{ {each} }}}}" for each in Variable])), max_size=6), VALUES)
def test_what_is_let_through_has_nothing_in_braces(parts: list[str], value: str) -> None:
    text = filled("This is a whole sentence. " + "".join(parts), {each.value: value for each in Variable})

    try:
        require_sentence(text)
    except UnfilledVariables:
        let_through = False
    else:
        let_through = True

    assert let_through == (BRACES.search(text) is None)


@pytest.mark.pure
@given(st.permutations(list(Variable)))
def test_a_value_is_put_in_once_and_never_read_again(names: list[Variable]) -> None:
    one, other = names[:2]

    text = filled(f"x {{{one}}} y", {one.value: f"{{{other}}}", other.value: "secret"})

    assert text == f"x {{{other}}} y"
