"""The first data: who works here, and the help centre. What was entered before stays: an admin changes it, or staff."""

from __future__ import annotations

import os
import re

from services.common.basics.caller import ADMIN, AFTERSALES, AGENT, LEAD, REVIEWER, STAFF, WAREHOUSE
from services.common.runtime.config import ConfigError
from services.common.store.database import Store
from services.support.domain import Staff
from services.support.knowledge.seed import plant
from services.support.repository import Work
from services.support.settings import FirstStaff

_PERSON = re.compile(r"([^@\s=,]+@[^@\s=,]+)=([a-z+]+)")
EVERYBODY = {
    AGENT: "Grace Agent",
    REVIEWER: "Ruth Reviewer",
    WAREHOUSE: "Walter Warehouse",
    AFTERSALES: "Amal Aftersales",
    LEAD: "Lena Lead",
    ADMIN: "Ada Admin",
}
"""One made-up person per role, `<role>@pledge.example`, where no staff is configured in development."""


def seed(store: Store, settings: FirstStaff | None = None) -> None:
    """Add the staff of PLEDGE_STAFF, where no staff was ever entered; in development made-up people for none.

    ConfigError when it cannot be read.
    """
    settings = settings or FirstStaff.load(os.environ)
    wanted = people(settings.staff, made_up=settings.development)
    with store.work(Work) as work:
        if not work.people.has_staff():
            work.people.add_staff(wanted)
        plant(work)


def people(text: str, *, made_up: bool = True) -> list[Staff]:
    """Return the staff in "grace@shop.example=agent+lead, …"; for an empty text the made-up ones, or none."""
    if not text.strip() and not made_up:
        return []
    if not text.strip():
        return [Staff(f"{role}@pledge.example", name, [role]) for role, name in EVERYBODY.items()]
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        match = _PERSON.fullmatch(part)
        roles = set(match[2].split("+")) if match else set()
        if match is None or not roles <= STAFF:
            raise ConfigError([f"PLEDGE_STAFF: {part!r} is not address=role+role; the roles are {sorted(STAFF)}"])
        found.append(Staff(match[1].lower(), match[1].partition("@")[0], sorted(roles)))
    return found
