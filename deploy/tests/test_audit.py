"""The audit finds what is known and what differs, and says so when the check was not possible."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import eventlet
import pytest
from eventlet import wsgi
from packaging.utils import canonicalize_name

from deploy.checks import locked
from deploy.operate import audit, sbom
from deploy.run import processes

pytestmark = pytest.mark.pure

LOCK = locked.read(locked.LOCK.read_text("utf-8"))
HASH = "0" * 64
HOLE = {
    "id": "PYSEC-2026-7", "summary": "It answers to everybody.", "schema_version": "1.7.3",
    "published": "2026-01-02T03:04:05Z",
    "affected": [{
        "package": {"name": "flask", "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}],
    }],
}  # fmt: skip


@contextmanager
def database_of_holes(holes: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Run a small server that answers as OSV does. Yield its address and the packages it was asked for."""
    asked: list[str] = []

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        package = json.loads(environ["wsgi.input"].read())["package"]["name"]
        asked.append(package)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"vulns": [holes[package]]} if package in holes else {}).encode()]

    listener = eventlet.listen(("127.0.0.1", 0))
    serving = eventlet.spawn(wsgi.server, listener, answer, log_output=False)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/query", asked
    serving.kill()
    listener.close()


@pytest.fixture
def only_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show only locked packages as installed, as in an image: others in this environment are not tested."""
    here = [each for each in distributions() if canonicalize_name(each.metadata["Name"]) in LOCK]
    monkeypatch.setattr(audit, "distributions", lambda: here)


def test_every_package_is_audited_and_a_known_hole_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with database_of_holes({"flask": HOLE}) as (url, asked):
        code = audit.main(["--osv-url", url])

    assert code == 1
    assert sorted(asked) == sorted(LOCK)
    assert f"flask {LOCK['flask'].version}: PYSEC-2026-7, fixed in 99.1" in capsys.readouterr().out


def test_without_holes_and_as_it_was_locked_all_is_well(capsys: pytest.CaptureFixture[str], only_locked: None) -> None:
    with database_of_holes({}) as (url, _):
        assert audit.main(["--osv-url", url]) == 0

    said = capsys.readouterr().out
    assert f"no known holes in the {len(LOCK)} locked packages" in said
    assert "what is installed is what was locked" in said


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["--must-look"], 1)])
def test_a_database_that_cannot_be_reached_is_no_clean_bill(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str], only_locked: None
) -> None:
    (port,) = processes.free_ports(1)

    assert audit.main([*arguments, "--osv-url", f"http://127.0.0.1:{port}/"]) == code

    said = capsys.readouterr().out
    assert "COULD NOT LOOK for known holes" in said
    assert "no known holes" not in said


@pytest.fixture
def installed(tmp_path: Path) -> Distribution:
    """Make a package as pip leaves it: one module, and the list that says what it was."""
    info = tmp_path / "toy-1.0.dist-info"
    info.mkdir()
    (tmp_path / "toy.py").write_text("answer = 42\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Toy\nVersion: 1.0\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"answer = 42\n").digest()).rstrip(b"=").decode()
    (info / "RECORD").write_text(f"toy.py,sha256={digest},12\ntoy-1.0.dist-info/RECORD,,\n")
    return Distribution.at(info)


def test_what_differs_from_what_was_pinned_is_named(installed: Distribution) -> None:
    as_locked, newer = locked.Locked("toy", "1.0", (HASH,)), locked.Locked("toy", "1.1", (HASH,))

    def told(lock: dict[str, locked.Locked], tools: dict[str, str]) -> list[str]:
        return [*audit.deviations([installed], lock, tools)]

    assert told({"toy": as_locked}, {}) == []
    assert told({}, {"toy": "1.0"}) == []
    assert told({}, {}) == ["toy 1.0 is installed, but neither locked nor a pinned tool"]
    assert told({"toy": newer}, {}) == ["toy 1.0 is installed, but 1.1 is pinned"]
    assert told({"toy": as_locked, "gone": newer}, {}) == ["gone 1.1 is locked, but not installed"]


def test_a_file_that_was_changed_after_it_was_installed_is_named(installed: Distribution, tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text("answer = 43\n")

    assert [*audit.deviations([installed], {"toy": locked.Locked("toy", "1.0", (HASH,))}, {})] == [
        "toy 1.0: toy.py is not as it came"
    ]


@pytest.mark.parametrize(
    "line", ["flask", "flask>=3 --hash=sha256:" + HASH, "flask==3.1.3", "flask==3.1.3 --hash=md5:0"]
)
def test_a_lock_that_leaves_something_open_is_none(line: str) -> None:
    with pytest.raises(ValueError, match="flask"):
        locked.read(f"# a lock\n{line}\n")


def test_the_bill_of_materials_lists_exactly_what_is_locked() -> None:
    kept = sbom.KEPT.read_text("utf-8")
    document = json.loads(kept)

    listed = {(each["name"], each["version"]): each for each in document["components"]}
    assert kept == sbom.current(), "run `make sbom`"
    assert document["bomFormat"] == "CycloneDX"
    assert listed.keys() == {(each.name, each.version) for each in LOCK.values()}
    for package in LOCK.values():
        [files] = listed[package.name, package.version]["externalReferences"]
        assert {each["content"] for each in files["hashes"]} == {*package.hashes}
    assert document["metadata"]["component"]["name"] == "pledge"


def test_the_bill_of_materials_goes_into_every_image() -> None:
    root = locked.LOCK.parent

    assert "COPY deploy/operate/sbom.cdx.json /app/" in (root / "deploy/images/Dockerfile").read_text()
    assert _sent_to_the_builder(sbom.KEPT.relative_to(root), (root / ".dockerignore").read_text().splitlines())


def _sent_to_the_builder(path: Path, rules: list[str]) -> bool:
    """Return whether Docker sends the path: the last rule that names it, or a folder of it, decides."""
    named = [rule for rule in rules if any(each.match(rule.removeprefix("!")) for each in (path, *path.parents))]
    return not named or named[-1].startswith("!")
