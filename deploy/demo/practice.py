"""Something to do for each role of the desk, so that the staff guide can be played: `make practice`.

    leave_work(Demo("http://127.0.0.1:8000"))        # {"reviewer": "G R: an order in doubt, ORD-…", …}

Unlike the demo, which brings everything to its end, this stops halfway: each person finds at least one thing of
theirs. It can be done again and again.
"""

from __future__ import annotations

import argparse
import os
import sys

from deploy.demo.client import Unexpected, wait_for
from deploy.demo.scene import a_box, a_return_asked, set_scene, skus
from deploy.demo.story import Demo, found, made_secret
from deploy.demo.voices import show

OK = {"result": "ok", "note": "as the customer says"}
PARTS = {"product_status": OK, "order_information": OK, "return_reason": OK}


def leave_work(demo: Demo) -> dict[str, str]:
    """Leave something for every role. Return what it is, by role, with the keys that lead there."""
    scene = {**set_scene(demo), **more_work(another_customer(demo))}
    box = a_box(another_customer(demo))
    return {
        "agent": f"G I: conversations, {scene['inbox']} among them; G O: {scene['order']}, whose parcel is lost",
        "reviewer": f"G R: {scene['review']}, whose address is in doubt",
        "warehouse": f"G P: {scene['pack']}, a box of two pieces, and {box}, which lacks its label; G L: a stray scan",
        "aftersales": f"G B: {scene['returns']} to decide, {scene['inspect']} to inspect",
        "lead": f"G I: {scene['check']}, an answer to check; G M: {scene['dispute']}, which a bank asks back; "
        f"G U: {scene['suggestion']}, a suggestion",
        "admin": f"G C: {scene['stock']}, of which pieces are held; G E: the six who work here",
    }


def more_work(demo: Demo) -> dict[str, str]:
    """Leave what the scene of the pictures has not. Return the numbers, by what they are for."""
    demo.report(f"EN{demo.run.upper()}US", "in_transit")  # of no parcel of ours
    reply = {"name": "We look into it", "text": "Dear {customer.name}, we look into it, and answer you soon."}
    demo.as_staff("lead").put("/v1/replies", {**reply, "scope": "shared"})
    return {
        "inspect": a_return_here(demo),
        "check": an_answer_to_check(demo),
        "dispute": a_dispute(demo),
        "suggestion": a_suggestion(demo),
    }


def another_customer(demo: Demo) -> Demo:
    """Return one with a mailbox of their own: none may be written to without end."""
    other = Demo(demo.guest.url, demo.carrier_secret)
    other.staff = demo.staff
    return other


def a_return_here(demo: Demo) -> str:
    """Return a return whose goods are booked in, and wait to be inspected."""
    number, team = a_return_asked(demo, 1), demo.as_staff("aftersales")
    team.post(f"/v1/returns/{number}/review", {"decision": "authorize", "parts": PARTS})
    line = {"sku": skus(demo)[0], "quantity": 1, "condition": "received_ok"}
    team.post(f"/v1/returns/{number}/receipt", {"lines": [line]})
    return number


def an_answer_to_check(demo: Demo) -> str:
    """Return a conversation whose complete answer waits for a second person."""
    number, agent = _written(demo, "product", "110 V", "Can I use the kettle in Boston?"), demo.as_staff("agent")
    question = {"question": "Can the kettle be used on 110 V?", "known": "The label says 220 to 240 V."}
    looked = agent.post(f"/v1/tickets/{number}/verification", question)["id"]
    agent.put(f"/v1/verifications/{looked}/draft", {"draft": "No: this kettle needs 220 to 240 V, as its label says."})
    return number


def a_dispute(demo: Demo) -> str:
    """Return an order whose payment the customer's bank asks back."""
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": skus(demo)[0], "quantity": 1}]))
    customer = demo.guest.with_token(order["access_token"])
    secret = customer.post(f"/v1/orders/{order['number']}/payments", {"provider": "sandbox"})["client_secret"]
    reference = demo.guest.post("/sandbox/payments", {"client_secret": secret})["reference"]
    seen = f"/v1/orders/{order['number']}"
    wait_for(lambda: found(customer.get(seen), lambda shown: shown["payment"]["status"] == "captured"))
    demo.guest.post("/sandbox/disputes", {"reference": reference})
    return str(order["number"])


def a_suggestion(demo: Demo) -> str:
    return _written(demo, "suggestion", "Paper tape", "Please close parcels with paper tape.")


def _written(demo: Demo, category: str, subject: str, message: str) -> str:
    form = {"name": "Ada Lovelace", "email": demo.email, "category": category, "subject": subject, "message": message}
    return str(demo.guest.post("/v1/contact", form)["ticket_number"])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo.practice", description="work for every role")
    parser.add_argument("--url", default=os.environ.get("PLEDGE_PUBLIC_URL") or "http://127.0.0.1:8000")
    given = parser.parse_args(arguments)
    try:
        left = leave_work(Demo(given.url, made_secret()))
    except Unexpected as problem:
        print(f"\nIt went wrong: {problem}", file=sys.stderr)
        return 1
    print(f"\nThere is work for everybody. Sign in at {given.url}/desk; the codes are in {given.url}/dev/mail.\n")
    for role, work in left.items():
        show(role, work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
