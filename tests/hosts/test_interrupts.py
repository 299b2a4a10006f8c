"""Interrupts at random moments leave a client that works, and nothing else."""

from __future__ import annotations

import random

import pytest

from tests.hosts.conftest import Run

INTERRUPTS = 180
"""Of each kind; by hand: `python tests/hosts/programs/interrupts.py ADDRESS CLUSTER signals 6000 SEED`."""


@pytest.mark.parametrize("mode", ["signals", "threads"])
@pytest.mark.parametrize("speed", ["auto", "off"])
def test_interrupts_at_random_moments(run_program: Run, speed: str, mode: str) -> None:
    seed = random.SystemRandom().randrange(10**6)  # printed if it fails
    printed = run_program(
        "interrupts.py", mode, str(INTERRUPTS), str(seed), seconds=200, env={"HZCLIENT_SPEED": speed}
    )
    assert "ok: " in printed, f"seed {seed}: {printed}"
