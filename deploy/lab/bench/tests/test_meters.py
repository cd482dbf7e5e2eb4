import os
import subprocess
import sys

import pytest

from deploy.lab.bench import meters

pytestmark = pytest.mark.pure

BURN = "import os, subprocess, sys\nwhile sum(os.times()[:2]) < 0.3: pass\n"
NESTED = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}]); print('done', flush=True); input()"


def test_a_process_is_charged_for_ended_children_too():
    parent = subprocess.Popen([sys.executable, "-c", NESTED], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert parent.stdout
        assert parent.stdout.readline() == b"done\n"

        spent = meters.cpu_seconds({"it": parent.pid})["it"]

        assert spent >= 0.25
        assert meters.memory({"it": parent.pid})["it"].rss > 1
    finally:
        parent.communicate(b"\n")


def test_a_process_that_is_gone_spends_and_holds_nothing():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    assert meters.cpu_seconds({"gone": gone.pid}) == {"gone": 0.0}
    assert meters.memory({"gone": gone.pid})["gone"] == meters.Memory(0, 0)


def test_an_idle_process_is_quiet():
    idle = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert meters.wait_until_quiet({"idle": idle.pid})
    finally:
        idle.communicate(b"\n")


def test_the_machine_is_at_least_as_busy_as_we_are():
    before, own = meters.busy_seconds(), os.times()
    while sum(os.times()[:2]) - sum(own[:2]) < 0.2:
        pass

    assert meters.busy_seconds() - before >= 0.1
