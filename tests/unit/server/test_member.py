"""Members that end by themselves at an inconvenient moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hzclient.server._member import Member
from tests.internals import set_private


class _Dying(subprocess.Popen[bytes]):
    """Process that has ended, but still looks alive at the first check."""

    looks = 0

    def poll(self) -> int | None:
        self.looks += 1
        return None if self.looks == 1 else super().poll()


@pytest.mark.parametrize("end", [Member.kill, Member.stop])
def test_one_that_dies_just_then_is_ended_all_the_same(tmp_path: Path, end: Any) -> None:
    nobody: Any = None
    member = Member(nobody, nobody, 5701, tmp_path / "member.log")
    process = _Dying([sys.executable, "-c", ""])
    set_private(member, "_process", process)
    set_private(member, "_pid", 2**30)  # of no process
    process.wait()
    process.looks = 0
    end(member)
    assert not member.is_alive
