"""The secrets of the composed form: `python -m deploy.compose.make_secrets [--dir secrets]`.

Makes what is missing and keeps what is there: one file each, in a folder that only its owner may enter. Containers are
given the files one by one, each service its own; docker-compose.yml says which there are. RabbitMQ's definitions are
made anew from their template each time, with the passwords (as hashes) that are in the services' URIs.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from services import SERVICES

TEMPLATE = Path(__file__).with_name("rabbitmq") / "definitions.json"
COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
DEFINITIONS = "rabbitmq_definitions"


def make_secrets(folder: Path) -> list[str]:
    """Make the missing secrets. Return their names."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [name for name in recipes() if not (folder / name).exists()]
    for name in missing:
        _write(folder / name, recipes()[name]())
    passwords = {user: password_of(folder / f"{user}_amqp_uri") for user in (*SERVICES, "gateway")}
    _write(folder / DEFINITIONS, definitions(passwords))
    return missing


def recipes() -> dict[str, Callable[[], str]]:
    """Return what each secret is made of. Passwords are hexadecimal, so no URI and no shell needs to quote them."""

    def database_url(service: str) -> Callable[[], str]:
        return lambda: f"postgresql+psycopg2://{service}:{secrets.token_hex(24)}@postgres/{service}"

    def amqp_uri(user: str) -> Callable[[], str]:
        return lambda: f"amqp://{user}:{secrets.token_hex(24)}@rabbitmq:5672/pledge"

    named = re.findall(r'(?m)^  (\w+): \{file: "', COMPOSE.read_text("utf-8"))
    return {
        **{name: lambda: secrets.token_hex(32) for name in named if name != DEFINITIONS},
        **{f"{service}_database_url": database_url(service) for service in SERVICES},
        **{f"{user}_amqp_uri": amqp_uri(user) for user in (*SERVICES, "gateway")},
    }


def password_of(uri_file: Path) -> str:
    password = urlsplit(uri_file.read_text().strip()).password
    if not password:
        raise SystemExit(f"{uri_file} names no password")
    return password


def definitions(passwords: dict[str, str]) -> str:
    """Return RabbitMQ's definitions: the template, with each user's password."""
    template = json.loads(TEMPLATE.read_text())
    hashing = {"hashing_algorithm": "rabbit_password_hashing_sha256"}
    template["users"] = [
        {**user, **hashing, "password_hash": password_hash(passwords[user["name"]])} for user in template["users"]
    ]
    return json.dumps(template, indent=1)


def password_hash(password: str) -> str:
    """Hash a password as RabbitMQ stores it: a salt of four bytes and SHA-256.

    The salt comes from the random password.
    """
    salt = hashlib.sha256(f"salt of {password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _write(path: Path, text: str) -> None:
    """Write a file that all may read: containers run as users of their own, and only its owner can enter the folder."""
    path.write_text(f"{text}\n")
    path.chmod(0o444)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.compose.make_secrets", description="secrets for compose")
    parser.add_argument("--dir", type=Path, default=Path("secrets"))
    folder = parser.parse_args(arguments).dir
    if made := make_secrets(folder):
        print(f"made in {folder}: {', '.join(made)}")


if __name__ == "__main__":
    main()
