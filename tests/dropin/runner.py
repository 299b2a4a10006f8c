"""Run a program on either client, and compare what the two print."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import official

HERE = Path(__file__).parent
PROGRAMS = sorted(path.stem for path in (HERE / "programs").glob("*.py"))
DIFFERENCES = HERE / "differences.toml"
TIMEOUT_SECONDS = 120
NAME = "NAME"
CLIENTS = ("official", "hzclient")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a program left behind, with its own structure names replaced by `NAME`."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One intended difference: lines that the official client prints, and what hzclient prints instead."""

    program: str
    official: str
    hzclient: str
    reason: str

    def apply(self, printed: str) -> str:
        """Replace the official lines by the intended ones.

        Raises:
            AssertionError: The official client does not print these lines exactly once.
        """
        lines = f"\n{printed}"
        wanted = f"\n{self.official}\n"
        assert lines.count(wanted) == 1, (
            f"{self.program}: the official client does not print {self.official!r}"
        )
        return lines.replace(wanted, f"\n{self.hzclient}\n" if self.hzclient else "\n")[1:]


def differences(program: str) -> list[Difference]:
    """Return the intended differences of one program."""
    return [difference for difference in all_differences() if difference.program == program]


def all_differences() -> list[Difference]:
    """Return the whole list of intended differences."""
    table = tomllib.loads(DIFFERENCES.read_text(encoding="utf-8"))
    return [Difference(**entry) for entry in table["difference"]]


def run(client: str, program: str, addresses: Sequence[str]) -> Outcome:
    """Run a program once, with structure names that no other run uses."""
    name = f"d{uuid.uuid4().hex[:12]}"
    path = str(HERE / "programs" / f"{program}.py")
    command = [*_launcher(client), path, ",".join(addresses), f"{name}-"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False, env=environment
    )
    return Outcome(done.returncode, done.stdout.replace(name, NAME), done.stderr.replace(name, NAME))


def _launcher(client: str) -> list[str]:
    if client == "official":
        return [str(official.interpreter())]
    return [sys.executable, "-m", "hzclient", "run"]
