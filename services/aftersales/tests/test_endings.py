"""No return is a dead end: whatever people did, there is a way on, and each piece ends paid, kept or sent back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aftersales.api.statuses import ClaimStatus, Condition, Ground, Outcome, Part, ReturnStatus
from services.aftersales.domain import Finding, Receipt, Return
from services.aftersales.domain.units import ReturnUnit
from services.aftersales.tests.builders import ADDRESS, NOW, a_return, all_ok, failing
from services.common.basics.errors import ServiceError
from services.common.basics.money import Money

pytestmark = pytest.mark.pure

S = ReturnStatus
TEAM = [f"staff:{name}" for name in ("grace", "alan", "edsger", "barbara", "tony")]
ENDS = {S.CLOSED, S.REJECTED_FINAL, S.WITHDRAWN}
EVIDENCE = ["https://photos.example/1"]
AFTER_APPEALS = NOW + timedelta(days=99)
APPEAL_BY = NOW + timedelta(days=30)

Step = Callable[[Return], object]


def _review(decision: str, by: str) -> Step:
    def act(item: Return) -> object:
        if decision == "info":
            return item.ask({}, "?", by, NOW)
        if decision == "authorize":
            return item.authorize(all_ok(), by, NOW, ADDRESS, NOW + timedelta(days=30))
        return item.reject(failing(Part.PRODUCT_STATUS), Ground.INCOMPLETE, "no plug", by, NOW, APPEAL_BY)

    return act


def _finding(outcome: Outcome, unit: int, ground: Ground = Ground.INCOMPLETE) -> Finding:
    return Finding(outcome, "no plug", 1, unit, None, 1, ground, EVIDENCE)


def _settle(item: Return) -> None:
    for position, claim in enumerate(item.claims, 1):
        item.hear_of_refund(ClaimStatus.SETTLED, f"REF-{position}", claim.amount, 1, NOW, NOW)


def steps(alone: Money) -> st.SearchStrategy[Step]:
    """Generate any one step that a person, the bank or time may take."""
    by, unit = st.sampled_from(TEAM), st.integers(0, 2)
    grounds = st.sampled_from([Ground.INCOMPLETE, Ground.USED_BEYOND_TRYING])
    arriving = st.sampled_from([each for each in Condition if each is not Condition.AWAITING])
    found, looked = (st.sampled_from(each) for each in (
        [Outcome.ACCEPTED, Outcome.DISPUTED], [Outcome.ACCEPTED, Outcome.REJECTED],
    ))  # fmt: skip
    return st.one_of(
        st.builds(_review, st.sampled_from(["info", "authorize", "reject"]), by),
        st.just(lambda item: item.answer("yes", NOW)),
        st.just(lambda item: item.contest("it is there", NOW)),
        st.just(lambda item: item.withdraw(NOW)),
        st.just(lambda item: item.send("ups", None, NOW)),
        st.just(lambda item: item.lapse(NOW + timedelta(days=31))),
        st.just(lambda item: item.expire_appeal(AFTER_APPEALS)),
        st.just(_settle),
        st.builds(
            lambda how, u, who: lambda item: item.receive([Receipt(how, 1, u)], who, NOW), arriving, unit, by
        ),
        st.builds(
            lambda what, u, who: lambda item: item.inspect([_finding(what, u)], who, NOW, (), alone), found, unit, by
        ),
        st.builds(
            lambda what, u, ground, who: lambda item: item.look_again(
                [_finding(what, u, ground)], who, NOW, APPEAL_BY, (), alone
            ),
            looked, unit, grounds, by,
        ),
        st.builds(lambda who: lambda item: item.send_back([], "ups", None, who, NOW), by),
    )  # fmt: skip


def tried(item: Return, step: Step) -> bool:
    """Try the step. Return True if it was possible; undo a refused one, as its transaction would."""
    before = {name: value for name, value in vars(item).items() if name not in ("units", "claims", "reviews")}
    units = [dict(vars(unit)) for unit in item.units]
    claims, reviews = list(item.claims), list(item.reviews)
    try:
        step(item)
    except ServiceError:
        vars(item).update(before)
        for unit, values in zip(item.units, units, strict=True):
            vars(unit).update(values)
        item.claims[:], item.reviews[:] = claims, reviews
        return False
    return True


def _judge(unit: ReturnUnit, outcome: Outcome) -> Step:
    return lambda item: item.inspect([_finding(outcome, unit.unit)], TEAM[0], NOW)


def _look(unit: ReturnUnit, outcome: Outcome, by: str) -> Step:
    found = _finding(outcome, unit.unit, unit.ground or Ground.INCOMPLETE)
    return lambda item: item.look_again([found], by, NOW, APPEAL_BY)


def _miss(unit: ReturnUnit) -> Step:
    return lambda item: item.receive([Receipt(Condition.MISSING, 1, unit.unit)], TEAM[0], NOW)


def _ways_on(item: Return, accept: bool) -> Iterator[Step]:
    """Yield steps that lead nearer to an end, for a team that accepts all or rejects all."""
    first, last = (Outcome.ACCEPTED, Outcome.ACCEPTED) if accept else (Outcome.DISPUTED, Outcome.REJECTED)
    yield lambda item: item.answer("yes", NOW)
    yield from (_review("authorize" if accept else "reject", by) for by in TEAM)
    yield from (_miss(unit) for unit in item.units if unit.awaited)
    yield from (_judge(unit, first) for unit in item.units if unit.unjudged)
    yield from (_look(unit, last, by) for unit in item.units if unit.undecided for by in TEAM)
    yield lambda item: item.expire_appeal(AFTER_APPEALS) or item.contest("-", AFTER_APPEALS)
    yield lambda item: item.send_back([], "ups", None, TEAM[0], NOW)
    yield _settle


def finish(item: Return, accept: bool) -> None:
    """Take ways on until there is an end."""
    for _ in range(60):
        if item.status in ENDS:
            return
        assert any(tried(item, step) for step in _ways_on(item, accept)), item.status
    raise AssertionError(f"{item.status}: {[unit.outcome for unit in item.units]}")


def ended_well(item: Return, unit: ReturnUnit) -> bool:
    """Return whether the piece was refunded, finally rejected, withdrawn or sent back."""
    if item.status in (S.WITHDRAWN, S.REJECTED_FINAL):
        return True
    refunded = unit.accepted and all(claim.settled for claim in item.claims)
    kept = unit.withdrawn_at is not None or unit.sent_back_at is not None
    return refunded or kept or (unit.outcome is Outcome.REJECTED_FINAL and not unit.is_here)


@given(st.data(), st.integers(1, 3), st.sampled_from([0, 700, 10_000]), st.booleans())
def test_each_return_comes_to_an_end_for_each_of_its_pieces(data, pieces, alone, accept):
    item = a_return(paid=[600] * pieces)
    for step in data.draw(st.lists(steps(Money(alone)), max_size=25)):
        tried(item, step)

    finish(item, accept)

    assert all(ended_well(item, unit) for unit in item.units)
    assert Money.total(unit.paid for unit in item.units if unit.accepted) == item.refund
    assert {unit.holds for unit in item.units if unit.accepted} <= {True}


@given(st.data(), st.sampled_from([0, 700, 10_000]))
def test_no_piece_is_judged_by_one_person_against_the_rules(data, alone):
    item = a_return(paid=[600, 600, 600])
    for step in data.draw(st.lists(steps(Money(alone)), max_size=25)):
        tried(item, step)

    by_one = [unit for unit in item.units if unit.accepted and unit.confirmed_by is None]
    assert all(unit.is_here for unit in by_one)
    assert all(unit.confirmed_by != unit.inspected_by for unit in item.units if unit.confirmed_by)
    for unit in item.units:
        if unit.outcome in (Outcome.REJECTED, Outcome.APPEALED, Outcome.REJECTED_FINAL):
            assert unit.ground is not None
            assert unit.evidence
            assert unit.disputed_by != unit.rejected_by
