"""The rules of the house: where things live and which way they flow. They are read off the source, not off a list."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SERVICES = ("orders", "logistics", "aftersales", "support")
PURE = ("errors", "money", "events", "clock", "ids", "calendar", "commitments", "caller", "terms", "message")
PURE_KIT = {f"services.common.{name}" for name in PURE}
MAX_LINES = 400
SOURCES = sorted(
    path.relative_to(ROOT)
    for top in ("services", "gateway", "deploy")
    for path in (ROOT / top).rglob("*.py")
    if "__pycache__" not in path.parts
)
CODE = [path for path in SOURCES if "tests" not in path.parts and path.name != "testing.py"]
OF_SERVICES = [path for path in CODE if path.parts[1] in SERVICES]
DOMAIN = [path for path in OF_SERVICES if "domain.py" in path.parts or "domain" in path.parts]


def every(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=str)


@every(DOMAIN)
def test_the_domain_knows_the_standard_library_and_the_pure_kit_only(path):
    package = ".".join(path.parts[:2])

    foreign = {
        name
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == pure or name.startswith(pure + ".") for pure in PURE_KIT)
        and not name.startswith(f"{package}.domain")
    }

    assert not foreign, f"{path} imports {sorted(foreign)}"


@every(DOMAIN)
def test_the_domain_reads_no_clock_no_environment_and_no_randomness(path):
    forbidden = {"clock.now", "datetime.now", "datetime.utcnow", "date.today", "time.time", "os.environ", "os.getenv"}

    used = {name for name in dotted_names(path) if name in forbidden}
    used |= imports(path) & {"random", "secrets", "uuid", "os", "time", "services.common.clock.now"}

    assert not used, f"{path} uses {sorted(used)}"


@every(sorted(path for path in SOURCES if str(path.with_suffix("")).replace("/", ".") in PURE_KIT))
def test_the_pure_kit_needs_the_standard_library_only(path):
    foreign = {
        name
        for name in imports(path)
        if name.split(".")[0] not in {*sys.stdlib_module_names, "holidays"}
        and not any(name == pure or name.startswith(pure + ".") for pure in PURE_KIT)
    }

    assert not foreign, f"{path} imports {sorted(foreign)}"


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("nameko", {"service"}),
        ("sqlalchemy", {"tables", "repository", "migrations"}),
        ("alembic", {"migrations"}),
        ("marshmallow", {"schemas"}),
        ("flask", set()),
        ("kombu", set()),
        ("eventlet", {"service"}),
    ],
)
def test_each_library_of_a_service_has_its_home(library, homes):
    strays = [
        str(path)
        for path in OF_SERVICES
        if library in {name.split(".")[0] for name in imports(path)}
        and not homes & {part.removesuffix(".py") for part in path.parts}
    ]

    assert not strays, f"{library} belongs to {sorted(homes) or 'no file of a service'}"


@every(SOURCES)
def test_services_and_the_gateway_meet_in_the_kit_only(path):
    own = path.parts[1] if path.parts[0] == "services" else path.parts[0]
    allowed = {"deploy": {*SERVICES, "gateway"}, "common": set()}.get(own, {own})

    reached = {
        parts[1] if parts[0] == "services" else parts[0] for parts in (name.split(".") for name in imports(path))
    }
    met = reached & {*SERVICES, "gateway"}

    assert met <= allowed, f"{path} imports {sorted(met - allowed)}"


@every(CODE)
def test_a_module_says_what_it_is_for(path):
    if path.name == "__init__.py" and not path.read_text().strip():
        return

    assert ast.get_docstring(tree(path)), f"{path} has no docstring"


@every(CODE)
def test_a_file_can_be_read_in_one_sitting(path):
    length = len((ROOT / path).read_text().splitlines())

    assert length <= MAX_LINES, f"{path} has {length} lines"


@every([path for path in SOURCES if path.name != Path(__file__).name])
def test_words_are_spelled_one_way(path):
    words = {"fulfilment": "fulfillment", "authorised": "authorized", "authorise": "authorize", "canceled": "cancelled"}

    found = {word for word in words if re.search(rf"\b{word}\b|_{word}|{word}_", (ROOT / path).read_text().lower())}

    assert not found, f"{path}: " + ", ".join(f"{word} is spelled {words[word]}" for word in found)


def test_importing_a_module_touches_nothing():
    modules = [
        str(path.with_suffix("")).replace("/", ".").removesuffix(".__init__")
        for path in CODE
        if "versions" not in path.parts and path.name not in {"env.py", "__main__.py"}
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


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module and name that the file imports, dotted; also inside functions, not those for type checking only."""
    return frozenset(_imports(tree(path)))


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and child.level == 0:
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        yield from _imports(child)


def dotted_names(path: Path) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
