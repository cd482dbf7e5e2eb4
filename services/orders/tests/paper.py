"""What must always be true of numbered documents."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import sqlalchemy as sa

from services.common.basics.money import ZERO, Money
from services.orders.api import RefundStatus
from services.orders.domain import Payment, Refund
from services.orders.domain.documents import Document, credited, received, standing

if TYPE_CHECKING:
    from services.orders.tests.scene import Scene


def holds_documents(scene: Scene) -> None:
    """Check that the receipt of each payment less its credit notes is what of it was kept, and that none is missing."""
    issued, payments, made = scene.do(
        lambda work: [list(work.session.scalars(sa.select(kind))) for kind in (Document, Payment, Refund)]
    )
    for payment in payments:
        mine = [each for each in issued if each.payment_id == payment.payment_id]
        paid = [e for e in made if e.payment_id == payment.payment_id and e.status is RefundStatus.SETTLED]
        assert received(mine) == payment.captured
        assert credited(mine) == Money.total(each.amount for each in paid)
        for refund in paid:
            assert credited(each for each in mine if each.refund_id == refund.refund_id) == refund.amount
    for each in issued:
        assert each.amount == each.other + Money.total(line.share.amount for line in each.lines)
        assert all(ZERO <= share.tax <= share.amount for line in each.lines for _, share in line.shares())
    series = Counter((each.series, each.year) for each in issued)
    for (name, year), count in series.items():
        assert sorted(e.place for e in issued if (e.series, e.year) == (name, year)) == list(range(1, count + 1))


def kept_shares(documents: list[Document]) -> list[tuple[str, str]]:
    """Return what of each unit is kept by these documents: (amount, tax)."""
    return [(str(share.amount), str(share.tax)) for _, share in sorted(standing(documents).items())]
