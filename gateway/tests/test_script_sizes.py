"""No page loads more than 80 KB of scripts, packed as they are served: what it imports, and what that imports."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path

import pytest

from gateway.web.pages import FOLDERS, WEB

pytestmark = pytest.mark.pure

MOST_SCRIPT = 80_000
IMPORT = re.compile(r"""^\s*(?:import|export)\s+(?:[^"';]*?\bfrom\s+)?["']([^"']+)["']""", re.MULTILINE)
MODULE = re.compile(r'\bscript\b.*"(/web/js/[^"]+)" %\}')
FRAME = "/web/shop/js/frame.js"
DESK = WEB / "desk/js/desk.js"


def file_of(address: str) -> Path:
    """Return the file that is served there. The longest folder's address that fits is meant."""
    for folder, prefix in sorted(FOLDERS.items(), key=lambda item: -len(item[1])):
        if address.startswith(f"/web/{prefix}"):
            return WEB / folder / address.removeprefix(f"/web/{prefix}")
    raise AssertionError(address)


def entries() -> dict[str, list[Path]]:
    """Return the modules that each page names, by page. A page for customers names one, and its frame another."""
    own = {path.name: MODULE.findall(path.read_text("utf-8")) for path in sorted((WEB / "customer").glob("*.html"))}
    return {
        **{f"desk/{path.stem}": [DESK, path] for path in sorted((WEB / "desk/js/pages").glob("*.js"))},
        **{name: [file_of(each) for each in (*found, FRAME)] for name, found in own.items() if found},
    }


PAGES = entries()


@cache
def imported(path: Path) -> frozenset[Path]:
    """Return what a script imports itself."""
    found = IMPORT.findall(path.read_text("utf-8"))
    return frozenset(file_of(name) if name.startswith("/") else (path.parent / name).resolve() for name in found)


@cache
def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_light(page: str) -> None:
    waiting, scripts = [*PAGES[page]], set[Path]()
    while waiting:
        script = waiting.pop()
        if script not in scripts:
            scripts.add(script)
            waiting += imported(script)

    assert len(scripts) > len(PAGES[page])
    assert sum(map(packed, scripts)) <= MOST_SCRIPT
