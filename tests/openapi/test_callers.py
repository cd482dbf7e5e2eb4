"""Ask every operation as every kind of caller. Only the declared ones are admitted; the others learn nothing.

An operation declares its roles in the document (`x-roles`). The thing in its path belongs to one customer, who signs in
with the address of the order or the ticket, or holds its link. A refusal is the same, word for word, whether the thing
exists or not.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any, NamedTuple

import requests

from deploy.demo.client import Client
from services.common.basics import ids
from services.common.basics.api import ANYONE, SIGNATURE
from services.common.basics.caller import ADMIN, AGENT, ANY_STAFF, CUSTOMER, KEY_ROLES, LEAD
from services.common.basics.clock import now
from services.common.edge import keys, tokens
from tests.openapi.document import Document, Operation
from tests.openapi.house import House
from tests.openapi.operations import OPERATIONS, Gaps
from tests.openapi.test_examples import NOTHING, send
from tests.openapi.test_refusals import nobodys

SHARED = {
    "/v1/orders/{}": "GET /v1/orders/{}/tracking",
    "/v1/returns/{}": "GET /v1/returns/{}",
    "/v1/changes/{}": "DELETE /v1/changes/{}",
    "/v1/shipments/{}": "PATCH /v1/shipments/{}/hand-over",
    "/v1/shipments/{}/parcels/{}": "POST /v1/shipments/{}/parcels/{}/delivery",
    "/v1/refunds/{}": "POST /v1/refunds/{}/retry",
    "/v1/products/{}": "GET /v1/products/{}",
    "/v1/staff/{}": "GET /v1/staff/{}",
}
"""Paths whose operations share one thing, and the operation whose preparation makes it."""

OWN = ("answer_remedy", "open_remedy", "decide_postage", "put_availability")
"""Operations on a part of a thing, which must be there."""

LAST = ("POST /v1/sign-out", "DELETE /v1/sessions")
"""Operations that end the caller's session."""


class Outcome(StrEnum):
    """How a request ends, as far as the caller is the reason."""

    ADMITTED = "admitted"
    NOT_SIGNED_IN = "401"
    FORBIDDEN = "403"
    UNKNOWN = "404"


REFUSALS = {
    "token_invalid": Outcome.NOT_SIGNED_IN,
    "sign_in_required": Outcome.NOT_SIGNED_IN,
    "role_required": Outcome.FORBIDDEN,
    "customer_required": Outcome.FORBIDDEN,
    "bad_signature": Outcome.FORBIDDEN,
    "link_not_found": Outcome.ADMITTED,  # that of another, who may see the thing itself
    "reply_not_found": Outcome.ADMITTED,  # another person's own
    "team_not_found": Outcome.ADMITTED,  # the caller before has deleted it
    "order_not_held": Outcome.ADMITTED,  # the caller before has let it go on
}


class Asking(NamedTuple):
    """One kind of caller: their token, and what is known of them.

    roles: those of who signed in. link: the kind of link. owns: whether the thing is theirs. signs: with the provider's
    key. good: whether the token is. is_key: it is a system of the shop, which has no mailbox and no session.
    """

    name: str
    token: str = ""
    roles: frozenset[str] = frozenset()
    link: str = ""
    owns: bool = False
    signs: bool = False
    good: bool = True
    is_key: bool = False


