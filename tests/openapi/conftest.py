"""The OpenAPI document of a running platform, and the tools that read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from tests.e2e.conftest import platform, shop_port  # noqa: F401 (fixtures)
from tests.openapi import tools
from tests.openapi.document import Document
from tests.openapi.house import House


@pytest.fixture(scope="session")
def npm() -> tools.Tools:
    return tools.installed()


@pytest.fixture(scope="session")
def document(platform: str) -> Document:  # noqa: F811
    """Return the document as the platform serves it."""
    answer = requests.get(f"{platform}/v1/openapi.json", timeout=10)
    answer.raise_for_status()
    return Document(answer.json())


@pytest.fixture(scope="session")
def document_file(document: Document, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the document to a file, for tools."""
    path = tmp_path_factory.mktemp("document") / "openapi.json"
    path.write_text(json.dumps(document.content, ensure_ascii=False, indent=1))
    return path


@pytest.fixture(scope="session")
def house(platform: str) -> House:  # noqa: F811
    """Return the shop's side: its staff, its bank and its carrier."""
    return House(platform)
