"""The secrets of the composed form: `python -m deploy.compose.make_secrets [--dir secrets]`.

    --next-keys        begin to change the keys that sign: the gateway learns new ones (restart it)
    --use-next-keys    sign with them (restart support and the gateway)
    --drop-old-keys    forget the old ones, when what they signed has expired: links of orders after 120 days

Makes what is missing and keeps what is there: one file each, in a folder that only its owner may enter. Containers are
given the files one by one, each service its own; docker-compose.yml says which there are. RabbitMQ's definitions are
made from their template each time, with the passwords (as hashes) that are in the services' URIs.
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

from deploy.run.own_keys import SIGNING, dated_secret, gateway_keys, journal_keys, known_public_keys, signing_keys
from services import SERVICES
from services.common.edge import keys

TEMPLATE = Path(__file__).with_name("rabbitmq") / "definitions.json"
COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
DEFINITIONS = "rabbitmq_definitions"
PUBLIC_KEYS = "public_keys"
BUS_TRUST = "?cacertfile=/run/tls/ca.pem"
DATABASE_TRUST = "?sslmode=verify-full&sslrootcert=/run/tls/ca.pem"
PLAIN = {
    r"amqp://(\w+:\w+)@rabbitmq:5672/pledge": rf"amqps://\1@rabbitmq:5671/pledge{BUS_TRUST}",
    r"(postgresql\+psycopg2://\w+:\w+@postgres/\w+)": rf"\1{DATABASE_TRUST}",
}
"""The addresses that releases before TLS made, and what they are now."""


def make_secrets(folder: Path) -> list[str]:
    """Make the missing secrets. Return their names."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [name for name in (*recipes(), PUBLIC_KEYS) if not (folder / name).exists()]
    for name, recipe in recipes().items():
        if name in missing:
            _write(folder / name, recipe())
    for path in folder.glob("*_ur[il]"):
        _write(path, with_tls(path.read_text().strip()))
    _write(folder / PUBLIC_KEYS, known_public_keys(folder, SIGNING))
    passwords = {user: password_of(folder / f"{user}_amqp_uri") for user in (*SERVICES, "gateway")}
    _write(folder / DEFINITIONS, definitions(passwords))
    return missing


def recipes() -> dict[str, Callable[[], str]]:
    """Return what each secret is made of. Passwords are hexadecimal, so no URI and no shell needs to quote them."""

    def database_url(service: str, role: str) -> Callable[[], str]:
        return lambda: f"postgresql+psycopg2://{role}:{secrets.token_hex(24)}@postgres/{service}{DATABASE_TRUST}"

    def amqp_uri(user: str) -> Callable[[], str]:
        return lambda: f"amqps://{user}:{secrets.token_hex(24)}@rabbitmq:5671/pledge{BUS_TRUST}"

    named = re.findall(r'(?m)^  (\w+): \{file: "', COMPOSE.read_text("utf-8"))
    return {
        **{name: lambda: secrets.token_hex(32) for name in named if name not in (DEFINITIONS, PUBLIC_KEYS)},
        "secret": dated_secret,
        "signing_keys": signing_keys,
        "gateway_keys": gateway_keys,
        **{f"{service}_journal_keys": journal_keys for service in SERVICES},
        **{f"{service}_database_url": database_url(service, service) for service in SERVICES},
        **{f"{service}_owner_url": database_url(service, f"{service}_owner") for service in SERVICES},
        **{f"{user}_amqp_uri": amqp_uri(user) for user in (*SERVICES, "gateway")},
    }


def with_tls(address: str) -> str:
    """Return an address of ours without TLS as it is with it, under the same password; others as they are."""
    for plain, secured in PLAIN.items():
        if re.fullmatch(plain, address):
            return re.sub(plain, secured, address)
    return address


def make_next_keys(folder: Path) -> None:
    """Begin to change the keys: the gateway learns new ones, and nothing is signed with them yet."""
    path = folder / "next_signing_keys"
    _write(path, signing_keys())
    known = (folder / "public_keys").read_text().strip()
    _write(folder / PUBLIC_KEYS, f"{known}, {keys.public_keys(path.read_text())}")


def use_next_keys(folder: Path) -> None:
    """Sign with the keys that `make_next_keys` made; what the old ones signed is good until it expires."""
    path = folder / "next_signing_keys"
    if not path.exists():
        raise SystemExit("there are no next keys: begin with --next-keys, and restart the gateway")
    _write(folder / "signing_keys", path.read_text().strip())
    path.unlink()
    _write(folder / "gateway_keys", f"{gateway_keys()}, {(folder / 'gateway_keys').read_text().strip()}")


def drop_old_keys(folder: Path) -> None:
    """Let the gateway know the keys that sign now, and no others."""
    _write(folder / PUBLIC_KEYS, keys.public_keys((folder / "signing_keys").read_text()))
    newest: dict[str, str] = {}
    for part in (folder / "gateway_keys").read_text().split(","):
        newest.setdefault(part.strip().partition(":")[0], part.strip())
    _write(folder / "gateway_keys", ", ".join(newest.values()))


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
    if path.exists() and path.read_text() == f"{text}\n":
        return
    if path.exists():
        path.chmod(0o600)  # a second run may write it as well
    path.write_text(f"{text}\n")
    path.chmod(0o444)


KEY_STEPS = {"next-keys": make_next_keys, "use-next-keys": use_next_keys, "drop-old-keys": drop_old_keys}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.compose.make_secrets", description="secrets for compose")
    parser.add_argument("--dir", type=Path, default=Path("secrets"))
    steps = parser.add_mutually_exclusive_group()
    for name, step in KEY_STEPS.items():
        steps.add_argument(f"--{name}", dest="step", action="store_const", const=step, help=step.__doc__)
    given = parser.parse_args(arguments)
    folder = given.dir
    if made := make_secrets(folder):
        print(f"made in {folder}: {', '.join(made)}")
    if given.step:
        given.step(folder)


if __name__ == "__main__":
    main()
