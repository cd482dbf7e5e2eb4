"""The proof: whether every entry that the services ever recorded is still there as it was written."""

from __future__ import annotations

from functools import partial
from typing import Any

from marshmallow import fields

from gateway.http.calls import gather, services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer
from services import SERVICES
from services.common.basics.caller import AGENT, LEAD

blp = Resource("journal", "The proof that nothing recorded was changed")


class Verification(Answer):
    """What is wrong with each service's hash chains: nothing, if all is well."""

    services = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Dict()), required=True, metadata={"example": {"orders": []}}
    )
    missing = fields.List(fields.String(), required=True)


@blp.route("/journal/verification", methods=["GET"])
@blp.allows(AGENT, LEAD)
@blp.answers(200, Verification)
def verify_journals() -> dict[str, Any]:
    """Check the hash chains of all journals.

    Each flaw names the subject, the place in its chain and what is wrong there: edited, removed or inserted.
    """
    worker = services()
    parts, missing = gather(**{name: partial(getattr(worker, name).verify_journal) for name in SERVICES})
    return {"services": {name: part["flaws"] for name, part in parts.items()}, "missing": missing}
