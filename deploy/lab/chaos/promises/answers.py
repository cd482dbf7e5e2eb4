"""What callers were told, and how the processes behaved that told them."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.lab.chaos.evidence import Evidence


def no_answer_went_to_another(evidence: Evidence) -> Iterator[str]:
    """Each answer is about what its own caller asked for: number, e-mail address or nonce."""
    for each in evidence.recorded("answer"):
        if each["asked"] != each["got"]:
            yield f"{each['client']} asked about {each['asked']} and heard of {each['got']}"


def no_answer_was_a_surprise(evidence: Evidence) -> Iterator[str]:
    """Callers get what they asked for or 503: no internal error, no refusal of a thing that is in order."""
    for each in evidence.recorded("failure"):
        yield f"{each['client']}: {each['asked']}: {each['got']}"
    for each in evidence.recorded("refusal"):
        yield f"{each['client']}, {each['story']}: {each['text']}"


def no_request_hung(evidence: Evidence) -> Iterator[str]:
    """Every request was answered, or its connection closed, long before a client would give up."""
    for each in evidence.recorded("hang"):
        yield f"{each['client']}: {each['asked']} after {each['seconds']} s"


def processes_end_only_when_told_and_then_well(evidence: Evidence) -> Iterator[str]:
    """No outage ends a process; SIGTERM does, within the grace time and with code 0."""
    for each in evidence.recorded("ended"):
        if not each["told"]:
            yield f"{each['name']} ended by itself with code {each['code']}"
        elif each["code"] is None:
            yield f"{each['name']} did not end after SIGTERM"
        elif each["code"]:
            yield f"{each['name']} ended after SIGTERM with code {each['code']}"
