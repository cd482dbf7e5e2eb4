"""The composed form agrees with the code: settings, rights, metrics, packages. `make compose-test` shows it at work."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from deploy.checks import broker_rights
from deploy.checks.configuration import FIXED, READERS
from deploy.compose.make_secrets import make_secrets, password_of
from gateway.live import sharing, viewing
from gateway.live.own_queue import queue_name
from services import SERVICES
from services.common.bus.connections import events_exchange
from services.common.runtime import telemetry
from services.common.runtime.config import Settings
from services.common.runtime.messaging import subscriptions
from services.members import service_class

ROOT = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
DEFINITIONS = json.loads((ROOT / "deploy/compose/rabbitmq/definitions.json").read_text("utf-8"))
MEMBERS = (*SERVICES, "gateway")


def rights(kind: str, user: str) -> list[dict[str, str]]:
    return [entry for entry in DEFINITIONS[kind] if entry["user"] == user]


@pytest.mark.parametrize("member", MEMBERS)
def test_every_setting_of_a_service_reaches_its_container(member):
    wanted = {row.env for reader in ("all", member) for row in READERS[reader].describe()} - FIXED
    wanted = {name.replace("<SERVICE>", member.upper()) for name in wanted}
    if member == "gateway":
        wanted.discard("PLEDGE_GATEWAY_DATABASE_URL")

    given = {name.removesuffix("_FILE") for name in COMPOSE["services"][member]["environment"]}

    assert given - {"PLEDGE_DEV"} == wanted


@pytest.mark.parametrize("member", [*MEMBERS, "operations", "notary"])
def test_every_secret_file_that_is_named_is_given(member):
    service = COMPOSE["services"][member]

    named = {Path(value).name for name, value in service["environment"].items() if name.endswith("_FILE")}

    assert named == set(service["secrets"])
    assert named <= set(COMPOSE["secrets"])


def test_operators_look_at_the_same_databases_as_the_services():
    looking = COMPOSE["services"]["operations"]

    for member in SERVICES:
        for name in (f"PLEDGE_{member.upper()}_DATABASE_URL", f"PLEDGE_{member.upper()}_DATABASE_URL_FILE"):
            assert looking["environment"][name] == COMPOSE["services"][member]["environment"][name]
    assert looking["profiles"] == ["operations"]


def test_the_notary_holds_databases_and_its_own_folder():
    notary, services = COMPOSE["services"]["notary"], COMPOSE["services"]

    assert {*notary["secrets"]} == {f"{member}_database_url" for member in SERVICES}
    assert [name for name in services if "notary:/var/lib/pledge/notary" in services[name].get("volumes", ())] == [
        "operations", "notary",
    ]  # fmt: skip
    assert notary["image"] == services["operations"]["image"]
    assert notary["command"][:3] == ["python", "-m", "deploy.operate.notary"]


def test_the_notary_starts_with_what_its_container_gives():
    """Settings that it lacks, and others have, are no reason to refuse: it signed nothing for want of a broker."""
    image = dict(re.findall(r"(PLEDGE_\w+)=([^\s$]+)", (ROOT / "deploy/images/Dockerfile").read_text("utf-8")))
    given = {name: value for name, value in COMPOSE["services"]["notary"]["environment"].items() if "${" not in value}
    urls = {f"PLEDGE_{each.upper()}_DATABASE_URL": f"postgresql://{each}:6d1f0a83c2be4975@db/x" for each in SERVICES}
    plain = {name: value for name, value in {**image, **given}.items() if not name.endswith("_FILE")}

    settings = Settings.load({**plain, **urls})

    assert [settings.database_url(name) for name in SERVICES] == [*urls.values()]
    assert str(settings.data_dir) == image["PLEDGE_DATA_DIR"]


@pytest.mark.parametrize("member", SERVICES)
def test_a_service_is_prepared_with_its_connections_alone(member):
    running, preparing = COMPOSE["services"][member], COMPOSE["services"][f"migrate-{member}"]

    assert preparing["command"] == ["python", "-m", "services.migrate", member]
    assert all(preparing[name] == running[name] for name in ("image", "build"))
    owner = f"PLEDGE_{member.upper()}_OWNER_URL"
    more = preparing["environment"].keys() - running["environment"].keys()
    assert more == {owner, f"{owner}_FILE"}
    connections = {f"{member}_amqp_uri", f"{member}_database_url", f"{member}_owner_url"}
    assert {*preparing["secrets"]} == connections
    files = {name: value for name, value in preparing["environment"].items() if name.endswith("_FILE")}
    assert {*files.values()} == {f"/run/secrets/{name}" for name in connections}
    assert f"migrate-{member}" in COMPOSE["services"]["gateway"]["depends_on"]


def test_what_runs_is_not_given_what_owns_the_tables():
    holders = {
        name for name, each in COMPOSE["services"].items() if any("_owner_" in one for one in each.get("secrets", []))
    }

    assert holders == {"postgres", *(f"migrate-{service}" for service in SERVICES)}


@pytest.mark.parametrize("member", SERVICES)
def test_a_broker_user_follows_its_events_and_publishes_its_own(member):
    (right,) = rights("permissions", member)
    followed = {f"{source}.events" for source, _, _ in subscriptions(service_class(member))} | {f"{member}.events"}
    exchanges = {f"{service}.events" for service in SERVICES}

    assert {each for each in exchanges if re.fullmatch(right["read"], each)} == followed
    assert {each for each in exchanges if re.fullmatch(right["write"], each)} == {f"{member}.events"}
    for queue in (f"{other}{end}" for other in SERVICES if other != member for end in (".inbox", "")):
        for door in ("configure", "write", "read"):
            assert not re.fullmatch(right[door], queue if queue.endswith(".inbox") else f"rpc-{queue}")


def test_a_gateway_may_make_its_own_queue_and_no_services():
    (right,) = rights("permissions", "gateway")

    for door in ("configure", "write", "read"):
        for own in (queue_name("live"), queue_name("limits"), queue_name("viewers")):
            assert re.fullmatch(right[door], own)
        for exchange in (sharing.EXCHANGE, viewing.EXCHANGE):
            assert bool(re.fullmatch(right[door], exchange.name)) is (door != "configure")
        assert not any(re.fullmatch(right[door], f"{service}.inbox") for service in SERVICES)


def test_every_shared_exchange_is_there_before_anybody_asks():
    made = {(each["name"], each["type"]) for each in DEFINITIONS["exchanges"]}
    shared = [sharing.EXCHANGE, viewing.EXCHANGE, *(events_exchange(service) for service in SERVICES)]

    assert {(each.name, each.type) for each in shared} | {("nameko-rpc", "topic"), ("dead-letters", "fanout")} == made


def test_only_the_gateway_may_call():
    called = "orders.place_order"

    callers = [
        user for user in MEMBERS for right in rights("topic_permissions", user) if re.search(right["write"], called)
    ]

    assert callers == ["gateway"]


def test_secrets_are_made_once_and_the_broker_knows_them(tmp_path):
    folder = tmp_path / "secrets"

    made = make_secrets(folder)
    before = {path.name: path.read_text() for path in folder.iterdir()}

    assert {*before} == set(COMPOSE["secrets"]) == {*made, "rabbitmq_definitions"}
    assert make_secrets(folder) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for user in json.loads(before["rabbitmq_definitions"])["users"]:
        known = base64.b64decode(user["password_hash"])
        password = password_of(folder / f"{user['name']}_amqp_uri")
        assert known[4:] == hashlib.sha256(known[:4] + password.encode()).digest()


def test_what_was_made_before_tls_keeps_its_passwords(tmp_path):
    make_secrets(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.glob("*_ur[il]")}
    for path in tmp_path.glob("*_ur[il]"):
        plain = path.read_text().partition("?")[0].replace("amqps:", "amqp:").replace("rabbitmq:5671", "rabbitmq:5672")
        path.chmod(0o600)
        path.write_text(f"{plain}\n")
    elsewhere = "amqp://orders:8f0c2e7a51b94d63@broker.example:5672/pledge\n"
    (tmp_path / "orders_amqp_uri").write_text(elsewhere)

    assert make_secrets(tmp_path) == []

    assert {path.name: path.read_text() for path in tmp_path.glob("*_ur[il]")} == {
        **before, "orders_amqp_uri": elsewhere
    }  # fmt: skip


def test_broker_and_databases_are_spoken_to_by_tls_alone(tmp_path):
    make_secrets(tmp_path)
    for path in tmp_path.glob("*_ur[il]"):
        url = path.read_text().strip()
        assert url.endswith(("?cacertfile=/run/tls/ca.pem", "?sslmode=verify-full&sslrootcert=/run/tls/ca.pem"))
        assert url.startswith(("amqps:", "postgresql"))

    services = COMPOSE["services"]
    for name in (*MEMBERS, *(f"migrate-{each}" for each in SERVICES), "operations", "notary"):
        assert "trust:/run/tls:ro" in services[name]["volumes"]
    holders = {volume: {name for name, each in services.items() if any(
        isinstance(mount, str) and mount.startswith(f"{volume}:") for mount in each.get("volumes", []))}
        for volume in ("authority", "rabbitmq-tls", "postgres-tls")}  # fmt: skip
    assert holders == {
        "authority": {"certificates"}, "rabbitmq-tls": {"certificates", "rabbitmq"},
        "postgres-tls": {"certificates", "postgres"},
    }  # fmt: skip
    rules = (ROOT / "deploy/compose/pg_hba.conf").read_text("utf-8").splitlines()
    assert {rule.split()[0] for rule in rules if rule and not rule.startswith("#")} == {"local", "hostssl"}
    broker = (ROOT / "deploy/compose/rabbitmq/pledge.conf").read_text("utf-8")
    assert re.findall(r"(?m)^listeners\.(\w+)\.\w+ = (.*)$", broker) == [("tcp", "127.0.0.1:5672"), ("ssl", "5671")]


def test_the_images_install_exactly_what_is_required():
    def pins(name: str) -> set[str]:
        found = re.findall(r"^([\w.-]+==[\w.]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        return {pin.lower().replace("_", "-").replace("path.py", "path-py") for pin in found}

    assert pins("requirements.lock") == pins("requirements.txt")


def test_dashboards_and_alarms_ask_for_metrics_that_there_are():
    monitoring = [*(ROOT / "deploy/compose/grafana").rglob("*.json"), ROOT / "deploy/compose/prometheus/alarms.yml"]
    asked = {name for path in monitoring for name in re.findall(r"pledge_[a-z_]+", path.read_text("utf-8"))}
    kept = {
        name
        for metric in (telemetry.SECONDS, telemetry.BACKLOG, telemetry.PROMISES, telemetry.BUSY)
        for family in metric.describe()
        for name in (family.name, f"{family.name}_count", f"{family.name}_bucket")
    }

    assert asked
    assert asked <= kept


def test_every_alarm_says_what_to_do_and_has_a_runbook_page():
    alarms = yaml.safe_load((ROOT / "deploy/compose/prometheus/alarms.yml").read_text("utf-8"))["groups"][0]["rules"]
    runbook = (ROOT / "docs/operations.md").read_text("utf-8")
    pages = {f"docs/operations.md#{title.lower()}" for title in re.findall(r"^### (\w+)$", runbook, re.MULTILINE)}

    assert {alarm["annotations"]["runbook"] for alarm in alarms} == pages
    assert all(alarm["annotations"]["runbook"].endswith(f"#{alarm['alert'].lower()}") for alarm in alarms)
    assert all(alarm["annotations"]["summary"] and alarm["annotations"]["action"] for alarm in alarms)


def test_every_alarm_is_tried_in_a_case_of_its_own():
    rules = (ROOT / "deploy/compose/prometheus/alarms.yml").read_text("utf-8")
    cases = (ROOT / "deploy/compose/tests/alarms_test.yml").read_text("utf-8")

    assert {*re.findall(r"alert: (\w+)", rules)} == {*re.findall(r'alertname="(\w+)"', cases)}


def test_dashboard_panels_have_own_places_and_one_source():
    panels = json.loads((ROOT / "deploy/compose/grafana/dashboards/pledge.json").read_text("utf-8"))["panels"]
    source = yaml.safe_load((ROOT / "deploy/compose/grafana/datasources/prometheus.yml").read_text("utf-8"))

    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(taken) == len({*taken})
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["datasource"]["uid"] for panel in panels if panel.get("targets")} == {
        each["uid"] for each in source["datasources"]
    }


def test_no_key_stands_twice_in_one_mapping():
    """Compose 2 refuses such a file, Compose 1 and this parser take the last."""

    def keys_of(node: yaml.Node | None) -> Iterator[list[str]]:
        if isinstance(node, yaml.MappingNode):
            yield [key.value for key, _ in node.value if key.value != "<<"]
            yield from (keys for pair in node.value for keys in keys_of(pair[1]))

    tree = yaml.compose((ROOT / "docker-compose.yml").read_text("utf-8"), Loader=yaml.SafeLoader)

    assert [key for keys in keys_of(tree) for key in keys if keys.count(key) > 1] == []


@pytest.mark.parametrize("command", [["docker", "compose"], ["docker-compose"]], ids=" ".join)
def test_every_compose_that_is_here_takes_the_file(command, tmp_path):
    if not shutil.which(command[0]) or subprocess.run([*command, "version"], capture_output=True).returncode:
        pytest.skip(f"no {' '.join(command)}")
    make_secrets(tmp_path / "secrets")
    given = ["-f", str(ROOT / "docker-compose.yml"), "--profile", "monitoring", "--profile", "mail"]

    environ = {**os.environ, "PLEDGE_SECRETS": str(tmp_path / "secrets")}
    read = subprocess.run([*command, *given, "config", "-q"], env=environ, capture_output=True, text=True)

    assert read.returncode == 0, read.stderr


@pytest.mark.parametrize("service", sorted(COMPOSE["services"]))
def test_every_container_is_confined(service):
    found = COMPOSE["services"][service]

    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert found["mem_limit"]
    assert all(port.startswith("127.0.0.1:") for port in found.get("ports", []))


def test_the_broker_lets_each_service_follow_what_it_follows():
    """`make settings` writes these rows."""
    text = broker_rights.DEFINITIONS.read_text("utf-8")

    assert broker_rights.written(json.loads(text)) == text
