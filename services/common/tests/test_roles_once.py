"""Who may ask is declared with a method and enforced in one place; handlers only say what is narrower than that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[3]
PLACES = ("services/*/handlers/*.py", "services/*/repository/*.py", "services/*/service.py", "gateway/resources/*.py")
ROLES = re.compile(r"\bcaller(?:\(\))?\.require\(([^)]*)\)")
NARROWER = {
    "services/orders/handlers/placing.py": "AGENT, LEAD, REVIEWER; CUSTOMER",  # a link shows its order, no list
    "services/aftersales/repository/__init__.py": "AGENT, AFTERSALES, LEAD",  # one of the filters
}


def test_roles_are_not_listed_a_second_time() -> None:
    files = [path for place in PLACES for path in ROOT.glob(place)]
    found = {str(path.relative_to(ROOT)): "; ".join(ROLES.findall(path.read_text())) for path in files}

    assert {path: roles for path, roles in found.items() if roles} == NARROWER
