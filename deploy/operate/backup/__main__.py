"""See `deploy.operate.backup`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from kombu.exceptions import OperationalError as BrokerAway
from sqlalchemy.exc import DBAPIError

from deploy.operate.backup import manifest
from deploy.operate.backup.ahead import MARGIN, to_do_again
from deploy.operate.backup.manifest import Refused
from deploy.operate.backup.replay import all_stores, replay, report
from deploy.operate.backup.restore import restore, whole_platform_stopped
from deploy.operate.backup.take import take
from deploy.operate.by_hand import NoDatabase, unusable
from deploy.run.packages import Missing
from services import SERVICES
from services.common.basics import clock
from services.common.basics.clock import parse_rfc3339
from services.common.runtime.config import ConfigError, Settings

SINCE_WHEN = """since when? Say one of these:
  a time                        make replay SINCE=2026-03-02T09:00:00Z     (or --since)
  the backup that was restored  make replay FROM=var/backup/2026-03-02     (or --from)"""
FROM_WHERE = """from which backup? Say its folder: make restore FROM=var/backup/2026-03-02     (or --from)"""


def main(arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    given = _parser().parse_args(arguments)
    try:
        _require_service(getattr(given, "service", None))
        if given.command == "take":
            folder = take(environ, given.to)
            print(folder)
        elif given.command == "restore":
            if given.source is None:
                raise Refused(FROM_WHERE)
            restore(environ, given.source, given.service, anyway=given.anyway)
        elif given.command == "replay":
            _replay(environ, given)
        else:
            return _lost(environ)
    except (BrokerAway, ConfigError, Missing, NoDatabase, Refused) as problem:
        print(problem, file=sys.stderr)
        return 2
    except DBAPIError as problem:
        print(unusable(problem), file=sys.stderr)
        return 2
    return 0


def _replay(environ: Mapping[str, str], given: argparse.Namespace) -> None:
    settings = Settings.load(environ)
    if given.since is not None:
        since = _moment(given.since)
    elif given.source is not None:
        since = min(item.taken_at for item in manifest.read(given.source, given.service).values()) - MARGIN
    else:
        raise Refused(SINCE_WHEN)
    with whole_platform_stopped(settings), all_stores(settings) as stores:
        report(replay(stores, [given.service] if given.service else SERVICES, since), since)


def _moment(text: str) -> datetime:
    """Return the time that a person typed; a date is its beginning in UTC. Refused for what is none, or yet to come."""
    try:
        moment = parse_rfc3339(text if "T" in text else f"{text}T00:00:00Z")
    except ValueError:
        raise Refused(f"SINCE={text} is no time with a zone.\n{SINCE_WHEN}") from None
    if moment > clock.now():
        raise Refused(f"SINCE={text} is yet to come.\n{SINCE_WHEN}")
    return moment


def _require_service(name: str | None) -> None:
    if name not in (None, *SERVICES):
        raise Refused(f"SERVICE={name} is no service. Say one of these, or leave it out: {', '.join(SERVICES)}")


def _lost(environ: Mapping[str, str]) -> int:
    missing = 0
    with all_stores(Settings.load(environ)) as stores:
        for service, store in stores.items():
            for chain, types in to_do_again(store).items():
                missing += 1
                print(f"{service:12} {chain}: {', '.join(types)}")
    return 1 if missing else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.operate.backup", description="backups, and the way back")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("take").add_argument("--to", type=Path, help="a folder that does not exist yet")
    for name in ("restore", "replay"):
        command = commands.add_parser(name)
        command.add_argument("--from", dest="source", type=Path, help="a backup's folder")
        command.add_argument("--service", help="one service; all of them when left out")
    commands.add_parser("lost")
    commands.choices["restore"].add_argument("--anyway", action="store_true", help="though others have mail unread")
    commands.choices["replay"].add_argument("--since", help="a time, as 2026-03-02T09:00:00Z")
    return parser


if __name__ == "__main__":
    sys.exit(main())
