"""The caller of a command, as it travels from the gateway through every call and into the journal.

A caller is a guest, a customer, a member of staff with roles, a key of the shop's back end, a service or the system
itself. `grants` are what a link in an e-mail gives: leave to act as the customer of one order (`order:ORD-…`) or one
ticket (`ticket:TIC-…`). The gateway says who is asking; the owning service decides what they may do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.common.basics.errors import Forbidden
from services.common.basics.untyped import Fields

CUSTOMER, AGENT, REVIEWER, WAREHOUSE, AFTERSALES, LEAD, ADMIN = (
    "customer", "agent", "reviewer", "warehouse", "aftersales", "lead", "admin",
)  # fmt: skip
ANY_STAFF = (AGENT, REVIEWER, WAREHOUSE, AFTERSALES, LEAD)  # an admin is all of them
CASE_STAFF = (AGENT, REVIEWER, AFTERSALES, LEAD)  # who work on customers' orders; the warehouse works on shipments
STAFF = frozenset({*ANY_STAFF, ADMIN})
ROLES = STAFF | {CUSTOMER}
KEY_ROLES = STAFF - {LEAD, ADMIN}
"""What a key of the shop's back end can be."""


@dataclass(frozen=True)
class Caller:
    """actor: "guest", "customer:ada@…", "staff:grace@…", "key:back-end:grace@…", "service:orders" or "system".

    A key has the roles of staff and no mailbox; its actor ends with the mailbox of who made it (`person_of`).

    idempotency_key makes a repeated command harmless; causation_id is the event that caused this one, if any.
    """

    actor: str
    email: str | None = None
    roles: frozenset[str] = frozenset()
    grants: frozenset[str] = frozenset()
    trace_id: str = ""
    causation_id: str | None = None
    idempotency_key: str | None = field(default=None, repr=False)

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & STAFF)

    @property
    def is_key(self) -> bool:
        """Whether it is a key of the shop's back end, which acts for no customer."""
        return self.actor.startswith("key:")

    def has(self, *roles: str) -> bool:
        """Return whether the caller has one of the roles. An admin has every staff role."""
        return bool(self.roles & {*roles}) or (ADMIN in self.roles and bool(STAFF & {*roles}))

    def require(self, *roles: str) -> None:
        """Raise Forbidden (`role_required`) unless the caller has one of the roles."""
        if not self.has(*roles):
            raise role_required(roles)

    def came_by_link(self, *kinds: str) -> bool:
        """Return whether the caller came by a link of one of these kinds ("order", "ticket"), to whatever thing."""
        return any(grant.partition(":")[0] in kinds for grant in self.grants)

    def owns(self, grant: str, email: str | None) -> bool:
        """Return whether the caller is the customer of a thing, by its link (`order:…`, `ticket:…`) or their e-mail."""
        if grant in self.grants:
            return True
        return CUSTOMER in self.roles and bool(email) and self.email == email

    def to_headers(self) -> dict[str, object]:
        """Return the form in which it travels with a message. `from_headers` reads it."""
        headers: dict[str, object] = {"actor": self.actor, "trace_id": self.trace_id}
        if self.email:
            headers["email"] = self.email
        if self.roles:
            headers["roles"] = sorted(self.roles)
        if self.grants:
            headers["grants"] = sorted(self.grants)
        if self.causation_id:
            headers["causation_id"] = self.causation_id
        if self.idempotency_key:
            headers["idempotency_key"] = self.idempotency_key
        return headers

    @classmethod
    def from_headers(cls, headers: Fields | None) -> Caller:
        """Return the caller a message came from. A message without one has a guest with no rights."""
        headers = headers or {}
        return cls(
            actor=headers.get("actor", "guest"),
            email=headers.get("email"),
            roles=frozenset(headers.get("roles", ())) & ROLES,
            grants=frozenset(headers.get("grants", ())),
            trace_id=headers.get("trace_id", ""),
            causation_id=headers.get("causation_id"),
            idempotency_key=headers.get("idempotency_key"),
        )


def key_actor(name: str, made_by: str) -> str:
    """Return the actor of an API key: its name, and the mailbox of who made it."""
    return f"key:{name}:{made_by}"


def person_of(actor: str) -> str:
    """Return the mailbox of a member of staff, for a key that of who made it. Each other actor is its own person."""
    kind, _, name = actor.partition(":")
    return name.rpartition(":")[2] if kind in ("staff", "key") else actor


def is_same_person(actor: str, *others: str | None) -> bool:
    """Return whether the actor is the same person as any of the others. Who made a key and the key are one person."""
    return person_of(actor) in {person_of(each) for each in others if each is not None}


def kind_told(actor: str) -> str:
    """Return what others than staff are told of who did it: the kind. A key acts as staff does."""
    kind = actor.partition(":")[0]
    return "staff" if kind == "key" else kind


def role_required(roles: Iterable[str]) -> Forbidden:
    """Return the refusal of a caller who has none of the roles."""
    return Forbidden(f"this needs one of the roles {', '.join(sorted(roles))}", code="role_required")


SYSTEM = Caller("system")
