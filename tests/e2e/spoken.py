"""Run the platform (embedded form) with a language more, the one made for tests: `python -m tests.e2e.spoken`."""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet

if __name__ == "__main__":  # before anything else is imported, as the platform itself does it
    eventlet.monkey_patch()

import runpy
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.http import script_texts, words
from services.common.language import terms
from services.common.testing.pseudo import spoken

ROOT = Path(__file__).parents[2]
ROOMS = {"gateway": words.TEXTS, "gateway/web/desk": script_texts.DESK, "services/common/language": terms.TEXTS}


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        for number, (room, texts) in enumerate(ROOMS.items()):
            (own := folder / str(number)).mkdir()
            stack.enter_context(spoken(texts, ROOT / room / "locale/texts.pot", own))
        runpy.run_module("deploy.run.embedded", run_name="__main__")


if __name__ == "__main__":
    main()
