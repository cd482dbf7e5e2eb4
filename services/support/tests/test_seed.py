"""The first staff: named by a setting, once, where none was ever entered; made up in development alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.common.runtime.config import ConfigError
from services.common.store.database import Store
from services.common.testing import fresh_store
from services.support.domain import Staff
from services.support.repository import Work
from services.support.seed import EVERYBODY, seed
from services.support.settings import FirstStaff

ADA, EVE = "ada@shop.example", "eve@shop.example"


def settings(staff: str, **more: Any) -> FirstStaff:
    return replace(FirstStaff.load({}), staff=staff, **more)


def staff_of(store: Store) -> list[tuple[str, list[str], bool]]:
    with store.work(Work, reading=True) as work:
        return [(each.email, each.roles, each.active) for each in work.people.every_staff()]


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with fresh_store("support", tmp_path) as store:
        yield store


def test_the_first_admin_is_who_was_named(store: Store) -> None:
    seed(store, settings("Ada@Shop.example=admin, grace@shop.example=agent+lead"))

    assert staff_of(store) == [(ADA, ["admin"], True), ("grace@shop.example", ["agent", "lead"], True)]


def test_later_names_add_no_staff(store: Store) -> None:
    """A setting that is changed on a running shop makes no admin; a restart neither."""
    seed(store, settings(f"{ADA}=admin"))
    for _ in range(2):
        seed(store, settings(f"{EVE}=admin"))

    assert staff_of(store) == [(ADA, ["admin"], True)]


def test_staff_who_were_deactivated_count_as_entered(store: Store) -> None:
    with store.work(Work) as work:
        work.add(Staff(ADA, "Ada", ["admin"], active=False))
    seed(store, settings(f"{EVE}=admin"))

    assert staff_of(store) == [(ADA, ["admin"], False)]


def test_no_staff_is_made_up_outside_development(store: Store) -> None:
    seed(store, settings("", amqp_uri="amqp://broker.example"))
    assert staff_of(store) == []

    seed(store, settings(""))
    assert {email for email, _, _ in staff_of(store)} == {f"{role}@pledge.example" for role in EVERYBODY}


@pytest.mark.parametrize("text", ["eve@shop.example", "eve@shop.example=emperor", "=admin", "eve@shop.example=admin;x"])
def test_names_that_cannot_be_read_add_no_staff(store: Store, text: str) -> None:
    with pytest.raises(ConfigError, match="PLEDGE_STAFF"):
        seed(store, settings(f"{ADA}=admin, {text}"))

    assert staff_of(store) == []
