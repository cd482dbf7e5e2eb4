"""What the documents point at is there, and the workflow runs what `.ci/run` runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def links() -> list[tuple[Path, str]]:
    """Return (document, target) of every link to a place in this project."""
    found = [(path, target) for path in DOCUMENTS for target in LINK.findall(FENCE.sub("", path.read_text("utf-8")))]
    return [(path, target) for path, target in found if not re.match(r"https?:|mailto:", target)]


def anchors(document: Path) -> set[str]:
    """Return the names that GitHub gives to a document's headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", FENCE.sub("", document.read_text("utf-8")))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    lost = []
    for document, target in links():
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            lost.append(f"{document.relative_to(ROOT)}: {target}")

    assert links()
    assert lost == []


def test_every_decision_is_in_the_list_and_says_how_to_leave_it() -> None:
    folder = ROOT / "docs/adr"
    records = sorted(folder.glob("0*.md"))
    listed = re.findall(r"\((0\d+-[\w-]+\.md)\)", (folder / "README.md").read_text("utf-8"))

    assert [path.name for path in records] == listed
    for path in records:
        headings = re.findall(r"(?m)^## (.+)$", path.read_text("utf-8"))
        assert headings == ["Context", "Decision", "Consequences", "How to leave it"], path.name


def test_the_workflow_runs_every_phase() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    (phases,) = re.findall(r'PHASES="([\w ]+)"', (ROOT / ".ci/run").read_text("utf-8"))

    job = workflow["jobs"]["test"]

    assert job["strategy"]["matrix"]["phase"] == phases.split()
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
