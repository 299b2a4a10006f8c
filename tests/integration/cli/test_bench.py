"""The command `bench` measures real members, and leaves nothing behind."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from hzclient.cli import _exit
from hzclient.cli._app import main
from tests.integration.cli.conftest import Run
from tests.integration.cli.terminal import Terminal

SHORT = ("--duration", "0.3", "--warmup", "0.1", "--keys", "700")


def test_the_figures_belong_together(run: Run) -> None:
    found = run(
        "bench", "--json", *SHORT, "--duration", "1", "--mix", "get=1,set=1", "--concurrency", "4"
    ).json
    reads, writes, both = found["operations"]
    assert [each["operation"] for each in (reads, writes, both)] == ["get", "set", "all"]
    assert found["errors"] == {}
    assert min(reads["calls"], writes["calls"]) > 0
    assert both["calls"] == reads["calls"] + writes["calls"]
    assert both["calls"] == sum(step["calls"] for step in found["histogram"])
    assert both["per_second"] == pytest.approx(both["calls"] / found["seconds"], rel=0.01)
    assert 0 < both["p50_ms"] <= both["p90_ms"] <= both["p99_ms"] <= both["p99.9_ms"] <= both["max_ms"]
    objects = run("cluster", "objects", "--json").json
    assert not [each for each in objects if each["name"].startswith("hzclient-bench")]


def test_a_terminal_shows_progress_percentiles_and_bars(terminal: Callable[..., Terminal]) -> None:
    shown = terminal("bench", *SHORT)
    assert shown.end() == 0
    assert b"measuring" in shown.raw
    assert "p99.9" in shown.text
    assert re.search(r"up to +[0-9.]+ ms  #+ +[0-9.]+ %", shown.text)


def test_it_can_be_interrupted(terminal: Callable[..., Terminal], run: Run) -> None:
    shown = terminal("bench", "--duration", "600", "--warmup", "0", "--keys", "1")
    shown.wait_for("measuring")
    shown.type("\x03")
    assert shown.end() == _exit.INTERRUPTED
    assert "Traceback" not in shown.text
    objects = run("cluster", "objects", "--json").json
    assert not [each for each in objects if each["name"].startswith("hzclient-bench")]


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-a", "127.0.0.1:1", "--timeout", "0.2", "bench"]) == _exit.UNREACHABLE
    assert "127.0.0.1:1 failed" in capsys.readouterr().err
