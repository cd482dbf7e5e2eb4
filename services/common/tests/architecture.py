"""The rules of the house as functions: each takes the sources and returns what breaks it, one line each.

`Sources` reads the project; `planted` gives a copy with one more file or another text in one, so that a test can show
that a rule sees what it is there for.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from services import SERVICES

ROOT = Path(__file__).parents[3]
MAX_LINES = 400
KIT = "services.common"

# what each room of the kit may import of the others: an arrow goes down
ROOMS: Mapping[str, frozenset[str]] = {
    "basics": frozenset(),
    "tracing": frozenset(),
    "addresses": frozenset({"basics"}),
    "calendar": frozenset({"addresses", "basics"}),
    "commitments": frozenset({"basics", "calendar"}),
    "language": frozenset({"basics", "calendar", "commitments"}),
    "store": frozenset({"basics", "calendar", "commitments", "tracing"}),
    "bus": frozenset({"basics", "calendar", "commitments", "store", "tracing"}),
    "edge": frozenset({"addresses", "basics", "calendar", "commitments"}),
    "runtime": frozenset({"basics", "calendar", "commitments", "store", "bus", "edge", "tracing"}),
    "testing": frozenset(
        {"basics", "calendar", "commitments", "language", "store", "bus", "edge", "runtime", "tracing"}
    ),
}
PURE = tuple(f"{KIT}.{room}" for room in ("addresses", "basics", "calendar", "commitments"))
DATA = {"holidays", "phonenumbers", "yaml"}
IMPURE = {
    "clock.now", "datetime.now", "datetime.utcnow", "date.today", "time.time", "time.monotonic", "os.environ",
    "os.getenv", "ids.new_id", "ids.new_number", "new_id", "new_number",
}  # fmt: skip
IMPURE_MODULES = {"random", "secrets", "uuid", "os", "time", f"{KIT}.basics.clock.now"}
HOMES: Mapping[str, tuple[str, ...]] = {
    "nameko": ("service.py", "services/common/runtime/", "services/common/bus/", "gateway/http/", "gateway/live/",
               "gateway/app.py", "gateway/service.py"),
    "sqlalchemy": ("tables.py", "repository/", "migrations/", "services/common/store/",
                   "services/common/runtime/", "services/common/bus/relay.py", "services/members.py"),
    "alembic": ("migrations/",),
    "babel": ("services/common/language/", "deploy/checks/texts.py"),
    "marshmallow": ("services/common/edge/", "services/common/runtime/", "gateway/"),
    "requests": ("adapters/", "gateway/resources/sandbox.py"),
    "flask": ("gateway/",),
    "kombu": ("services/common/bus/", "services/common/runtime/", "gateway/live/"),
    "eventlet": ("service.py", "services/common/bus/", "services/common/tracing/", "services/common/runtime/",
                 "services/common/store/postgres.py", "services/__main__.py", "gateway/"),
}  # fmt: skip
PUBLISHED = frozenset({"events", "parts", "statuses", "terms"})
"""What services may know of each other: events, what these are made of, and the promises that mails quote."""
MOST_ANY = 200
"""Words outside tests, imports too; most speak with libraries that have no types. Lower it when it can be."""
SPEED = (f"{KIT}.store.statements.LA", f"{KIT}.store.postgres")
LIBRARY_NAMES = {"Connection", "Channel", "Transport"}
"""What kombu and the driver call what our transports and our dialect put in their place."""
SPELLING = {
    "fulfilment": "fulfillment", "authorised": "authorized", "authorise": "authorize", "canceled": "cancelled",
}  # fmt: skip


class Sources:
    """The project's Python files by their path below its root; never by the path above it."""

    def __init__(self, texts: Mapping[str, str]):
        self.texts = dict(texts)

    @classmethod
    def read(cls, root: Path = ROOT) -> Sources:
        paths = [path for top in ("services", "gateway", "deploy") for path in (root / top).rglob("*.py")]
        return cls({path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(paths)})

    def planted(self, path: str, text: str) -> Sources:
        """Return a copy in which `text` stands at the end of that file, which may be new."""
        return Sources({**self.texts, path: self.texts.get(path, '"""A file."""\n') + "\n" + text})

    @cached_property
    def code(self) -> list[str]:
        """All files but tests and what tests stand on."""
        return [path for path in self.texts if "tests" not in parts(path) and "testing" not in parts(path)]

    @cached_property
    def of_services(self) -> list[str]:
        return [path for path in self.code if parts(path)[:1] == ("services",) and parts(path)[1] in SERVICES]

    @cached_property
    def pure(self) -> list[str]:
        """The domains, what services declare, and the pure rooms of the kit."""
        domains = [path for path in self.of_services if parts(path)[2] in ("domain", "api")]
        return domains + [path for path in self.code if module_of(path).startswith(PURE)]

    def imports(self, path: str) -> frozenset[str]:
        """Return every module and name that the file imports, dotted, except those for type checking only."""
        return _imports(self.texts[path])


def parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def tree(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def _imports(text: str) -> frozenset[str]:
    return frozenset(_imported(tree(text)))


def _imported(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and child.level == 0:
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        yield from _imported(child)


# the rules


def pure_files_import_pure_files(sources: Sources) -> list[str]:
    """List violations: domain/, api/ and pure rooms import only the standard library, pure rooms and data."""
    found = []
    for path in sources.pure:
        own = ".".join(parts(path)[:2])
        allowed = (*PURE, f"{own}.domain", f"{own}.api") if own != KIT else PURE
        for name in sorted(sources.imports(path)):
            top = name.split(".")[0]
            if top not in {*sys.stdlib_module_names, *DATA} and not _below(name, allowed):
                found.append(f"{path} imports {name}")
    return found


def pure_files_read_no_clock_and_no_chance(sources: Sources) -> list[str]:
    """List violations: pure files are given the time and the ids, which come from basics/ids and basics/clock only."""
    found = []
    for path in sources.pure:
        if path in ("services/common/basics/ids.py", "services/common/basics/clock.py"):
            continue
        names = {ast.unparse(node) for node in ast.walk(tree(sources.texts[path])) if isinstance(node, ast.Attribute)}
        names |= {node.id for node in ast.walk(tree(sources.texts[path])) if isinstance(node, ast.Name)}
        used = (names & IMPURE) | (sources.imports(path) & IMPURE_MODULES)
        found += [f"{path} uses {name}" for name in sorted(used)]
    return found


def libraries_stay_at_home(sources: Sources) -> list[str]:
    found = []
    for path in sources.code:
        if parts(path)[0] == "deploy":
            continue
        for name in {name.split(".")[0] for name in sources.imports(path)} & {*HOMES}:
            if not any(path.endswith(f"/{home}") or home in path for home in HOMES[name]):
                found.append(f"{path} imports {name}")
    return sorted(found)


def members_meet_in_declarations(sources: Sources) -> list[str]:
    """List who imports more of a service than it publishes, of which the gateway imports the whole `api`."""
    found = []
    for path in sources.texts:
        if parts(path)[0] == "deploy" or (parts(path)[:2] == ("services", "common") and path not in sources.code):
            continue
        own = parts(path)[1] if parts(path)[0] == "services" else parts(path)[0]
        if own.endswith(".py"):
            continue  # members.py and its neighbours know all members
        for name in sorted(sources.imports(path)):
            member = _member(name)
            if member is None or member == own or (member in SERVICES and _may_meet(path, own, name)):
                continue
            found.append(f"{path} imports {name}")
    return found


def the_kit_names_nobody_in_a_string(sources: Sources) -> list[str]:
    """List violations: an import by string is an import, so no text in the kit names a module above it."""
    above = re.compile(rf"(deploy|gateway|services\.({'|'.join(SERVICES)})|services\.(?!common\b)\{{?)[.\w{{]*\Z")
    found = []
    for path in sources.code:
        if parts(path)[:2] != ("services", "common"):
            continue
        for node in ast.walk(tree(sources.texts[path])):
            text = _import_string(node)
            if text is not None and above.match(text):
                found.append(f"{path} imports {text!r} by string")
    return found


def _import_string(node: ast.AST) -> str | None:
    """Return the argument of import_module(…) or __import__(…). What an f-string fills in is `{`."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in (
        "import_module", "__import__", "find_spec",
    ) or not node.args:  # fmt: skip
        return None
    argument = node.args[0]
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    if isinstance(argument, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{" for each in argument.values)
    return "services.{"  # a name that only run time knows can be anybody's


def arrows_between_rooms_go_down(sources: Sources) -> list[str]:
    found = []
    for path in sources.code:
        if parts(path)[:2] != ("services", "common") or len(parts(path)) < 4:
            continue
        room = parts(path)[2]
        for name in sorted(sources.imports(path)):
            reached = name.split(".")[2] if name.startswith(f"{KIT}.") else room
            if reached != room and reached not in ROOMS.get(room, frozenset()):
                found.append(f"{path} imports {name}: {room} is below {reached}")
    return found


def no_modules_in_a_circle(sources: Sources) -> list[str]:
    modules = {module_of(path): path for path in sources.code}
    graph = {
        module: {target for name in sources.imports(path) if (target := _target(name, modules)) and target != module}
        for module, path in modules.items()
    }
    return [f"in a circle: {', '.join(sorted(circle))}" for circle in circles(graph) if len(circle) > 1]


def modules_say_what_they_are_for(sources: Sources) -> list[str]:
    return [
        path for path in sources.code if sources.texts[path].strip() and not ast.get_docstring(_tree(sources, path))
    ]


def files_can_be_read_in_one_sitting(sources: Sources) -> list[str]:
    lengths = {path: len(sources.texts[path].splitlines()) for path in sources.code}
    return [f"{path} has {length} lines" for path, length in lengths.items() if length > MAX_LINES]


def only_the_store_speeds_statements_up(sources: Sources) -> list[str]:
    """List violations: `later` and `commit` are the store's, and the switches of the speed room are the kit's.

    No handler, repository or relay passes an option that exists for speed.
    """
    found = []
    for path in sources.code:
        if path.startswith(("services/common/store/", "deploy/")):
            continue
        for node in ast.walk(tree(sources.texts[path])):
            named = node.arg if isinstance(node, ast.keyword) else getattr(node, "value", None)
            if isinstance(node, ast.Constant | ast.keyword) and named in ("later", "commit"):
                found.append(f"{path}:{node.lineno} passes {named!r}")
        barred = SPEED if path.startswith("services/common/") else (*SPEED, f"{KIT}.basics.speed")
        found += [f"{path} imports {name}" for name in sources.imports(path) if name.startswith(barred)]
    return found


def words_are_spelled_one_way(sources: Sources) -> list[str]:
    found = []
    for path, text in sources.texts.items():
        if path.endswith(("tests/architecture.py", "tests/test_architecture.py")):
            continue  # they name the wrong ones
        if "adapters" in parts(path):
            continue  # they speak to others, in the others' words
        for word, right in SPELLING.items():
            if re.search(rf"\b{word}\b|_{word}|{word}_", text.lower()):
                found.append(f"{path}: {word} is spelled {right}")
    return found


def one_word_means_one_thing(sources: Sources) -> list[str]:
    """List classes named as one of the kit's, in the kit, a service or the gateway, unless they extend that one."""
    declared: dict[str, list[tuple[str, ast.ClassDef]]] = {}
    for path in sources.code:
        if parts(path)[0] in ("services", "gateway"):
            for node in tree(sources.texts[path]).body:
                if isinstance(node, ast.ClassDef) and node.name not in LIBRARY_NAMES:
                    declared.setdefault(node.name, []).append((path, node))
    found = []
    for name, places in declared.items():
        own = [path for path, _ in places if parts(path)[1] == "common"]
        others = [path for path, node in places if not any(ast.unparse(base).endswith(name) for base in node.bases)]
        if own and len(others) > 1:
            found.append(f"{name} means several things: {', '.join(others)}")
    return found


def what_has_a_shape_says_it(sources: Sources) -> list[str]:
    """List each `Any` where requests and events are handled, and all of them if there are more than `MOST_ANY`."""
    found = [
        f"{path}:{number} says Any"
        for path in sources.code
        for number, line in enumerate(sources.texts[path].splitlines(), 1)
        for _ in re.findall(r"\bAny\b", line)
    ]
    typed = [line for line in found if re.search(r"/service\.py:|/handlers/|gateway/resources/", line)]
    return typed + (found if len(found) > MOST_ANY else [])


RULES = (
    pure_files_import_pure_files,
    pure_files_read_no_clock_and_no_chance,
    libraries_stay_at_home,
    members_meet_in_declarations,
    the_kit_names_nobody_in_a_string,
    arrows_between_rooms_go_down,
    no_modules_in_a_circle,
    modules_say_what_they_are_for,
    files_can_be_read_in_one_sitting,
    only_the_store_speeds_statements_up,
    words_are_spelled_one_way,
    one_word_means_one_thing,
    what_has_a_shape_says_it,
)


def _tree(sources: Sources, path: str) -> ast.Module:
    return tree(sources.texts[path])


def _below(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def _may_meet(path: str, own: str, name: str) -> bool:
    """Return whether the import is allowed: services share events only.

    Their tests and the gateway may see all of an api.
    """
    room, *rest = [*name.split(".")[2:], ""]
    if room != "api" or own == "common":
        return False
    return own not in SERVICES or "tests" in parts(path) or rest[0] in PUBLISHED


def _member(name: str) -> str | None:
    """Return which member this module belongs to, if it is above the kit.

    `services.promised` belongs to none: it reads the terms of all, for those who write texts.
    """
    first, *rest = name.split(".")
    if first in ("gateway", "deploy"):
        return first
    if first == "services" and rest and rest[0] not in ("common", "SERVICES", "promised"):
        return rest[0]
    return None


def _target(name: str, modules: Mapping[str, str]) -> str | None:
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Return the strongly connected components (Tarjan), without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []
    for root in graph:
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, edges = work[-1]
            following = next(edges, None)
            if following is not None:
                if following not in index:
                    index[following] = low[following] = len(index)
                    stack.append(following)
                    work.append((following, iter(sorted(graph[following]))))
                elif following in stack:
                    low[node] = min(low[node], index[following])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                circle = set(stack[stack.index(node) :])
                del stack[stack.index(node) :]
                found.append(circle)
    return found
