"""Write which events each service may follow into the broker's definitions: `python -m deploy.checks.broker_rights`.

A service reads the exchanges of those whose events it follows. So that who breaks into it learns no more than it does,
its rights name the events (RabbitMQ's topic permissions): logistics cannot ask for what customers write to orders.
The rows are derived from what the services follow; all else in the file is written by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

from services import SERVICES
from services.common.basics.untyped import JsonDict
from services.common.runtime.messaging import subscriptions
from services.members import service_class

ROOT = Path(__file__).parents[2]
DEFINITIONS = ROOT / "deploy/compose/rabbitmq/definitions.json"
EVENTS = ".events"
ANY_OF_ITS_OWN = "^[a-z_]+$"
NONE = "^$"


def followed() -> dict[tuple[str, str], list[str]]:
    """Return the types of events that a service follows, by (service, whose events)."""
    found: dict[tuple[str, str], list[str]] = {}
    for service in SERVICES:
        for source, type_, _ in subscriptions(service_class(service)):
            found.setdefault((service, source), []).append(type_)
    return found


def rows() -> list[dict[str, str]]:
    """Return the topic permissions on the exchanges of events, a row for each service and each exchange."""
    types = followed()
    return [
        {
            "user": service,
            "vhost": "pledge",
            "exchange": f"{source}{EVENTS}",
            "write": ANY_OF_ITS_OWN if service == source else NONE,
            "read": f"^({'|'.join(sorted(types[service, source]))})$" if (service, source) in types else NONE,
        }
        for service in SERVICES
        for source in SERVICES
    ]


def written(definitions: JsonDict) -> str:
    """Return the definitions as text, one row a line, with the derived rows after those of other exchanges."""
    by_hand = [row for row in definitions["topic_permissions"] if not row["exchange"].endswith(EVENTS)]
    parts = {**definitions, "topic_permissions": [*by_hand, *rows()]}
    sections = (
        f"  {json.dumps(name)}: [\n" + ",\n".join(f"    {json.dumps(row)}" for row in found) + "\n  ]"
        for name, found in parts.items()
    )
    return "{\n" + ",\n".join(sections) + "\n}\n"


def main() -> None:
    before = DEFINITIONS.read_text("utf-8")
    after = written(json.loads(before))
    if before != after:
        DEFINITIONS.write_text(after, "utf-8")
        print(f"{DEFINITIONS.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
