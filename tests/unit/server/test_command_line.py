"""Parts of the command line that need no member."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hzclient._environment import CACHE_DIR
from hzclient.server import _state
from hzclient.server.__main__ import main

STARTING = """
import signal, sys, time
from hzclient.server import _state

def become_ready(*_):
    claim.publish(_state.this_process("dev", "5.7.0", ["127.0.0.1:5701"]))
    time.sleep(0.5)  # it ends its members
    sys.exit()

with _state.claim("dev") as claim:
    claim.publish(_state.this_process("dev", "5.7.0"))
    signal.signal(signal.SIGTERM, become_ready)
    print("starting", flush=True)
    signal.pause()
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_DIR, str(tmp_path))


@pytest.mark.parametrize("members", ["0", "-1", "two"])
def test_a_number_of_members_that_is_none_is_wrong_usage(
    members: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["start", "--members", members])
    assert raised.value.code == 2
    assert "argument --members" in capsys.readouterr().err


def test_a_cluster_that_becomes_ready_while_it_is_stopped_is_waited_for() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTING], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"starting\n"
        assert main(["stop"]) == 0
        assert _state.find("dev") is None
