import gc
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from deploy.run import processes
from services import __main__ as start_services
from services.common.runtime import runner
from services.common.runtime.config import ConfigError
from services.common.testing import eventually
from services.members import service_class


@contextmanager
def toy(job, folder, **environ):
    """Start a process with one service and wait for its job to begin. Yield it with the port for its operators."""
    [port] = processes.free_ports(1)
    child = start([sys.executable, "-m", "services.common.tests.runner_toy", job, str(folder)], port, **environ)
    try:
        eventually(lambda: (folder / "began").exists() or child.poll() is not None)
        yield child, port
    finally:
        child.kill()
        child.communicate()


def start(command, ops_port, **environ):
    env = {**os.environ, "PYTHONWARNINGS": "ignore", "PLEDGE_OPS_ADDRESS": f"127.0.0.1:{ops_port}", **environ}
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)


def is_ready(port):
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return answer.status
    except HTTPError as refused:
        return refused.code
    except URLError:
        return None


def test_a_signal_lets_a_job_finish_and_the_process_end_well(tmp_path):
    with toy("wait", tmp_path) as (process, port):
        eventually(lambda: is_ready(port) == 200)

        process.send_signal(signal.SIGTERM)
        eventually(lambda: is_ready(port) == 503)
        assert not (tmp_path / "finished").exists()
        (tmp_path / "go").touch()

        assert process.wait(timeout=30) == 0
        assert (tmp_path / "finished").exists()


def test_what_is_not_finished_within_the_grace_time_is_cut_off(tmp_path):
    with toy("hang", tmp_path, PLEDGE_GRACE_SECONDS="0.5") as (process, _):
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=30) == 1
        assert "the rest is cut off" in process.stderr.read()


def test_a_second_signal_ends_it_at_once(tmp_path):
    with toy("hang", tmp_path, PLEDGE_GRACE_SECONDS="600") as (process, port):
        process.send_signal(signal.SIGTERM)
        eventually(lambda: is_ready(port) == 503)

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=30) == 1


def test_a_process_whose_service_dies_ends_with_an_error(tmp_path):
    with toy("die", tmp_path) as (process, _):
        assert process.wait(timeout=30) == 1
        assert "ZeroDivisionError" in process.stderr.read()


def test_wrong_configuration_is_told_without_a_traceback(tmp_path):
    with toy("wait", tmp_path, PLEDGE_MAX_WORKERS="many") as (process, _):
        assert process.wait(timeout=30) == 2

        told = process.stderr.read()
        assert "PLEDGE_MAX_WORKERS is 'many'" in told
        assert "Traceback" not in told


def test_a_second_process_on_the_same_port_is_refused(tmp_path):
    with toy("wait", tmp_path) as (_, port):
        second = start([sys.executable, "-m", "services.common.tests.runner_toy", "wait", str(tmp_path)], port)
        _, told = second.communicate(timeout=30)

        assert second.returncode == 2
        assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in told


def test_an_unknown_service_is_refused_by_name():
    with pytest.raises(ConfigError, match="there is no service 'bakery'"):
        service_class("bakery")


def test_nothing_to_run_explains_itself(capsys):
    assert start_services.main([], {}) == 2
    assert "services orders" in capsys.readouterr().err


def test_objects_from_the_start_are_not_garbage_collected():
    before, there = gc.get_threshold(), list[object]()

    runner.settle_memory()

    try:
        assert gc.get_threshold()[0] == runner.COLLECT_AFTER
        assert gc.get_freeze_count() > 10_000
        assert not any(each is there for each in gc.get_objects())
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
