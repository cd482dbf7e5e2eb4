"""Routing of the embedded bus: which queues a routing key reaches through an exchange, as AMQP 0-9-1 says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

Matches = Callable[[str], object]


@dataclass(eq=False)
class Exchange:
    type: str
    bindings: dict[tuple[str, str], Matches] = field(default_factory=dict)

    def bind(self, routing_key: str, queue: str) -> None:
        self.bindings[routing_key, queue] = _matcher(self.type, routing_key)

    def route(self, routing_key: str) -> set[str]:
        return {queue for (_, queue), matches in self.bindings.items() if matches(routing_key)}


def _matcher(exchange_type: str, pattern: str) -> Matches:
    """Return a function that says whether a routing key fits. In a topic, `*` is one word and `#` none or more."""
    if exchange_type == "fanout":
        return lambda key: True
    if exchange_type != "topic" or not re.search("[*#]", pattern):
        return pattern.__eq__
    expression = re.escape(pattern)
    for wildcard, words in ((r"\.\#", r"(\..*)?"), (r"\#\.", r"(.*\.)?"), (r"\#", ".*"), (r"\*", r"[^.]+")):
        expression = expression.replace(wildcard, words)
    return re.compile(expression + r"\Z").match
