"""The proof: whether every entry that the services ever recorded is still there as it was written."""

from __future__ import annotations

from typing import TypedDict

from gateway.http.calls import ask_each
from gateway.http.resource import Resource
from services.common.basics.api import EveryService, JournalFlaw

blp = Resource("journal", "The proof that nothing recorded was changed")


class Verification(TypedDict):
    """What is wrong with each service's hash chains: nothing, if all is well."""

    services: dict[str, list[JournalFlaw]]
    missing: list[str]


@blp.get("/journal/verification", EveryService.verify_journal)
def verify_journals() -> Verification:
    """Check the hash chains of all journals.

    Each flaw names the subject, the place in its chain and what is wrong there: edited, removed or inserted.
    """
    parts, missing = ask_each(lambda service, _: service.verify_journal())
    return {"services": {name: part["flaws"] for name, part in parts.items()}, "missing": missing}
