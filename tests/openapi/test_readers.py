"""Tools that others use read the document, and none of them has anything to say against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.openapi.document import Document
from tests.openapi.tools import HERE, Tools


def test_the_document_is_valid_openapi(document: Document) -> None:
    faults = [error.message[:300] for error in OpenAPIV31SpecValidator(document.content).iter_errors()]

    assert not faults, "\n".join(faults)


def test_redocly_finds_neither_errors_nor_warnings(npm: Tools, document_file: Path) -> None:
    found = npm.run("redocly", "lint", document_file, "--config", HERE / "redocly.yaml", "--format=json")

    said = json.loads(found.stdout)
    assert said["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}, "\n".join(map(_line, said["problems"]))


def test_ajv_compiles_every_schema_and_pattern(npm: Tools, document_file: Path) -> None:
    found = npm.run(HERE / "schemas.mjs", document_file)

    assert found.returncode == 0, found.stderr
    said = json.loads(found.stdout)
    assert said["schemas"] > 100
    assert not said["faults"], "\n".join(f"{fault['where']}: {fault['message']}" for fault in said["faults"])


def test_every_pattern_speaks_of_the_whole_text(document: Document) -> None:
    """JSON Schema looks for a pattern anywhere in the text: one without both ends lets anything stand around it."""
    patterns = {node["pattern"]: place for place, node in document.walk() if isinstance(node.get("pattern"), str)}

    loose = {pattern: place for pattern, place in patterns.items() if (pattern[:1], pattern[-1:]) != ("^", "$")}
    assert not loose, "\n".join(f"{place}: {pattern}" for pattern, place in loose.items())


def _line(problem: dict[str, Any]) -> str:
    places = [place.get("pointer", "") for place in problem["location"]]
    return f"{problem['severity']} {problem['ruleId']} {' '.join(places)}: {problem['message']}"
