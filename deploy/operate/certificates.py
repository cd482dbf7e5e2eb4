"""Certificates for TLS inside the composed form: `python -m deploy.operate.certificates`, once at each `up`.

    authority/   authority.key, authority.pem     the authority of this installation; no other container is given it
    tls/<name>/  server.key, server.pem, ca.pem   of RabbitMQ and PostgreSQL, each server its own
    trust/       ca.pem, <name>.pem               what all may read: whom to trust, and when it ends

Makes what is missing and keeps what is there; a server's certificate is made again a year before it ends, or when its
authority is another. A server reads its files when it starts. Files are written whole or not at all, keys before what
needs them, and of two that run at once one waits: so it may end anywhere and run again.
"""

from __future__ import annotations

import argparse
import fcntl
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from services.common.basics import clock

SERVERS = ("rabbitmq", "postgres")
AUTHORITY_LASTS, SERVER_LASTS, RENEWED_BEFORE = timedelta(days=3650), timedelta(days=730), timedelta(days=365)
SLACK = timedelta(hours=1)
"""Time by which the clock of another machine may be behind ours."""


def make(folder: Path, now: datetime) -> list[str]:
    """Make the missing files below the folder. Return what was made."""
    made = []
    for name in ("authority", "trust", *(f"tls/{server}" for server in SERVERS)):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with open(folder / "authority" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        key_file, file = folder / "authority" / "authority.key", folder / "authority" / "authority.pem"
        authority, key = _read(file), _read_key(key_file)
        if authority is None or key is None or not _lasts(authority, key, now):
            key = ec.generate_private_key(ec.SECP256R1())
            authority = _issue("Pledge, this installation", key, key, None, now, AUTHORITY_LASTS)
            _write_key(key_file, key, 0o600)
            _write(file, authority.public_bytes(Encoding.PEM), 0o600)
            made.append("an authority")
        for name in SERVERS:
            if _make_server(folder, name, authority, key, now):
                made.append(f"a certificate for {name}")
        _write(folder / "trust" / "ca.pem", authority.public_bytes(Encoding.PEM), 0o444)
    return made


def _lasts(authority: x509.Certificate, key: ec.EllipticCurvePrivateKey, now: datetime) -> bool:
    """Return whether an authority is of that key and outlives what it would issue today."""
    return authority.public_key() == key.public_key() and authority.not_valid_after_utc - now > SERVER_LASTS


def _make_server(
    folder: Path, name: str, authority: x509.Certificate, key: ec.EllipticCurvePrivateKey, now: datetime
) -> bool:
    """Make a server's files if they are missing or of no more use. Return whether they were made."""
    own = folder / "tls" / name
    found, found_key = _read(own / "server.pem"), _read_key(own / "server.key")
    fits = found is not None and found_key is not None and found.public_key() == found_key.public_key()
    made = found is None or not fits or not _is_good(found, authority, now)
    if found is None or made:
        own_key = ec.generate_private_key(ec.SECP256R1())
        found = _issue(name, own_key, key, authority, now, SERVER_LASTS)
        _write_key(own / "server.key", own_key, 0o444)
        _write(own / "server.pem", found.public_bytes(Encoding.PEM), 0o444)
    _write(own / "ca.pem", authority.public_bytes(Encoding.PEM), 0o444)
    _write(folder / "trust" / f"{name}.pem", found.public_bytes(Encoding.PEM), 0o444)
    return made


def _is_good(found: x509.Certificate, authority: x509.Certificate, now: datetime) -> bool:
    """Return whether a certificate is of this authority and lasts for a year."""
    try:
        found.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return found.not_valid_after_utc - now > RENEWED_BEFORE


def _issue(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signs: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    now: datetime,
    lasts: timedelta,
) -> x509.Certificate:
    """Return a certificate for that host name; without an issuer one of an authority."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLACK)
        .not_valid_after(now + lasts)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=0 if issuer is None else None), True)
        .add_extension(_usage(is_authority=issuer is None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signs.public_key()), False)
    )
    if issuer is not None:
        names = x509.SubjectAlternativeName([x509.DNSName(name), x509.DNSName("localhost")])
        builder = builder.add_extension(names, False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    return builder.sign(signs, SHA256())


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority, key_cert_sign=is_authority, crl_sign=is_authority,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _read(path: Path) -> x509.Certificate | None:
    """Return the certificate in a file, None if there is none."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey | None:
    """Return the private key in a file, None if there is none."""
    try:
        found = load_pem_private_key(path.read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, ec.EllipticCurvePrivateKey) else None


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey, mode: int) -> None:
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file of that mode: whole, or not at all. One that says the same is left alone."""
    if path.exists() and path.read_bytes() == content:
        return
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)  # whatever the umask
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.operate.certificates", description="certificates for TLS")
    parser.add_argument("--dir", type=Path, default=Path("/var/lib/pledge"))
    made = make(parser.parse_args(arguments).dir, clock.now())
    print(f"made: {', '.join(made)}" if made else "every certificate is there")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
