"""A private RabbitMQ: its own port, Erlang cookie, name space of nodes and port mapper; no plugins."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.run import packages, processes
from deploy.run.servers import Server, await_start, find, password_of, same_port

_AMQP_HELLO = b"AMQP\x00\x00\x09\x01"
_RABBITMQ_FILES: Mapping[str, str] = {
    "CONF_ENV_FILE": "rabbitmq-env.conf", "CONFIG_FILE": "rabbitmq", "ENABLED_PLUGINS_FILE": "enabled_plugins",
    "MNESIA_BASE": "data", "LOG_BASE": "log", "PLUGINS_EXPAND_DIR": "plugins",
}  # fmt: skip
_RABBITMQ_CONF = """\
listeners.tcp.1 = 127.0.0.1:{port}
default_user = pledge
default_pass = {password}
default_vhost = pledge
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = warning
log.file = false
"""


def start_rabbitmq(folder: Path, port: int | None = None, *, wait: bool = True, options: str = "") -> Server:
    """Start a broker with the user and virtual host `pledge`, its own Erlang cookie, node name space and port mapper.

    options: further lines for its configuration file.
    """
    folder = folder.resolve()
    if running := find(folder, "rabbitmq"):
        return running
    program, home = packages.path_of("rabbitmq-server"), folder / "rabbitmq"
    home.mkdir(parents=True, exist_ok=True)
    mapper_port, dist_port, free = processes.free_ports(3)
    port, password = port or same_port(folder, "rabbitmq", free), password_of(folder, "rabbitmq")
    env = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "ERL_EPMD_PORT": str(mapper_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_MAX_PORTS": "16384",  # else the runtime sizes its tables by the limit of open files, often a million
        "RABBITMQ_NODENAME": "pledge@localhost",
        "RABBITMQ_DIST_PORT": str(dist_port),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none",
        "RABBITMQ_SERVER_START_ARGS": "-noinput",
        "RABBITMQ_ALLOW_INPUT": "1",  # with -noinput: the script becomes the broker, so that its id is ours
        **{f"RABBITMQ_{name}": str(home / where) for name, where in _RABBITMQ_FILES.items()},
    }
    (home / "rabbitmq-env.conf").touch()
    (home / "enabled_plugins").write_text("[].\n")
    (home / "rabbitmq.conf").write_text(_RABBITMQ_CONF.format(port=port, password=password) + options)
    log = folder / "rabbitmq.log"
    mapper = processes.start([str(_epmd()), "-port", str(mapper_port), "-address", "127.0.0.1"], env=env, log=log)
    broker = processes.start([str(program)], env=env, log=log)
    uri = f"amqp://pledge:{password}@127.0.0.1:{port}/pledge"
    server = Server("rabbitmq", folder, port, password, uri, env, [broker, mapper]).save()
    return await_start(server, rabbitmq_answers) if wait else server


def rabbitmqctl(server: Server, *arguments: str) -> str:
    """Return what the broker's own tool answers; for tests of outages (`stop_app`, `set_vm_memory_high_watermark`)."""
    command = [str(packages.path_of("rabbitmq-server").with_name("rabbitmqctl")), *arguments]
    done = subprocess.run(command, env=server.env, capture_output=True, text=True, timeout=90, check=True)
    return done.stdout


def rabbitmq_answers(server: Server) -> bool:
    """Return whether the broker greets a client. The port opens last, when everything behind it is ready."""
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=2) as client:
            client.sendall(_AMQP_HELLO)
            return client.recv(1) == b"\x01"
    except OSError:
        return False


def _epmd() -> Path:
    """Return Erlang's port mapper: on the PATH, or beside the run-time system's own programs."""
    found = shutil.which("epmd") or next(map(str, Path("/usr/lib/erlang").glob("erts-*/bin/epmd")), None)
    if found is None:
        raise packages.Missing("epmd is missing; it belongs to Erlang: install the package 'erlang-base'")
    return Path(found)
