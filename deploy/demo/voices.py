"""The last steps of the story: what customers say of us. A complaint is decided, a suggestion is announced."""

from __future__ import annotations

from typing import Any

from deploy.demo.client import Client, expect, wait_for
from services.common.basics.untyped import JsonDict


class Voices:
    """The part of the demo in which customers complain and suggest."""

    guest: Client
    email: str
    run: str

    def as_staff(self, role: str) -> Client:
        """Return a client that is signed in with that role."""
        raise NotImplementedError

    def a_complaint_is_decided(self, number: str, customer: Client) -> None:
        step(11, "A complaint is taken up, investigated and upheld: the customer gets money back")
        ticket = self.write(customer, "complaint", "Two boxes for two mugs", "It is a waste.", order_number=number)
        agent = self.as_staff("agent")

        def take(**request: Any) -> JsonDict:
            shown: JsonDict = agent.post(f"/v1/tickets/{ticket}/complaint", request)
            return shown

        taken = take(step="acknowledged", message="We have read what you wrote and look into it now.")
        show("the customer is told", f"we decide by {taken['decide_by']}, with news each working day")
        take(
            step="investigated", findings="The packer had no larger box.", message="We have asked our packers about it."
        )
        reasons = "A larger box would have done. You were right to complain."
        refund = {"remedy": "refund", "amount": {"amount": "5.00", "currency": "USD"}}
        take(step="decided", decision="upheld", message=reasons, cause="order_handling", **refund)
        link = self.guest.mail_link(self.email, f"/tickets/{ticket}", containing="we uphold your complaint")
        reader = self.guest.with_token(link.partition("#token=")[2])
        decided = wait_for(lambda: _settled(reader.get(f"/v1/tickets/{ticket}")))
        show("decided", f"{decided['decision']['decision']}, 5.00 USD {decided['decision']['refund']['state']}")
        changed = {"step": "improved", "changed": "Packers have a larger box at hand."}
        self.as_staff("lead").post(f"/v1/tickets/{ticket}/complaint", changed)
        closed = reader.post(f"/v1/tickets/{ticket}/closing", {})
        expect(closed["status"] == "closed", "the customer closes it")
        causes = self.as_staff("lead").get("/v1/reports/complaints")["causes"]
        show("report", ", ".join(f"{each['cause']} {each['total']}" for each in causes))

    def a_suggestion_is_announced(self) -> None:
        step(12, "A suggestion is followed to its announcement")
        lead = self.as_staff("lead")
        ticket = self.write(self.guest, "suggestion", "Paper tape", "Please close parcels with paper tape.")
        listed = lead.get("/v1/suggestions", limit=100)["items"]
        found = next(each["id"] for each in listed if each["ticket_number"] == ticket)
        words = {"title": f"Paper tape ({self.run})", "text": "Parcels are closed with paper tape.", "public": True}
        for move in (
            {"status": "reviewed", **words}, {"status": "planned"}, {"status": "done", "link": "/shop"},
            {"status": "announced"},
        ):  # fmt: skip
            lead.post(f"/v1/suggestions/{found}/move", move)
        self.guest.mail_link(self.email, f"/tickets/{ticket}", containing="We have announced it")
        board = self.guest.get("/v1/suggestions", limit=100)["items"]
        shown = next(each for each in board if each["id"] == found)
        expect(shown["status"] == "announced", "the board shows how it ended")
        show("the board shows", f"{shown['title']}: {shown['status']}")

    def write(self, client: Client, category: str, subject: str, message: str, **more: str) -> str:
        """Write to us by the contact form. Return the number of the ticket."""
        form = {"name": "Ada Lovelace", "email": self.email, "category": category, "subject": subject}
        receipt = client.post("/v1/contact", {**form, "message": message, **more})
        number: str = receipt["ticket_number"]
        return number


def _settled(ticket: JsonDict) -> JsonDict | None:
    """Return the complaint once its refund is paid."""
    complaint: JsonDict = ticket["complaint"]
    refund = (complaint["decision"] or {}).get("refund")
    return complaint if refund and refund["state"] == "settled" else None


def step(number: int, what: str) -> None:
    print(f"\n{number}. {what}", flush=True)


def show(what: str, value: str) -> None:
    print(f"   {what:24} {value}", flush=True)
