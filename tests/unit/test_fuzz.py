"""The targets of `python -m tests.fuzz`: valid inputs, the corpus, and inputs that hypothesis changes."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hzclient._protocol import builtin
from hzclient._speed import hot
from hzclient.errors import HazelcastSerializationError, ProtocolError
from tests.fuzz import __main__ as program
from tests.fuzz import targets
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS, Target, WrongError, check

EXAMPLES = {"decoders": 3000}
"""Changed inputs of a target; 700 of the others."""

SETTINGS = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", TARGETS)
def test_valid_inputs_and_the_corpus(name: str) -> None:
    for data in TARGETS[name].inputs():
        check(TARGETS[name], data)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_inputs(name: str) -> None:
    target = TARGETS[name]
    inputs = target.inputs()

    @settings(SETTINGS, max_examples=EXAMPLES.get(name, 700))
    @given(st.integers(0, len(inputs) - 1), st.integers(0, 1 << 32))
    def check_changed(number: int, seed: int) -> None:
        check(target, mutated(inputs[number], inputs, Random(seed)))

    check_changed()


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes(name: str) -> None:
    @settings(SETTINGS, max_examples=100)
    @given(st.binary(max_size=100))
    def check_any(data: bytes) -> None:
        check(TARGETS[name], data)

    check_any()


def test_each_decoder_has_a_valid_input() -> None:
    """A message with a decoder that nobody would try is not fuzzed."""
    types = {int.from_bytes(data[6:10], "little") for data in TARGETS["decoders"].seeds()}
    from tests.unit.codec import wire

    expected = {method.request_type + 1 for method in wire.METHODS.values() if method.response}
    expected |= {event.message_type for method in wire.METHODS.values() for event in method.events}
    assert expected <= types
    assert expected <= targets.decoders().keys()


def test_valid_inputs_are_read() -> None:
    """An input that is refused at once would lead no change of it anywhere."""
    refused = []
    for name in ("reader", "decoders", "sql-page"):
        for data in TARGETS[name].seeds():
            try:
                TARGETS[name].read(data)
            except ProtocolError as error:
                refused.append((name, str(error)))
    assert not refused


# ------------------------------------------------------------------------------ what a run would notice


def _leaks(data: bytes) -> bytes:
    return bytes(9 * targets.MEBIBYTE) if data == b"long" else b""


def _hangs(data: bytes) -> int:
    end = time.thread_time() + targets.LONGEST * 1.1
    while data == b"long" and time.thread_time() < end:
        pass
    return 0


def _raises(data: bytes) -> None:
    if data == b"long":
        raise IndexError(data)


@pytest.mark.parametrize(
    ("read", "error"),
    [(_leaks, "4 bytes took .* MiB of memory"), (_hangs, "4 bytes took 0.1 s"), (_raises, "long")],
)
def test_what_is_wrong(read: Any, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "LONGEST", 0.1)
    target = Target("wrong", read, lambda: [])
    check(target, b"good")
    with pytest.raises((WrongError, IndexError), match=error):
        check(target, b"long")


@pytest.mark.skipif(hot is None, reason="compares the compiled path with Python")
def test_paths_that_differ() -> None:
    target = Target("wrong", lambda data: vars(builtin)["hot"] is None, lambda: [])
    with pytest.raises(WrongError, match="the compiled path gave False, and Python True"):
        check(target, b"")


@pytest.mark.skipif(hot is None, reason="compares the compiled path with Python")
@pytest.mark.parametrize("levels", [sys.getrecursionlimit() + 1, 10 * sys.getrecursionlimit()])
def test_paths_that_recurse_differently(levels: int) -> None:
    """Ending at the limit is no difference if the other path takes fewer frames, unless it goes on and on."""

    def descend(left: int) -> int:
        return descend(left - 1) if left else 0

    def read(data: bytes) -> int:
        try:
            return descend(levels if vars(builtin)["hot"] is None else 1)
        except RecursionError as error:
            raise HazelcastSerializationError("RecursionError") from error

    with nullcontext() if levels < 2 * sys.getrecursionlimit() else pytest.raises(WrongError):
        check(Target("deep", read, lambda: []), b"")


def test_a_bad_input_is_stored_and_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(targets, "CORPUS", tmp_path)
    monkeypatch.setattr(program, "ROOT", tmp_path)
    monkeypatch.setitem(TARGETS, "wrong", Target("wrong", _raises, lambda: [b"long"]))
    monkeypatch.setattr("tests.fuzz.mutation.mutated", lambda data, others, random: data)
    assert program.main(["--target", "wrong", "--engine", "mutation", "--worker", "60"]) == 1
    command = capsys.readouterr().out.splitlines()[-1]
    assert command.startswith("python -m tests.fuzz --replay wrong/")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(IndexError):
        program.main(command.split()[3:])


@pytest.mark.parametrize(("exit_code", "expected"), [("0", 0), ("1", 1)])
def test_each_target_has_a_process(
    exit_code: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that fails makes the whole run fail, after the others have had their time."""
    script = tmp_path / "worker"
    script.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/calls\n[ "$4" != reader ] || exit {exit_code}\n')
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))
    assert (
        program.main(["--minutes", "0.1", "--engine", "mutation", "--seed", "7", "--jobs", "2"]) == expected
    )
    calls = (tmp_path / "calls").read_text().splitlines()
    options = f"--engine mutation --seed 7 --worker {6 / len(TARGETS)}"
    assert sorted(calls) == sorted(f"-m tests.fuzz --target {name} {options}" for name in TARGETS)


def test_a_target_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(["--target", "nothing"])
    assert "no target nothing; there are reader, decoders" in capsys.readouterr().err
