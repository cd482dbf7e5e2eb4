"""The ASVS table of docs/security.md: every item of level 2 stands in it once, and every proof exists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/security.md"
LEVEL_2 = """
1.1:1-7 1.2:1-4 1.4:1,4-5 1.5:1-4 1.6:1-4 1.7:1-2 1.8:1-2 1.9:1-2 1.10:1 1.11:1-2 1.12:2 1.14:1-6
2.1:1-12 2.2:1-3 2.3:1-3 2.4:1-5 2.5:1-7 2.6:1-3 2.7:1-6 2.8:1-7 2.9:1-3 2.10:1-4
3.1:1 3.2:1-4 3.3:1-4 3.4:1-5 3.5:1-3 3.7:1 4.1:1-3,5 4.2:1-2 4.3:1-3
5.1:1-5 5.2:1-8 5.3:1-10 5.4:1-3 5.5:1-4 6.1:1-3 6.2:1-6 6.3:1-2 6.4:1-2
7.1:1-4 7.2:1-2 7.3:1,3-4 7.4:1-3 8.1:1-4 8.2:1-3 8.3:1-8 9.1:1-3 9.2:1-4
10.2:1-2 10.3:1-3 11.1:1-8 12.1:1-3 12.2:1 12.3:1-6 12.4:1-2 12.5:1-2 12.6:1
13.1:1,3-5 13.2:1-3,5-6 13.3:1-2 13.4:1-2 14.1:1-4 14.2:1-6 14.3:2-3 14.4:1-7 14.5:1-4
"""
"""The items of ASVS 4.0.3 that are asked for at levels 1 and 2, by section."""


def wanted() -> Iterator[str]:
    for section, places in (part.split(":") for part in LEVEL_2.split()):
        for place in places.split(","):
            first, _, last = place.partition("-")
            yield from (f"{section}.{number}" for number in range(int(first), int(last or first) + 1))


def rows() -> list[tuple[str, str, str]]:
    table = PAGE.read_text().partition("## ASVS")[2]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    return [(items, how, proof) for items, how, proof in cells[2:]]


def items_of(text: str) -> Iterator[str]:
    for part in text.split(","):
        first, _, last = part.strip().partition(" to ")
        section, number = first.rsplit(".", 1)
        until = int(last.rsplit(".", 1)[1]) if last else int(number)
        yield from (f"{section}.{each}" for each in range(int(number), until + 1))


def test_every_item_of_level_2_stands_in_the_table_once() -> None:
    found = Counter(item for items, _, _ in rows() for item in items_of(items))

    assert {item: times for item, times in found.items() if times > 1} == {}
    assert sorted(set(wanted()) ^ set(found)) == []


def test_every_proof_exists() -> None:
    missing = []
    for items, _, proof in rows():
        for each in proof.split(","):
            path, _, name = each.strip().partition("::")
            file = ROOT / path
            if not file.exists() or (name and not re.search(rf"^def {name}\(", file.read_text(), re.MULTILINE)):
                missing.append(f"{items}: {each}")

    assert missing == []
