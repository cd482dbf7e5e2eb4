"""The postage of a return: the customer tells what it was, people decide, and it is claimed from the payment ledger."""

from __future__ import annotations

from services.aftersales.api.postage import AskPostage, DecidePostage
from services.aftersales.domain import Return
from services.aftersales.handlers.clocks import clock_claims, keep_clocks
from services.aftersales.handlers.files import name_files
from services.aftersales.handlers.goods import left_alone
from services.aftersales.handlers.returns import of_customer_or_staff, of_staff, record
from services.aftersales.repository import Work
from services.common.basics.personal import ERASED
from services.common.basics.states import WrongStatus


def ask_postage(work: Work, number: str, asked: AskPostage) -> Return:
    """Take in a receipt, from the customer or in their name; the time to decide runs from now."""
    item = of_customer_or_staff(work, number, asked.version)
    by, now = work.caller.actor, work.now
    if item.email == ERASED:  # nothing would erase the receipt and its photos again
        raise WrongStatus("its customer was erased", details={"status": item.status.value})
    record(work, item, item.ask_postage(asked.amount, asked.receipt, asked.evidence, by, now))
    name_files(work, item, asked.evidence)
    keep_clocks(work, item)
    return item


def decide_postage(work: Work, number: str, decided: DecidePostage) -> Return:
    """Accept or decline a receipt; what one person may pay out alone is counted over all returns of the order."""
    item = of_staff(work, number, decided.version)
    by, now, alone = work.caller.actor, work.now, left_alone(work, item)
    if decided.decision == "accept":
        record(work, item, *item.accept_postage(decided.postage, by, now, alone))
    else:
        assert decided.ground is not None
        record(work, item, item.decline_postage(decided.postage, decided.ground, decided.note, by, now))
    clock_claims(work, item, ())
    keep_clocks(work, item)
    return item
