"""Test suites of other projects, each in a pytest process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from hzclient.server import LocalCluster


class Suite:
    """A test suite that runs against the members, beside this process.

    Args:
        members: The members; the suite finds them in its variable `ADDRESSES`.
        folder: Its working directory, and its root for pytest.
        *arguments: Arguments of pytest.
        environment: Further variables.
    """

    def __init__(
        self, members: LocalCluster, folder: Path, *arguments: str, environment: Mapping[str, str]
    ) -> None:
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
        self._process = subprocess.Popen(
            [*command, "-c", os.devnull, "--rootdir", str(folder), *arguments],
            cwd=folder,
            env={**os.environ, "ADDRESSES": ",".join(members.addresses), **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def show(self) -> int:
        """Print what the suite prints until its end; return its exit code."""
        assert self._process.stdout is not None
        try:
            while text := os.read(self._process.stdout.fileno(), 4096):
                sys.stdout.buffer.write(text)
                sys.stdout.flush()
            return self._process.wait()
        finally:
            self._process.kill()

    def check(self, passed: int, timeout: float) -> None:
        """Wait for the end of the suite, and check that nothing failed and how many tests passed."""
        try:
            out, _ = self._process.communicate(timeout=timeout)
        finally:
            self._process.kill()  # does nothing after its end
        assert re.search(rf"^{passed} passed", out, re.MULTILINE), out
        assert self._process.returncode == 0
