"""What the addresses of broker and databases may say: passwords that are not known to all, and files for TLS.

RabbitMQ     amqps://user:password@host:5671/vhost?cacertfile=/etc/pledge/ca.pem      (its own names for these)
             &certfile=/etc/pledge/orders.pem&keyfile=/etc/pledge/orders.key          where the broker asks who we are
PostgreSQL   postgresql+psycopg2://user:password@host/name?sslmode=verify-full&sslrootcert=/etc/pledge/ca.pem
             &sslcert=…&sslkey=…                                                      (libpq's names)

The broker's certificate must always be for the host in its URI, and of an authority in `cacertfile` or, without it, of
one that the system trusts. PostgreSQL does the same with `sslmode=verify-full` and with nothing less.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

AMQP_FILES = {"cacertfile": "ca_certs", "certfile": "certfile", "keyfile": "keyfile"}
"""Parameters of a broker's URI, and what py-amqp calls them."""

EVERYBODYS = {
    "",
    "admin",
    "change-me",
    "change_me",
    "changeit",
    "changeme",
    "default",
    "letmein",
    "test",
    "toor",
    "user",
    "guest",
    "password",
    "pledge",
    "postgres",
    "rabbitmq",
    "root",
    "secret",
}
_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
_NO_HOST = {"", "localhost"}


def parameters(url: str) -> dict[str, str]:
    """Return the parameters after the question mark."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def without_parameters(url: str) -> str:
    return url.partition("?")[0]


def bus_problems(uri: str) -> Iterator[str]:
    """Yield what is wrong with the TLS of a broker's URI. The texts hold nothing secret."""
    asked = parameters(uri)
    unknown = sorted(asked.keys() - AMQP_FILES)
    if unknown:
        yield f"has the unknown parameter {unknown[0]!r}; expected {', '.join(AMQP_FILES)} or none"
    elif asked and urlsplit(uri).scheme != "amqps":
        yield f"names a {next(iter(asked))} without TLS; expected amqps://"
    else:
        yield from _file_problems(asked.get("cacertfile"), asked.get("certfile"), asked.get("keyfile"))


def database_problems(url: str) -> Iterator[str]:
    """Yield what is wrong with the TLS of a database's URL. The texts name libpq's own parameters."""
    asked = parameters(url)
    mode, root = asked.get("sslmode", "prefer"), asked.get("sslrootcert")
    if mode not in _MODES:
        yield f"has sslmode={mode}; expected {', '.join(sorted(_MODES))}"
    elif root and not mode.startswith("verify-"):
        yield f"names an sslrootcert that sslmode={mode} does not check; expected sslmode=verify-full"
    else:
        yield from _file_problems(None if root == "system" else root, asked.get("sslcert"), asked.get("sslkey"))


def has_everybodys_password(url: str) -> bool:
    """Return whether the password is one that everyone would try first, on a server that others can reach.

    No password counts too (a broker takes it for guest:guest), except for a database whose client shows a certificate.
    A host that is only this machine is exempt.
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme.startswith("sqlite") or is_here(parts.hostname or ""):
        return False
    if not password and "sslcert" in parameters(url):
        return False
    return password.lower() in EVERYBODYS or password == user


def key_file(url: str) -> str | None:
    """Return the path of our private key that a URI of a broker or database names, None where it names none."""
    asked = parameters(url)
    return asked.get("keyfile") or asked.get("sslkey")


def role_of(url: str) -> str | None:
    """Return the role that a database's URL signs in as, None where there is none, as of a file."""
    return None if url.startswith("sqlite") else unquote(urlsplit(url).username or "") or None


def is_same_database(one: str, other: str) -> bool:
    """Return whether two URLs are of one database on one server, under any role."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.hostname, first.port or 5432, first.path) == (second.hostname, second.port or 5432, second.path)


def is_here(host: str) -> bool:
    """Return whether a host is only this machine, as far as its name says."""
    try:
        return host in _NO_HOST or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _file_problems(authority: str | None, certificate: str | None, key: str | None) -> Iterator[str]:
    if key and not certificate:
        yield "names a key without its certificate"
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if authority is not None:
            context.load_verify_locations(authority)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except (OSError, ValueError) as problem:  # an SSLError is an OSError
        unreadable = next((name for name in (authority, certificate, key) if name and not _is_readable(name)), None)
        reason = f"{unreadable!r} cannot be read" if unreadable else f"they are not in PEM format: {problem}"
        yield f"names files for TLS that are of no use: {reason}"


def _is_readable(name: str) -> bool:
    try:
        return bool(Path(name).read_bytes())
    except OSError:
        return False


def tls_options(uri: str) -> Mapping[str, object]:
    """Return py-amqp's options for this broker: its certificate and its name are checked."""
    files = {AMQP_FILES[name]: path for name, path in parameters(uri).items()}
    return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": urlsplit(uri).hostname, **files}
