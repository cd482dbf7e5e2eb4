"""What the images run, as a bill of materials (CycloneDX JSON): `python -m deploy.operate.sbom [FILE]`, `make sbom`.

Made of requirements.lock alone, so that the same lock always gives the same bill; it is kept beside this file, copied
into every image as /app/sbom.cdx.json, and a test sees that it is up to date. The packages of the base image below are
listed by its makers.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
import uuid
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from deploy.checks import locked

KEPT = Path(__file__).with_name("sbom.cdx.json")
PROJECT = locked.LOCK.with_name("pyproject.toml")


def bill(lock: str, version: str) -> str:
    """Return the bill of what that lock installs, for that version of ours."""
    packages = [_component(each) for each in locked.read(lock).values()]
    ours = Component(name="pledge", version=version, type=ComponentType.APPLICATION, bom_ref="pledge")
    digest = hashlib.sha256(f"{version}\n{lock}".encode()).digest()
    made = Bom(components=packages, serial_number=uuid.UUID(bytes=digest[:16], version=4))
    made.metadata.component = ours
    made.metadata.timestamp = None  # type: ignore[assignment]  # when it was made says nothing, and changes each time
    made.register_dependency(ours, packages)
    return JsonV1Dot6(made).output_as_string(indent=1) + "\n"


def _component(package: locked.Locked) -> Component:
    name = canonicalize_name(package.name)
    purl = PackageURL("pypi", None, name, package.version)
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in package.hashes]
    files = [ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(purl)), hashes=hashes)]
    return Component(
        name=package.name, version=package.version, purl=purl, bom_ref=str(purl), external_references=files
    )


def current() -> str:
    """Return the bill of this source."""
    version = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"]
    return bill(locked.LOCK.read_text("utf-8"), version)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else KEPT
    target.write_text(current(), "utf-8")
    print(f"wrote {target}")
