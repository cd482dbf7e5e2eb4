"""The house keeps its rules (`architecture`), and each rule sees what it is there for."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import services.common
from services import SERVICES
from services.common.tests.architecture import KIT, ROOMS, ROOT, RULES, Sources, module_of, parts

pytestmark = pytest.mark.pure
HOUSE = Sources.read()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule):
    assert not rule(HOUSE)


# (rule, file, what is planted at its end)
SLIPS = [
    ("pure_files_import_pure_files", "services/orders/domain/order.py", "import requests"),
    ("pure_files_import_pure_files", "services/common/basics/money.py", "from services.common.store import tables"),
    ("pure_files_import_pure_files", "services/support/domain/ticket.py", "from services.support import tables"),
    ("pure_files_read_no_clock_and_no_chance", "services/orders/domain/change.py", "NEW = ids.new_id()"),
    ("pure_files_read_no_clock_and_no_chance", "services/support/domain/ticket.py", "NOW = clock.now()"),
    ("pure_files_read_no_clock_and_no_chance", "services/common/commitments/clock.py", "import os"),
    ("libraries_stay_at_home", "services/orders/handlers/placing.py", "import requests"),
    ("libraries_stay_at_home", "services/orders/views.py", "import sqlalchemy"),
    ("libraries_stay_at_home", "services/common/store/journal.py", "import nameko"),
    ("members_meet_in_declarations", "services/orders/service.py", "from services.support import domain"),
    ("members_meet_in_declarations", "services/orders/views.py", "from services.support.api import SupportApi"),
    ("members_meet_in_declarations", "services/support/views.py", "from services.orders.api.placing import PlaceOrder"),
    ("members_meet_in_declarations", "services/logistics/service.py", "import services.orders.api"),
    ("members_meet_in_declarations", "gateway/app.py", "from services.orders.domain import Order"),
    ("members_meet_in_declarations", "services/common/runtime/runner.py", "from deploy.run import welcome"),
    ("members_meet_in_declarations", "services/common/runtime/runner.py", "from services.members import SERVICES"),
    ("the_kit_names_nobody_in_a_string", "services/common/runtime/runner.py", 'import_module("deploy.run.embedded")'),
    ("the_kit_names_nobody_in_a_string", "services/common/runtime/runner.py", 'import_module(f"services.{name}.x")'),
    ("the_kit_names_nobody_in_a_string", "services/common/runtime/runner.py", "import_module(name)"),
    ("arrows_between_rooms_go_down", "services/common/basics/ids.py", "from services.common.store import tables"),
    ("arrows_between_rooms_go_down", "services/common/store/inbox.py", "from services.common.runtime import timers"),
    ("no_modules_in_a_circle", "services/common/basics/money.py", "from services.common.basics import events"),
    ("modules_say_what_they_are_for", "services/orders/news.py", None),
    ("files_can_be_read_in_one_sitting", "services/orders/views.py", "x = 1\n" * 400),
    ("only_the_store_speeds_statements_up", "services/orders/repository/stock.py", 'OPTIONS = {"later": True}'),
    ("only_the_store_speeds_statements_up", "services/support/repository/tickets.py", "OPTIONS = dict(commit=True)"),
    ("only_the_store_speeds_statements_up", "gateway/app.py", "from services.common.store.statements import LATER"),
    ("one_word_means_one_thing", "services/support/domain/ticket.py", "class Message:\n    pass"),
    ("one_word_means_one_thing", "services/common/bus/wire.py", "class Inbox:\n    pass"),
    ("one_word_means_one_thing", "gateway/http/calls.py", "class Inbox:\n    pass"),
    ("what_has_a_shape_says_it", "services/orders/service.py", "x: Any = 1"),
    ("what_has_a_shape_says_it", "services/common/bus/rpc.py", "x: dict[Any, Any]\n" * 100),
    ("only_the_store_speeds_statements_up", "gateway/app.py", "from services.common.basics.speed import is_on"),
    ("words_are_spelled_one_way", "services/orders/views.py", "# the fulfilment of it"),
]


@pytest.mark.parametrize(
    ("name", "path", "text"), SLIPS, ids=[f"{slip[0]}-{place}" for place, slip in enumerate(SLIPS)]
)
def test_a_planted_slip_is_seen(name, path, text):
    (rule,) = (rule for rule in RULES if rule.__name__ == name)

    planted = Sources({**HOUSE.texts, path: "x = 1"}) if text is None else HOUSE.planted(path, text)

    assert any(path in line or module_of(path) in line for line in rule(planted))


def test_the_rules_look_at_paths_below_the_project_only(tmp_path):
    """A checkout may lie below any folder: `tests/x` too."""
    root = tmp_path / "tests" / "deploy"
    for path, text in HOUSE.texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)

    assert Sources.read(root).code == HOUSE.code


def test_the_front_page_of_the_kit_lists_its_rooms():
    listed = [line.split()[0] for line in (services.common.__doc__ or "").splitlines() if line[:1].islower()]
    rooms = {path.name for path in (ROOT / "services/common").iterdir() if (path / "__init__.py").exists()}

    assert {*listed} == rooms - {"tests"} == {*ROOMS}


@pytest.mark.parametrize("service", SERVICES)
def test_the_front_page_of_the_handlers_lists_them(service):
    handlers = import_module(f"services.{service}.handlers")
    files = {path.stem for path in Path(str(handlers.__file__)).parent.glob("*.py")} - {"__init__"}

    assert not files - set(re.findall(r"\w+", handlers.__doc__ or ""))


def test_the_front_page_of_a_room_lists_its_modules():
    missing = []
    for path in HOUSE.code:
        if parts(path)[:2] == ("services", "common") and len(parts(path)) == 4 and path.endswith(".py"):
            room, file = parts(path)[2:]
            front = HOUSE.texts[f"services/common/{room}/__init__.py"].split('"""')[1]
            if file != "__init__.py" and file.removesuffix(".py") not in front:
                missing.append(f"{KIT}.{room} does not mention {file}")
    assert not missing


def test_importing_a_module_touches_nothing():
    modules = [
        module_of(path)
        for path in HOUSE.code
        if "versions" not in parts(path) and parts(path)[-1] not in {"env.py", "__main__.py"}
    ]

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _GUARDED_IMPORT, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


_GUARDED_IMPORT = '''
import sys
from importlib import import_module
import eventlet, nameko.containers, sqlalchemy, alembic.command, psycopg2, requests, kombu, holidays  # may look
import pathlib

root, broken = str(pathlib.Path.cwd()), []

def ours():
    """The file of the project whose module level is running now, if that is what acts."""
    frame = sys._getframe(2)
    while frame:
        name = frame.f_code.co_filename
        if frame.f_code.co_name == "<module>" and name.startswith(root) and ".venv" not in name:
            return name
        if name.startswith("<frozen importlib"):
            return None
        frame = frame.f_back

def watch(event, args):
    writes = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    if writes and str(args[0]).endswith(".pyc"):
        return
    if writes or event in {"socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.mkdir"}:
        broken.append(f"{event} {args} in {ours()}")

class Environ(dict):
    def __init__(self, inner): super().__init__(inner)
    def look(self, key):
        if (where := ours()): broken.append(f"reads the variable {key} in {where}")
    def __getitem__(self, key): self.look(key); return super().__getitem__(key)
    def get(self, key, default=None): self.look(key); return super().get(key, default)
    def __contains__(self, key): self.look(key); return super().__contains__(key)

import os
os.environ = Environ(os.environ)
sys.addaudithook(watch)
for name in sys.argv[1:]:
    import_module(name)
print("\\n".join(broken))
sys.exit(bool(broken))
'''
