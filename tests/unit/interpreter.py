"""Runs scripts in interpreters of their own: what they import or install cannot be undone."""

from __future__ import annotations

import subprocess
import sys
import textwrap


def run(script: str) -> str:
    """Run a script to its end, with warnings as errors, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
