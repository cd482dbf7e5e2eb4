"""The fault harness's checker: silent about the platform as it is, loud when one of its safeguards is taken away.

Each story brings about the one moment in which a safeguard matters. With all safeguards on nothing may be broken; with
one of them off exactly the promises that it stands for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from deploy.lab.chaos import deliveries
from deploy.lab.chaos.customer import Bought
from deploy.lab.chaos.evidence import Evidence
from tests.e2e.chaos.play import SECONDS, Play

REACHED, EFFECT = "every_event_reached_every_follower", "every_event_had_its_effect_once"
INVENTED, AGREE = "no_event_is_known_that_was_never_recorded", "services_agree_on_what_happened"


# the moments


def a_delivery_comes_again(play: Play) -> None:
    """Cancel what has left, before orders knows that it left. Logistics receives the wish twice."""
    order = _paid_order(play)
    play.customer.passed(order)
    shipment = play.customer.http.wait_for(lambda: play.customer.shipment_of(order))
    handed = {"parcels": [{"carrier": "easypost", "tracking_number": f"EZ{order.number[4:]}", "weight_g": 1}]}
    with deliveries.held_back(play.stage.amqp_uri, "orders"):
        for step, body in (("sorted", {}), ("packed", {}), ("dispatched", handed)):
            play.customer.staff_does(f"/v1/shipments/{shipment}/{step}", body, "number", shipment)
        play.customer.command(f"/v1/orders/{order.number}/cancellation", {"reason": ""}, order)
        play.until(lambda evidence: _told(evidence, shipment))
    again = [
        each for each in play.evidence.events("orders", "cancellation_requested") if each["subject"] == order.number
    ]

    deliveries.publish(play.stage.amqp_uri, "orders", again)
    play.until(lambda evidence: not evidence.unsettled())


def the_process_ends_before_it_commits(play: Play) -> None:
    """Repeat the request under the same key, as a customer without an answer does."""
    order = play.customer.place()
    assert order.number


def the_process_ends_while_it_handles(play: Play) -> None:
    play.customer.passed(_paid_order(play))
    play.await_end("logistics")


def with_an_end(service: str, story: Callable[[Play], None]) -> Callable[[Play], None]:
    """Return the story with a supervisor that starts the service again when it has ended itself."""

    def played(play: Play) -> None:
        supervisor = threading.Thread(target=play.await_end, args=(service,))
        supervisor.start()
        story(play)
        supervisor.join(SECONDS)

    return played


# with all safeguards, and with one off


def test_with_all_safeguards_no_moment_breaks_a_promise(play: Play) -> None:
    broken = play.newly_broken(a_delivery_comes_again)
    play.replace("orders", "nothing", "orders", "committing:order_placed")
    broken |= play.newly_broken(with_an_end("orders", the_process_ends_before_it_commits))
    play.replace("logistics", "nothing", "logistics", "handling:review_passed")
    broken |= play.newly_broken(the_process_ends_while_it_handles)

    assert broken == set()
    assert play.evidence.events("logistics", "recall_refused")


def test_without_the_inbox_what_is_delivered_again_is_done_again(play: Play) -> None:
    play.replace("logistics", "inbox", "logistics")

    broken = play.newly_broken(a_delivery_comes_again)

    play.replace("logistics")
    assert broken == {EFFECT, REACHED}


def test_an_event_published_before_its_commit_may_be_false(play: Play) -> None:
    play.replace("orders", "publish", "orders", "committing:order_placed")

    broken = play.newly_broken(with_an_end("orders", the_process_ends_before_it_commits))

    assert broken == {INVENTED, AGREE}


def test_acknowledging_before_the_effect_may_lose_it(play: Play) -> None:
    play.replace("logistics", "ack", "logistics", "handling:review_passed")

    broken = play.newly_broken(the_process_ends_while_it_handles)

    assert broken == {REACHED, AGREE}


def _paid_order(play: Play) -> Bought:
    order = play.customer.place()
    play.customer.pay(order)
    return order


def _told(evidence: Evidence, shipment: str) -> list[Any]:
    return [event for event in evidence.events("logistics", "recall_refused") if event["subject"] == shipment]
