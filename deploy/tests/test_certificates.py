"""The certificates of the composed form: made once, kept, renewed in time, and of one authority whatever happens."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509

from deploy.operate.certificates import SERVERS, make
from services.common.basics import clock

pytestmark = pytest.mark.pure

YEAR = timedelta(days=365)
ALL = ["an authority", *(f"a certificate for {name}" for name in SERVERS)]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def hold_together(folder: Path) -> bool:
    """Return whether each server shows a certificate of its name, of the authority in `trust`."""
    authority = certificate(folder / "trust/ca.pem")
    for name in SERVERS:
        shown = certificate(folder / f"tls/{name}/server.pem")
        shown.verify_directly_issued_by(authority)
        names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == [name, "localhost"]
        assert shown == certificate(folder / f"trust/{name}.pem")
    return True


def test_certificates_are_made_once_and_keys_are_apart(tmp_path: Path) -> None:
    now = clock.now()

    assert make(tmp_path, now) == ALL
    first = files(tmp_path)
    assert make(tmp_path, now + YEAR - timedelta(days=1)) == []

    assert files(tmp_path) == first
    assert hold_together(tmp_path)
    assert {name for name in first if name.endswith(".key")} == {
        "authority/authority.key", *(f"tls/{name}/server.key" for name in SERVERS)
    }  # fmt: skip
    assert stat.S_IMODE((tmp_path / "authority/authority.key").stat().st_mode) == 0o600
    assert len({first[f"tls/{name}/server.key"] for name in SERVERS}) == len(SERVERS)


def test_a_certificate_is_renewed_a_year_before_it_ends(tmp_path: Path) -> None:
    now = clock.now()
    make(tmp_path, now)
    authority = (tmp_path / "trust/ca.pem").read_bytes()

    for years in range(1, 20):
        made = make(tmp_path, now + years * YEAR)
        assert made in ([], ALL, ALL[1:])
        assert hold_together(tmp_path)
        ends = certificate(tmp_path / "tls/rabbitmq/server.pem").not_valid_after_utc
        assert ends - (now + years * YEAR) >= YEAR - timedelta(days=1)
        if years < 8:
            assert (tmp_path / "trust/ca.pem").read_bytes() == authority


@pytest.mark.parametrize("harm", ["gone", "cut off", "empty", "of another"])
def test_whatever_is_lost_or_damaged_is_made_again(tmp_path: Path, harm: str) -> None:
    now = clock.now()
    make(tmp_path / "other", now)
    make(tmp_path / "own", now)
    for name, content in files(tmp_path / "own").items():
        path = tmp_path / "own" / name
        path.chmod(0o600)
        if harm == "gone":
            path.unlink()
        else:
            spoilt = {"cut off": content[: len(content) // 2], "empty": b"", "of another": b""}[harm]
            path.write_bytes((tmp_path / "other" / name).read_bytes() if harm == "of another" else spoilt)
        path.with_name(f"{path.name}.part").write_text("of a run that was killed")

        make(tmp_path / "own", now)

        assert hold_together(tmp_path / "own")
        assert make(tmp_path / "own", now) == []


def test_two_runs_at_once_agree(tmp_path: Path) -> None:
    runs = [Thread(target=make, args=(tmp_path, clock.now())) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)

    assert hold_together(tmp_path)
    assert make(tmp_path, clock.now()) == []
