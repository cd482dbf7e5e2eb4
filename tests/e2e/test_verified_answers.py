"""A complex question over HTTP, from the form to the complete answer that two people gave (standard, section 1)."""

from __future__ import annotations

import uuid

from deploy.demo.story import Demo
from tests.e2e.test_conversations import reader_by_mail, refused, write_to_us

DRAFT = "No: this kettle needs 220 to 240 V. The model KET-110 is made for 110 V."


def test_what_cannot_be_answered_at_once_is_verified_first(platform: str, demo: Demo) -> None:
    email = f"ada-{uuid.uuid4().hex[:8]}@example.com"
    number, _ = write_to_us(demo, email, subject="110 V", message="Can I use the kettle in Boston?")
    grace, lena = demo.as_staff("agent"), demo.as_staff("lead")
    question = {"question": "Can the kettle be used on 110 V?", "known": "The label says 220-240 V."}

    found = grace.post(f"/v1/tickets/{number}/verification", question)
    reader = reader_by_mail(demo, email, number, "Can the kettle be used")
    told = reader.get(f"/v1/tickets/{number}")
    assert (told["status"], told["looked_into"]["question"]) == ("verifying", question["question"])
    assert told["looked_into"]["news_by"] < told["looked_into"]["complete_by"]

    grace.post(f"/v1/tickets/{number}/messages", {"body": "The maker has our question and answers tomorrow."})
    reader_by_mail(demo, email, number, "answers tomorrow")
    here = f"/v1/verifications/{found['id']}"
    grace.put(f"{here}/draft", {"draft": DRAFT})
    assert found["id"] in [each["id"] for each in lena.get("/v1/verifications?status=drafted&limit=100")["items"]]
    status, problem = refused(platform, grace, "POST", f"{here}/decision", {"decision": "approve"})
    assert (status, problem["code"]) == (403, "second_person_required")
    status, problem = refused(platform, reader, "GET", here)
    assert (status, problem["code"]) == (403, "role_required")

    lena.post(f"{here}/decision", {"decision": "approve"})

    reader_by_mail(demo, email, number, "A second person of")
    answered = reader.get(f"/v1/tickets/{number}")
    last = answered["messages"][-1]
    assert (last["body"], last["verified"], answered["looked_into"]) == (DRAFT, True, None)
    assert {each["kind"]: each["status"] for each in answered["commitments"]}["complete_answer"] == "kept"
    grace.post(f"/v1/tickets/{number}/resolution", {"code": "answered"})
