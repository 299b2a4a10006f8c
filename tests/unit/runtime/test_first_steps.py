"""An interrupt in the first step of an operation loses no response to what was sent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("speed", ["auto", "off"])
def test_an_interrupted_first_step_loses_no_response(speed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "tests/hosts/programs/first_steps.py")],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "HZCLIENT_SPEED": speed, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.endswith("ok\n"), done.stderr
    assert done.stderr == ""
    path, *counts = done.stdout.split()
    moments, after = (int(each) for each in counts if each.isdecimal())
    assert after > 3
    # The compiled driver runs no Python instruction before the request is sent.
    assert (moments == after) == (path == "compiled:")
    # This process may be switched to the other path, so the program itself says which one it took.
    assert path == "python:" or speed == "auto"
