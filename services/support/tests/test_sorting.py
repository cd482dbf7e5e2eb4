"""Rules sort what comes in: the first that fits, for each field, and never against a promise (standard, section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.clock import rfc3339
from services.common.basics.errors import Invalid, ServiceError
from services.common.edge.schemas import load
from services.support.api import Category, Priority, Topic
from services.support.api.sorting import MOST_RULES, OrderState, PutRules, SortingRule
from services.support.api.teams import ALL_AGENTS, PutTeam
from services.support.domain.sorting import ORDER_MOVES, AsFiled, RuleBook, matches, plain, sort
from services.support.handlers import opening, sorting, teams, tickets
from services.support.tests.builders import ADA, HOUR, NOW, ORDER_NUMBER, PROMISES, a_form
from services.support.tests.scene import GRACE, LENA, Scene, a_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def a_rule(name: str = "a rule", **fields: Any) -> SortingRule:
    return load(SortingRule, {"name": name, **fields})


def put(scene: Scene, *rules: SortingRule, **more: Any) -> Any:
    with scene.work(LENA) as work:
        return sorting.put_rules(work, PutRules([*rules], **more))


def incoming(text: str = "", customer: str = ADA, **fields: Any) -> AsFiled:
    values: dict[str, Any] = {"category": Category.PRODUCT, "topic": None, "state": None, **fields}
    return AsFiled.of(values["category"], values["topic"], customer, (text,), values["state"])


@pytest.mark.pure
@pytest.mark.parametrize(
    ("rule", "fits", "does_not"),
    [
        ({"words": ["BROKEN"]}, "it is broken.", "unbroken"),
        ({"words": ["cassé"]}, "Le vase est CASSE!", "cassette"),
        ({"words": ["arrived damaged"]}, "It arrived -- damaged", "damaged, it arrived"),
        ({"words": ["no", "never came"]}, "It never came", "nothing came"),
        ({"words": ["破損"]}, "商品が破損していた", "商品が届いた"),
        ({"words": ["C++"]}, "I like C", "cc"),
    ],
)
def test_words_are_found_whole_and_in_any_spelling(rule, fits, does_not):
    looked_for = a_rule(priority="high", **rule)

    assert matches(looked_for, incoming(fits))
    assert not matches(looked_for, incoming(does_not))


@pytest.mark.pure
def test_every_condition_that_is_given_has_to_fit():
    rule = a_rule(categories=["order"], customers=["shop.example", "bob@x.example"], order_states=["paid"], team="vip")
    good: dict[str, Any] = {"category": Category.ORDER, "customer": "Eve@Shop.example", "state": OrderState.PAID}

    assert matches(rule, incoming(**good))
    for wrong in (
        {"category": Category.PRODUCT}, {"customer": "eve@other-shop.example"}, {"state": OrderState.SHIPPED},
        {"state": None},
    ):  # fmt: skip
        assert not matches(rule, incoming(**{**good, **wrong})), wrong
    assert matches(rule, incoming(**{**good, "customer": "bob@x.example"}))
    assert not matches(a_rule(topics=["usage"], priority="low"), incoming())
    assert matches(a_rule(topics=["usage"], priority="low"), incoming(topic=Topic.USAGE))


FIELDS = st.fixed_dictionaries(
    {"words": st.lists(st.sampled_from(["plug", "size", "colour"]), min_size=1, max_size=3)},
    optional={
        "category": st.sampled_from([*Category]),
        "priority": st.sampled_from([*Priority]),
        "team": st.sampled_from(["vip", "gone"]),
    },
).filter(lambda each: len(each) > 1)


@pytest.mark.pure
@given(st.lists(FIELDS, max_size=6), st.sets(st.sampled_from(["plug", "size"])), st.booleans())
def test_each_field_is_set_by_the_first_rule_that_does(rows, said, promised):
    rules = [a_rule(f"rule {place}", **row) for place, row in enumerate(rows)]

    found = sort(rules, incoming(" ".join(said)), promised=promised, teams={"vip"})

    for name in ("category", "priority", "team"):
        values = [row[name] for row in rows if name in row and {*row["words"]} & said]
        allowed = [each for each in values if each != "gone" and not (name == "category" and promised)]
        assert getattr(found, name) == (allowed[0] if allowed else None)


@pytest.mark.pure
@given(st.lists(st.sampled_from([*OrderState]), max_size=8).map(lambda news: (news, sorted(news))))
def test_an_order_never_goes_back_to_before_it_was_sent(runs):
    for news in runs:
        state: OrderState | None = None
        for each in news:
            was, state = state, each if state in ORDER_MOVES[each] else state
            assert not (was in (OrderState.DELIVERED, OrderState.CANCELLED) and state is not was)
            assert not (was is OrderState.SHIPPED and state in (OrderState.UNPAID, OrderState.PAID, OrderState.EXPIRED))


def test_a_new_ticket_follows_the_rules_and_says_so(scene):
    with scene.work(LENA) as work:
        teams.put_team(work, "returns", PutTeam([Category.AFTERSALES], []))
    put(
        scene,
        a_rule("Damaged", words=["broken"], category="aftersales", priority="urgent"),
        a_rule("Partner", customers=["example.com"], team=ALL_AGENTS, priority="low"),
    )

    number, _ = scene.opened(message="The cup is broken.")
    other, _ = scene.opened(message="What is it made of?")

    seen = scene.seen(LENA, number)
    assert (seen["category"], seen["priority"], seen["team"]) == ("aftersales", "urgent", ALL_AGENTS)
    with scene.work(LENA, reading=True) as work:
        items = tickets.get_ticket_timeline(work, number)["items"]
    told: list[Any] = [each["body"] for each in items if each["type"] == "ticket_amended"]
    (body,) = told
    assert body["rules"] == ["Damaged", "Partner"]
    assert body["changed"]["category"] == {"from": "product", "to": "aftersales"}
    assert (scene.seen(LENA, other)["priority"], scene.seen(LENA, other)["category"]) == ("low", "product")


@pytest.mark.parametrize("category", [*Category])
def test_a_rule_takes_no_promise_away(scene, category):
    """Whatever a rule makes of it, no answer comes later than the form said, and complaints stay complaints."""
    promised = PROMISES.answer_by(category, NOW)
    for to in Category:
        put(scene, a_rule(words=["cotton"], category=to, priority="low"))

        with scene.work() as work:
            ticket, due = opening.take_in(work, a_form(category=category, topic=None))

        assert due <= promised, (category, to)
        kept = category in (Category.COMPLAINT, Category.SUGGESTION)
        assert ticket.category is (category if kept else to)
        view = scene.seen(LENA, ticket.number)
        assert view["answer_by"] == rfc3339(due)
        review = any(each["kind"] == "suggestion_review" for each in view["commitments"])
        assert review == (ticket.category is Category.SUGGESTION)


def test_what_a_person_corrects_no_rule_changes_back(scene):
    put(scene, a_rule(words=["cotton"], category="order"))
    number, _ = scene.opened()

    scene.does(GRACE, tickets.amend_ticket, number, category="product")

    assert scene.seen(LENA, number)["category"] == "product"


def test_rules_look_at_how_far_the_order_is(scene):
    scene.learns_order()
    put(scene, a_rule(order_states=["shipped"], category="logistics"))
    before, _ = scene.opened(category=Category.ORDER, order_number=ORDER_NUMBER)
    with scene.work() as work:
        assert work.sorting.state_of(ORDER_NUMBER) is OrderState.UNPAID
        for state in (OrderState.SHIPPED, OrderState.PAID):  # the news of two services, the later one first
            work.sorting.note(ORDER_NUMBER, state)
    scene.learns_order(seq=5)

    after, _ = scene.opened(category=Category.ORDER, order_number=ORDER_NUMBER, at=NOW + HOUR)

    assert [scene.seen(LENA, each)["category"] for each in (before, after)] == ["order", "logistics"]


def test_rules_are_kept_by_leads_with_what_they_saw(scene):
    first = put(scene, a_rule("One", words=["plug"], priority="high"))

    assert first["version"] == 2
    assert first["items"] == [{"name": "One", "words": ["plug"], "priority": "high"}]
    assert put(scene, a_rule("One", words=["plug"], priority="high"))["version"] == 2, "nothing has changed"
    for act, code in (
        (lambda: put(scene, version=1), "version_moved"),
        (lambda: put(scene, a_rule(words=["a b"], team="nowhere")), "unknown_team"),
    ):
        with pytest.raises(ServiceError) as refused:
            act()
        assert refused.value.code == code


@pytest.mark.pure
@pytest.mark.parametrize(
    "rule",
    [
        {}, {"words": ["plug"]}, {"priority": "high"}, {"words": [], "priority": "high"},
        {"words": ["x" * 61], "priority": "high"}, {"words": ["plug"] * 31, "priority": "high"},
        {"customers": ["not an address"], "priority": "high"}, {"customers": ["a@b"], "priority": "high"},
        {"words": ["plug"], "priority": "soon"}, {"words": ["plug"], "team": "No Team"},
        {"order_states": ["gone"], "priority": "high"}, {"words": ["plug\u0000"], "priority": "low"},
    ],
)  # fmt: skip
def test_a_rule_that_says_nothing_or_too_much_is_refused(rule):
    with pytest.raises(Invalid):
        a_rule(**rule)


@pytest.mark.pure
def test_rules_are_few_and_each_has_its_own_name():
    one = {"name": "One", "words": ["plug"], "priority": "high"}
    assert load(PutRules, {"items": [one, {**one, "name": "Two"}]}).items[1].name == "Two"
    for rules in ([one, one], [{**one, "name": str(each)} for each in range(MOST_RULES + 1)]):
        with pytest.raises(Invalid):
            load(PutRules, {"items": rules})


def test_a_preview_shows_what_a_rule_would_have_caught(scene):
    number, _ = scene.opened(message="The plug does not fit.")
    complaint, _ = scene.opened(category=Category.COMPLAINT, message="Your plug is a shame.")
    scene.opened()

    with scene.work(LENA, reading=True) as work:
        found = sorting.preview_rule(work, a_rule(words=["plug"], category="aftersales", priority="high"))

    sets = {each["number"]: each["sets"] for each in found["items"]}
    assert sets == {number: ["category", "priority"], complaint: ["priority"]}
    assert found["looked_at"] == 3
    assert scene.seen(LENA, number)["category"] == "product"


@pytest.mark.pure
def test_the_journal_and_an_erasure_know_no_customer():
    rules = [a_rule("A", customers=[ADA, "x.example"], priority="high"), a_rule("B", customers=[ADA], priority="low")]
    book = RuleBook(1, [])

    (changed,) = book.replace(rules)
    (forgotten,) = book.forget(ADA.upper())

    assert ADA not in str(changed.body())
    assert ADA not in str(forgotten.body())
    assert book.rules == [{**plain(rules[0]), "customers": ["x.example"]}]
    assert book.forget(ADA) == []
