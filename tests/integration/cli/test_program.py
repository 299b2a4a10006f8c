"""The program as such: connecting, the cluster, help, exit codes, terminals, completion."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hzclient.cli import _exit
from hzclient.cli._app import main
from hzclient.server import LocalCluster
from tests.integration.cli.conftest import Run
from tests.integration.cli.terminal import ROOT, Terminal


def test_ping_measures_round_trips(run: Run) -> None:
    answer = run("ping", "-n", "2", "--json").json
    assert answer["members"] == 2
    assert len(answer["round_trips_ms"]) == 2
    assert "2 members" in run("ping").out


def test_members_and_partitions_agree(run: Run, hazelcast_cluster: LocalCluster) -> None:
    members = run("cluster", "members", "--json").json
    assert sorted(member["address"] for member in members) == sorted(hazelcast_cluster.addresses)
    assert {member["version"] for member in members} == {hazelcast_cluster.version}
    partitions = run("--json", "cluster", "partitions").json
    for member in members:
        owned = [each for each in partitions if each["owner"] == member["address"]]
        assert len(owned) == member["partitions"] > 0


def test_the_partition_of_a_key_is_the_one_of_its_type(run: Run) -> None:
    as_text, as_number = (
        run("cluster", "partitions", "--key", "5", "--key-type", kind, "--json").json
        for kind in ("text", "int")
    )
    assert len(as_text) == len(as_number) == 1
    assert as_text != as_number


def test_structures_are_listed(run: Run) -> None:
    run("map", "cli-listed", "put", "a", "b")
    assert {"kind": "Map", "name": "cli-listed"} in run("cluster", "objects", "--json").json


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-a", "127.0.0.1:1", "--timeout", "0.2", "ping"]) == _exit.UNREACHABLE
    error = capsys.readouterr().err
    assert "127.0.0.1:1 failed" in error
    assert "hzclient doctor" in error


def test_another_cluster_name(run: Run) -> None:
    assert "'wrong'" in run("-c", "wrong", "ping", code=_exit.REFUSED).err


@pytest.mark.parametrize(
    "words", [["nothing"], ["map"], ["map", "m", "get"], ["--address"], ["ping", "--count", "x"]]
)
def test_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == _exit.USAGE
    shown = "".join(capsys.readouterr())
    assert "Usage:" in shown or "requires an argument" in shown


def test_the_help_shows_commands_options_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("replicatedmap", "--cluster-name", "hzclient ping"))
    assert all(str(code) in shown for code in _exit.MEANINGS)
    assert main(["map", "m", "put", "--help"]) == 0
    assert "--ttl" in capsys.readouterr().out


def test_without_the_extra_the_other_commands_still_work(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['typer'] = None\n")
    (tmp_path / "program.py").write_text("import hazelcast; print(hazelcast.__name__)")
    environment = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "PATH": "", "PYHZ_CACHE_DIR": str(tmp_path)}

    def python(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "hzclient", *words]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=60, check=False
        )

    assert python("run", str(tmp_path / "program.py")).stdout == "hzclient\n"
    assert "No cluster is running." in python("server", "status").stdout
    missing = python("ping")
    assert missing.returncode == 2
    assert "hzclient-hazelcast[cli]" in missing.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    environment = {**os.environ, "_HZCLIENT_COMPLETE": f"complete_{shell}", "PYTHONPATH": str(ROOT)}
    environment |= {"COMP_WORDS": "hzclient clu", "COMP_CWORD": "1"}
    environment |= {"_TYPER_COMPLETE_ARGS": "hzclient clu", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    command = [sys.executable, "-c", "from hzclient.__main__ import console; console()"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert "cluster" in done.stdout, done


def test_only_a_terminal_gets_colours(terminal: Callable[..., Terminal], connection: list[str]) -> None:
    shown = terminal("cluster", "members")
    assert shown.end() == 0
    assert b"\x1b[" in shown.raw
    command = [sys.executable, "-m", "hzclient", *connection, "cluster", "members"]
    piped = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=60, check=True)
    assert b"\x1b" not in piped.stdout
    assert piped.stderr == b""


def test_the_live_table_follows_the_cluster_until_interrupted(terminal: Callable[..., Terminal]) -> None:
    shown = terminal("cluster", "members", "--watch", "--every", "0.1")
    first = shown.wait_for(lambda text: "Ctrl-C ends" in text and "partitions" in text)
    assert "2 members, 271 partitions" in first
    clock = next(line for line in first.splitlines() if "Ctrl-C" in line)
    shown.wait_for(lambda text: "Ctrl-C ends" in text and clock not in text)
    shown.type("\x03")
    assert shown.end() == _exit.INTERRUPTED


def test_a_listener_in_a_terminal_ends_with_ctrl_c(terminal: Callable[..., Terminal]) -> None:
    shown = terminal("topic", "cli-terminal", "listen")
    shown.wait_for("Ctrl-C ends")
    shown.type("\x03")
    assert shown.end() == _exit.INTERRUPTED
    assert "Traceback" not in shown.text


def test_an_import_shows_its_progress(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    file = tmp_path / "many"
    file.write_text("".join(f'{{"key": {number}, "value": "x"}}\n' for number in range(2000)))
    shown = terminal("map", "cli-progress", "import", str(file))
    assert shown.end() == 0
    assert "━" in shown.text
    assert "2000 records imported." in shown.text
