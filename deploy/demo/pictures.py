"""The pictures of the staff guide, taken from the real pages: `make pictures`.

A platform of its own is started, the scene is set (`scene.py`), and each page is photographed as the role that works
there sees it. A picture is a JPEG of some 40 KB; all of them stay below MOST_BYTES, or the command fails.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from deploy.demo.client import Client, wait_for
from deploy.demo.scene import a_box, browser_state, set_scene
from deploy.demo.story import Demo, easypost_secret

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
WIDTH, HEIGHT, QUALITY = 1120, 720, 55
MOST_BYTES = 2_000_000


class Shot(NamedTuple):
    """A picture: its name, whose desk it is, the address (with what is in the scene), keys to press, what to wait for.

    text: what is typed after the keys.
    """

    name: str
    role: str
    path: str
    keys: tuple[str, ...] = ()
    text: str = ""
    shows: str = "main h1"


SHOTS = (
    Shot("today", "agent", "today"),
    Shot("find", "agent", "today", ("Control+k",), "mug", ".finder li a"),
    Shot("answer", "agent", "inbox/{inbox}", ("a",), "It holds no lead: the maker's report is on the product's page."),
    Shot("end", "agent", "inbox/{inbox}", ("e",), "", "input[name=code]"),
    Shot("knowledge", "agent", "knowledge/new", ("e",), "", "#article-body"),
    Shot("order", "agent", "orders/{order}"),
    Shot("propose", "agent", "orders/{review}", ("c",), "", "#kind"),
    Shot("review", "reviewer", "review/{review}", ("p",), "", "#evidence"),
    Shot("pack-queue", "warehouse", "pack"),
    Shot("pack", "warehouse", "pack/{pack}", (), "{first_sku}\n", ".big-band :text('1/2')"),
    Shot("pack-wrong", "warehouse", "pack/{pack}", (), "NO-SUCH-SKU\n", ".is-wrong"),
    Shot("label", "warehouse", "pack/{box}", (), "l\n", ".rates li"),
    Shot("slip", "warehouse", "slip/{pack}", (), "", ".sheet"),
    Shot("parcels", "warehouse", "parcels"),
    Shot("return", "aftersales", "returns/{returns}"),
    Shot("reject", "aftersales", "returns/{returns}", ("x",), "", "#ground"),
    Shot("money", "lead", "money"),
    Shot("promises", "lead", "promises", (), "", ".plot"),
    Shot("teams", "lead", "teams"),
    Shot("stock", "admin", "stock/{stock}"),
    Shot("people", "admin", "people", ("n",), "", "#person-email"),
    Shot("operations", "admin", "operations"),
    Shot("you", "admin", "you", (), "", "table"),
)


def take(folder: Path, url: str) -> int:
    """Take all pictures into the folder. Return how many bytes they have."""
    from playwright.sync_api import sync_playwright

    demo = Demo(url)
    demo.guest = Client(url, agent=BROWSER)  # as which staff sign in: a page shows where they are signed in
    scene = set_scene(demo)
    scene["box"] = a_box(demo)
    scene["first_sku"] = demo.as_staff("warehouse").get(f"/v1/shipments/{scene['pack']}")["lines"][0]["sku"]
    states = {role: browser_state(demo.as_staff(role), role) for role in {shot.role for shot in SHOTS}}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PLEDGE_CHROMIUM", CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        for shot in SHOTS:
            context = browser.new_context(
                base_url=url, storage_state=cast(Any, states[shot.role]), viewport={"width": WIDTH, "height": HEIGHT}
            )
            tab = context.new_page()
            tab.goto(f"/desk/{shot.path.format(**scene)}")
            tab.get_by_text("Live: changes show by themselves").wait_for()
            tab.locator("main h1, main h2").first.wait_for()
            for key in shot.keys:
                tab.keyboard.press(key)
            if shot.text:
                tab.keyboard.type(shot.text.format(**scene).rstrip("\n"))
            if shot.text.endswith("\n"):
                tab.keyboard.press("Enter")
            tab.locator(shot.shows).first.wait_for()
            tab.locator("main:not(:has([data-works]))").wait_for()  # what it does is done
            tab.screenshot(path=folder / f"{shot.name}.jpg", type="jpeg", quality=QUALITY, animations="disabled")
            context.close()
        browser.close()
    return sum(path.stat().st_size for path in folder.glob("*.jpg"))


@contextmanager
def a_platform(folder: Path) -> Iterator[str]:
    """Run a platform (embedded form) with its data in the folder, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    url = f"http://{address}"
    told: Mapping[str, str] = {
        "PLEDGE_DATA_DIR": str(folder), "PLEDGE_HTTP_ADDRESS": address, "PLEDGE_PUBLIC_URL": url,
        "PLEDGE_LOG_LEVEL": "WARNING", "PLEDGE_EASYPOST_WEBHOOK_SECRET": easypost_secret(),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "deploy.run.embedded"], env={**os.environ, **told})
    try:
        client = Client(url)
        wait_for(lambda: _answers(client), 90)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _answers(client: Client) -> bool:
    try:
        return client.try_get("/v1/health") is not None
    except OSError:
        return False  # it does not listen yet


def main() -> int:
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as made:
        with a_platform(Path(data)) as url:
            size = take(Path(made), url)
        if size > MOST_BYTES:
            print(f"the pictures have {size} bytes, more than {MOST_BYTES}", file=sys.stderr)
            return 1
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.copytree(made, FOLDER)
    print(f"{len(SHOTS)} pictures, {size // 1000} kB, in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
