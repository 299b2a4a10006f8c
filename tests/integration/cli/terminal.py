"""A command of the program in a pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

ROOT = Path(__file__).parents[3]


class Terminal:
    """A command in a pseudo-terminal of 100 columns and 30 lines.

    Args:
        words: The words after the program's name.
        environment: Its environment.
    """

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self.screen = pyte.Screen(100, 30)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "hzclient", *words],
            dimensions=(30, 100),
            timeout=30,
            cwd=str(ROOT),
            env=environment,
        )

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def wait_for(self, check: str | Callable[[str], bool]) -> str:
        """Read until the screen contains a text, or fulfils a condition; return the screen."""
        fulfilled = check if callable(check) else lambda screen: check in screen
        while not fulfilled(self.text):
            try:
                data = self.process.read_nonblocking(65536, timeout=30)
            except (pexpect.TIMEOUT, pexpect.EOF) as error:
                raise AssertionError(f"{check!r} did not appear in:\n{self.text}") from error
            self.raw += data
            self._stream.feed(data)
            if b"\x1b[6n" in data:  # where is the cursor?
                self.process.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
        return self.text

    def type(self, keys: str) -> None:
        self.process.send(keys)

    def end(self) -> int:
        """Read to the end and return the exit code."""
        while True:
            try:
                data = self.process.read_nonblocking(65536, timeout=30)
            except pexpect.EOF:
                break
            self.raw += data
            self._stream.feed(data)
        self.process.close()
        return self.process.exitstatus if self.process.exitstatus is not None else -self.process.signalstatus