class Callers:
    """All kinds of callers. Each person has two sessions, because some operations end the one they come with."""

    def __init__(self, house: House):
        self.house, run = house, uuid.uuid4().hex[:8]
        self._mail = {role: f"{role}.{run}@shop.example" for role in (*ANY_STAFF, ADMIN)}
        for role, email in self._mail.items():
            house.staff(ADMIN).put(f"/v1/staff/{email}", {"name": role.title(), "roles": [role]})
        self._mail |= {"owner": house.email, "other customer": f"eve.{run}@example.com"}
        gone = f"gone.{run}@shop.example"
        house.staff(ADMIN).put(f"/v1/staff/{gone}", {"name": "Gone", "roles": [ADMIN]})
        with ThreadPoolExecutor(8) as pool:
            self._sessions = [
                dict(zip(self._mail, pool.map(house.session, self._mail.values()), strict=True)) for _ in range(2)
            ]
        self._ended = self._end(gone)
        self._keys = {role: self._key(role, run) for role in KEY_ROLES}
        self._links = {"order": house.placed_order().customer._token, "ticket": house.open_ticket().customer._token}

    def _end(self, email: str) -> str:
        token = str(self.house.session(email)["access_token"])
        Client(self.house.url, token).post("/v1/sign-out", {})
        return token

    def _key(self, role: str, run: str) -> str:
        wish = {"name": f"{role}-{run}", "roles": [role]}
        return str(self.house.staff(ADMIN).post("/v1/api-keys", wish)["secret"])

    def asking(self, key: str, operation: Operation, gaps: Gaps) -> Iterator[Asking]:
        """Yield each kind of caller for an operation about this thing."""
        own = bool(gaps.thing) and (gaps.personal or is_own(operation))
        sessions = self._sessions[key == LAST[-1]]
        mine = gaps.owner or gaps.who
        yield Asking("anonymous")
        yield Asking("provider", signs=True)
        for kind, foreign in self._links.items():
            owned = mine._token.startswith(f"{kind[:3]}_")
            yield Asking(f"{kind} link", mine._token if owned else foreign, link=kind, owns=owned)
            yield Asking(f"another {kind} link", foreign, link=kind)
        for name in ("owner", "other customer"):
            token = sessions[name]["access_token"]
            yield Asking(name, token, frozenset({CUSTOMER}), owns=name == "owner" and not own)
        if own:
            yield Asking("the person", gaps.who._token, frozenset({CUSTOMER}), owns=True)
        for role in (*ANY_STAFF, ADMIN):
            yield Asking(role, sessions[role]["access_token"], frozenset({role}))
        for role, secret in self._keys.items():
            yield Asking(f"key of {role}", secret, frozenset({role}), is_key=True)
        yield from self._bad_tokens()

    def _bad_tokens(self) -> Iterator[Asking]:
        boss = self._sessions[0][ADMIN]
        claims = tokens.Access(boss["session_id"], boss["email"], [ADMIN])
        support = keys.Signing.parse(keys.DEVELOPMENT_SUPPORT_KEYS)
        stranger = keys.Signing.parse(keys.private_keys(keys.OF_SUPPORT, "development", b"somebody else's"))
        good = tokens.access_token(support, claims, now())
        middle = len(good) // 3
        tampered = good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1 :]
        order = ids.number(ids.ORDER, 0)
        found = {
            "expired": tokens.access_token(support, claims, now() - tokens.ACCESS_LIFETIME),
            "tampered": tampered,
            "foreign": tokens.access_token(stranger, claims, now()),
            "ended": self._ended,
            "expired link": tokens.order_token(
                keys.Signing.parse(keys.DEVELOPMENT_GATEWAY_KEYS), order, now() - tokens.ORDER_LIFETIME
            ),
            "made-up ticket link": "tic_" + "x" * 43,
            "made-up key": tokens.KEY_PREFIX + "0" * 64,
        }
        for name, token in found.items():
            yield Asking(name, token, good=False)


def is_own(operation: Operation) -> bool:
    """Return whether it is about the caller's own sessions and factors."""
    return "sign_in_required" in operation.codes(403)


def expected(operation: Operation, who: Asking, gaps: Gaps) -> set[Outcome]:
    """Return the outcomes that the declaration allows for this caller."""
    roles = frozenset(operation.content["x-roles"])
    if SIGNATURE in roles:
        return {Outcome.ADMITTED if who.signs else Outcome.FORBIDDEN}
    if not who.good:
        return {Outcome.NOT_SIGNED_IN}
    if ANYONE in roles:
        return {Outcome.ADMITTED}
    if not who.token:
        return {Outcome.NOT_SIGNED_IN}
    if who.is_key and is_own(operation):
        return {Outcome.NOT_SIGNED_IN if who.roles & roles else Outcome.FORBIDDEN}
    of_tickets = operation.path.startswith(("/v1/tickets", "/v1/uploads"))
    if operation.path.startswith("/v1/uploads") and who.roles & {*ANY_STAFF} - {AGENT, LEAD}:
        return {Outcome.UNKNOWN}  # they read no conversations
    if (who.roles & roles and CUSTOMER not in who.roles) or (ADMIN in who.roles and roles & {*ANY_STAFF, ADMIN}):
        return {Outcome.UNKNOWN if is_own(operation) and gaps.thing else Outcome.ADMITTED}
    if CUSTOMER not in roles or not (who.link or CUSTOMER in who.roles):
        return {Outcome.FORBIDDEN}
    if who.link and is_own(operation):
        return {Outcome.NOT_SIGNED_IN}
    if who.link and operation.path.startswith("/v1/suggestions"):
        return {Outcome.FORBIDDEN, Outcome.UNKNOWN}  # a link has no mailbox to write to
    if who.link and who.link != ("ticket" if of_tickets else "order"):
        return {Outcome.FORBIDDEN, Outcome.UNKNOWN}
    return {Outcome.ADMITTED if who.owns or not is_about(operation, gaps) else Outcome.UNKNOWN}


