"""Slips that mypy must find, from the browser's edge to the row: each is planted alone, in a function of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[1]
PRELUDE = '''
"""What is right; each slip below differs from it by one word."""

from gateway.http.calls import services
from services.aftersales.api.replies import ReturnView
from services.aftersales.api.returns import ReceiveReturn, RequestReturn, RequestedLine
from services.aftersales.api.events import ReturnRejected
from services.aftersales.api.statuses import ReturnReason, ReturnStatus
from services.aftersales.repository import Work
from services.common.basics.message import Message
from services.common.runtime.following import on
from services.orders.api.events import OrderPlaced


def right(work: Work, request: RequestReturn, event: ReturnRejected, message: Message) -> str:
    shown = services().aftersales.get_return(request.order_number)
    assert shown["status"] is ReturnStatus.LAPSED
    return event.explanation


def other(work: Work, request: RequestReturn, message: Message) -> None: ...


'''
SLIPS = {
    "a wrong method": 'def slip() -> None:\n    services().aftersales.get_retrun("RET-1")',
    "a missing argument": "def slip() -> None:\n    services().aftersales.get_return()",
    "a wrong argument": 'def slip() -> None:\n    services().aftersales.request_return("RET-1")',
    "a wrong field of a request, in a handler": "def slip(request: RequestReturn) -> str:\n    return request.order",
    "a wrong field of a request, as it is made": 'def slip() -> object:\n    return RequestedLine("A", 1, why="x")',
    "a wrong field of an event, in a follower": "def slip(event: ReturnRejected) -> object:\n    return event.grounds",
    "a wrong part of a followed event": "def slip(event: OrderPlaced) -> object:\n    return event.lines[0].price",
    "a handler of another event": "def slip() -> object:\n    return on(ReturnRejected, other)",
    "a wrong field of a reply": 'def slip() -> object:\n    return services().aftersales.get_return("RET-1")["stat"]',
    "a removed value": "def slip() -> object:\n    return ReturnStatus.LOST",
}


def test_mypy_finds_every_planted_slip_and_nothing_else(tmp_path: Path) -> None:
    text, wanted = PRELUDE, {}
    for name, slip in SLIPS.items():
        text += slip.replace("slip", "slip_" + re.sub(r"\W", "_", name)) + "\n\n\n"
        wanted[text.rstrip().count("\n") + 1] = name
    (tmp_path / "planted.py").write_text(text)

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path / "planted.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    lines = {int(found[1]) for found in re.finditer(r"planted\.py:(\d+): error", done.stdout)}
    assert {wanted.get(line, f"line {line}") for line in lines} == {*SLIPS}, done.stdout
