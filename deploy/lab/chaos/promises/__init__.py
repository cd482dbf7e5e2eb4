"""The promises that must hold whatever breaks, as functions over the evidence; the list of them is `PROMISES`.

A promise takes the evidence and yields a line for every violation: what is wrong, and where. Its docstring is the
promise itself. None of them knows which faults there were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from deploy.lab.chaos.evidence import Evidence
from deploy.lab.chaos.promises import acknowledged, answers, clocks, events, money, rest, stock

Promise = Callable[[Evidence], Iterator[str]]

PROMISES: tuple[Promise, ...] = (
    acknowledged.orders_exist_exactly_once,
    acknowledged.payments_are_captured_exactly_once,
    acknowledged.messages_exist_exactly_once,
    acknowledged.returns_exist_exactly_once,
    acknowledged.dispatches_and_scans_exist_exactly_once,
    acknowledged.decisions_are_kept_as_given,
    money.what_the_bank_took_is_captured,
    money.refunds_never_exceed_what_was_captured,
    money.nothing_is_owed_and_nothing_paid_too_much,
    money.every_refund_was_paid_back_once_by_the_bank,
    stock.shelves_equal_their_ledger,
    stock.what_is_reserved_belongs_to_open_orders,
    stock.corrections_are_counted_exactly_once,
    events.every_event_reached_every_follower,
    events.no_event_is_known_that_was_never_recorded,
    events.every_event_had_its_effect_once,
    events.services_agree_on_what_happened,
    events.journals_verify,
    clocks.no_clock_is_missing,
    clocks.every_clock_is_open_kept_or_breached,
    answers.no_answer_went_to_another,
    answers.no_answer_was_a_surprise,
    answers.no_request_hung,
    answers.processes_end_only_when_told_and_then_well,
    rest.everything_came_to_rest,
    rest.no_dead_letters,
)


class Verdict(NamedTuple):
    name: str
    promise: str
    violations: list[str]


def judge(evidence: Evidence, promises: Iterable[Promise] = PROMISES) -> list[Verdict]:
    """Judge every promise. Return each with what breaks it."""
    return [Verdict(each.__name__, (each.__doc__ or "").strip(), list(each(evidence))) for each in promises]


def broken(verdicts: Iterable[Verdict]) -> set[str]:
    """Return the names of the promises that do not hold."""
    return {verdict.name for verdict in verdicts if verdict.violations}