def is_about(operation: Operation, gaps: Gaps) -> bool:
    """Return whether a request names a thing that has an owner."""
    owned = gaps.thing and not operation.path.startswith("/v1/suggestions")  # the board is for all
    return bool(owned) or (operation.method == "POST" and "order_number" in gaps.values)


def ask(house: House, operation: Operation, who: Asking, gaps: Gaps) -> requests.Response:
    example = next(iter(operation.examples())) if operation.bodies else NOTHING
    client = Client(house.url, who.token)
    return send(house.url, operation, example, gaps._replace(who=client, headers=gaps.headers if who.signs else None))


def outcome(answer: requests.Response) -> Outcome:
    if answer.ok or answer.status_code in (101, 302):
        return Outcome.ADMITTED
    assert answer.status_code < 500, answer.text
    other = Outcome.UNKNOWN if answer.status_code == 404 else Outcome.ADMITTED
    return REFUSALS.get(answer.json()["code"], other)


def said(answer: requests.Response) -> tuple[int, dict[str, Any]]:
    told = answer.json()
    return answer.status_code, {name: value for name, value in told.items() if name != "trace_id"}


def prepared(house: House) -> Iterator[tuple[str, Gaps]]:
    """Yield each operation with a thing to ask about; what ends sessions comes last."""
    made: dict[str, Gaps] = {}
    for key, known in sorted(OPERATIONS.items(), key=lambda each: each[0] in LAST):
        prefix = key.partition(" ")[2].rpartition("{}")[0] + "{}"
        if prefix in SHARED and not known.ends and known.name not in OWN:
            if prefix not in made:
                made[prefix] = OPERATIONS[SHARED[prefix]].prepare(house, None)
            yield key, made[prefix]
        else:
            gaps = known.prepare(house, {})
            yield key, gaps if "{}" in key else gaps._replace(thing="")


def test_callers_are_let_in_as_declared_and_others_learn_nothing(document: Document, house: House) -> None:
    """The table is printed in size, so that a run shows how much was tried.

    It has a customer of its own, because some operations end all sessions of a person.
    """
    house = house.for_another()
    callers = Callers(house)
    cells, compared, differing = 0, 0, []
    for key, gaps in prepared(house):
        operation = document.operations[key]
        nobody = gaps._replace(thing=nobodys(operation)) if gaps.thing and "/webhooks/" not in key else gaps
        if not gaps.thing and is_about(operation, gaps):
            nobody = gaps._replace(values={**gaps.values, "order_number": ids.number(ids.ORDER, 0)})
        table = [(who, expected(operation, who, gaps)) for who in callers.asking(key, operation, gaps)]
        for who, wanted in sorted(table, key=lambda each: Outcome.ADMITTED in each[1]):  # a refusal changes nothing
            answer = ask(house, operation, who, gaps)
            cells += 1
            if outcome(answer) not in wanted:
                differing.append(f"{key} by {who.name}: {answer.status_code} {answer.text[:90]}, not {sorted(wanted)}")
            elif Outcome.ADMITTED not in wanted and nobody is not gaps:
                compared += 1
                other = ask(house, operation, who, nobody)
                if said(other) != said(answer):
                    differing.append(f"{key} by {who.name}: {answer.text[:90]} but {other.text[:90]} where none is")

    print(f"{len(OPERATIONS)} operations, {cells} cells, {compared} of them asked about nothing too")  # noqa: T201
    assert not differing, "\n".join(differing)
