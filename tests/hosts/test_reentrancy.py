"""Code that interrupts the client (signal handlers, finalizers, logging handlers) may use and end it."""

from __future__ import annotations

import random

import pytest

from tests.hosts.conftest import Run

ROUNDS = 200
"""Of each kind; by hand: `python tests/hosts/programs/reentrancy.py ADDRESS CLUSTER 3000 SEED`."""


@pytest.mark.parametrize("speed", ["auto", "off"])
def test_calls_and_shutdowns_from_handlers_and_finalizers(run_program: Run, speed: str) -> None:
    seed = random.SystemRandom().randrange(10**6)  # printed if it fails
    printed = run_program("reentrancy.py", str(ROUNDS), str(seed), seconds=200, env={"HZCLIENT_SPEED": speed})
    assert printed.endswith("ok\n"), f"seed {seed}: {printed}"
