"""Each program prints the same on both clients, run after run, but for the intended differences."""

from __future__ import annotations

import pytest

from tests.dropin.conftest import Runs
from tests.dropin.runner import PROGRAMS, Outcome, all_differences, differences


def outcomes(runs: Runs, client: str, program: str) -> list[Outcome]:
    return [future.result() for future in runs[client, program]]


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_prints_the_same(program: str, runs: Runs) -> None:
    first, *more = outcomes(runs, "official", program)
    assert (first.status, first.stderr) == (0, ""), first.stdout
    for number, other in enumerate(more):
        assert other == first, f"the program itself is not deterministic: run {number + 1}"
    expected = first.stdout
    for difference in differences(program):
        expected = difference.apply(expected)
    for outcome in outcomes(runs, "hzclient", program):
        assert outcome.stdout == expected, outcome.stderr
        assert (outcome.status, outcome.stderr) == (0, "")


def test_there_are_enough_programs() -> None:
    assert len(PROGRAMS) >= 20


def test_every_difference_belongs_to_a_program_and_has_a_reason() -> None:
    for difference in all_differences():
        assert difference.program in PROGRAMS
        assert difference.reason.endswith(".")
        assert difference.official != difference.hzclient
