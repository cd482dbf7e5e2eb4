"""Rules that sort what comes in (standard, section 5: "uniformly sort out"). Pure.

Each field is set by the first rule that matches and sets it; all rules look at the message as it came. What a rule may
not do counts as not set: make something else of a complaint or a suggestion, or name a team that there is not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from services.common.basics.events import Event, to_json
from services.common.basics.folding import fold
from services.common.basics.untyped import JsonDict
from services.support.api import events as e
from services.support.api.sorting import OrderState, SortingRule
from services.support.api.statuses import Category, Priority, Topic

_BETWEEN = re.compile(r"[\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uf900-\ufaff]")
"""Scripts that put no blanks between words: there a word is found inside others."""

ORDER_MOVES: dict[OrderState, tuple[OrderState | None, ...]] = {
    OrderState.UNPAID: (None,),
    OrderState.PAID: (None, OrderState.UNPAID, OrderState.EXPIRED),
    OrderState.EXPIRED: (None, OrderState.UNPAID),
    OrderState.SHIPPED: (None, OrderState.UNPAID, OrderState.PAID, OrderState.EXPIRED),
    OrderState.DELIVERED: (None, OrderState.UNPAID, OrderState.PAID, OrderState.EXPIRED, OrderState.SHIPPED),
    OrderState.CANCELLED: (None, OrderState.UNPAID, OrderState.PAID, OrderState.EXPIRED, OrderState.SHIPPED),
}
"""From which states an order comes to one: news of several services may arrive in any order."""


@dataclass(frozen=True)
class AsFiled:
    """What a rule looks at."""

    category: Category
    topic: Topic | None
    customer: str
    words: str
    order_state: OrderState | None

    @classmethod
    def of(
        cls, category: Category, topic: Topic | None, customer: str, texts: Iterable[str], state: OrderState | None
    ) -> AsFiled:
        return cls(category, topic, customer.casefold(), _spread(" ".join(texts)), state)


@dataclass
class Sorted:
    """What the rules set, and the names of those that did."""

    category: Category | None = None
    priority: Priority | None = None
    team: str | None = None
    rules: list[str] = field(default_factory=list)


@dataclass
class RuleBook:
    """The rules as they are kept: plain JSON, in their order. There is one book."""

    id: int
    rules: list[JsonDict]
    version: int = 1

    def replace(self, rules: Iterable[SortingRule]) -> list[Event]:
        """Replace all rules; no event where nothing changes."""
        return self._keep([plain(rule) for rule in rules])

    def forget(self, email: str) -> list[Event]:
        """Take a customer's address out; a rule that was for this customer alone goes with it."""
        kept = []
        for rule in self.rules:
            left = [each for each in rule.get("customers", ()) if each.casefold() != email.casefold()]
            if left == rule.get("customers", []):
                kept.append(rule)
            elif left:
                kept.append({**rule, "customers": left})
        return self._keep(kept)

    def _keep(self, wanted: list[JsonDict]) -> list[Event]:
        if wanted == self.rules:
            return []
        self.rules = wanted
        return [e.RulesChanged(rules=[masked(rule) for rule in wanted])]


def plain(rule: SortingRule) -> JsonDict:
    """Return a rule as plain JSON, without what it leaves out."""
    found: JsonDict = {name: value for name, value in to_json(rule).items() if value is not None}
    return found


def masked(rule: JsonDict) -> JsonDict:
    """Return a rule for the journal, which forgets nothing: of an address only its domain."""
    if "customers" not in rule:
        return rule
    return {**rule, "customers": [re.sub(r"^[^@]+@", "…@", each) for each in rule["customers"]]}


def matches(rule: SortingRule, found: AsFiled) -> bool:
    """Return whether of each condition that the rule has one value fits."""
    return (
        (rule.topics is None or found.topic in rule.topics)
        and (rule.categories is None or found.category in rule.categories)
        and (rule.order_states is None or found.order_state in rule.order_states)
        and (rule.customers is None or any(_is_customer(each, found.customer) for each in rule.customers))
        and (rule.words is None or any(_has(found.words, each) for each in rule.words))
    )


def sort(rules: Iterable[SortingRule], found: AsFiled, *, promised: bool, teams: Collection[str]) -> Sorted:
    """Return what the rules set. promised: it is a complaint or a suggestion; teams: those that there are."""
    result = Sorted()
    for rule in rules:
        if not matches(rule, found):
            continue
        category = None if promised else rule.category
        team = rule.team if rule.team in teams else None
        sets = {"category": category, "priority": rule.priority, "team": team}
        new = {name: value for name, value in sets.items() if value is not None and getattr(result, name) is None}
        for name, value in new.items():
            setattr(result, name, value)
        if new:
            result.rules.append(rule.name)
    return result


def _is_customer(wanted: str, customer: str) -> bool:
    wanted = wanted.casefold()
    return wanted == (customer if "@" in wanted else customer.rpartition("@")[2])


def _spread(text: str) -> str:
    """Return the folded words of a text with one blank around each."""
    return f" {_BETWEEN.sub(' ', fold(text)).strip()} "


def _has(words: str, wanted: str) -> bool:
    word = _spread(wanted)
    if not word.strip():
        return False
    return word.strip() in words if _UNSPACED.search(word) else word in words
