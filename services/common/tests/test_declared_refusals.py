"""A refusal that an interface does not declare is found wherever a test meets it."""

from __future__ import annotations

import pytest

from services.common.basics.api import ANYONE, Api, declared_by, query
from services.common.basics.caller import CUSTOMER, SYSTEM
from services.common.basics.errors import Conflict, NotFound
from services.common.basics.states import WrongStatus
from services.common.testing.refusals import held

pytestmark = pytest.mark.pure


class Lamps(Api):
    """Of this test alone."""

    @query(roles=(ANYONE,), errors=(WrongStatus,))
    def show(self) -> str:
        """Show what all may see."""
        raise NotImplementedError

    @query(roles=(CUSTOMER,))
    def show_own(self) -> str:
        """Show what customers may see."""
        raise NotImplementedError


def asking(refusal: Exception) -> str:
    raise refusal


@pytest.mark.parametrize(
    ("method", "refusal", "raised"),
    [
        (Lamps.show, WrongStatus(), WrongStatus),
        (Lamps.show, Conflict(code="lamp_broken"), AssertionError),
        (Lamps.show_own, NotFound(code="lamp_not_found"), AssertionError),
    ],
)
def test_a_refusal_is_declared_or_found(method, refusal, raised):
    with pytest.raises(raised):
        held(asking, declared_by(method))(refusal)


@pytest.mark.parametrize(("method", "raised"), [(Lamps.show_own, "role_required"), (Lamps.show, "does not declare")])
def test_roles_are_declared_where_not_all_may(method, raised):
    def refuse(_: object) -> None:
        SYSTEM.require("lead")

    with pytest.raises(Exception, match=raised):
        held(refuse, declared_by(method))(None)
