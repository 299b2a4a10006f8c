"""Clients that are closed are freed with their last user: the garbage collector finds nothing of them."""

from __future__ import annotations

import pytest

from tests.hosts.conftest import Run


@pytest.mark.parametrize("speed", ["auto", "off"])
def test_closed_clients_leave_no_cycles(run_program: Run, speed: str) -> None:
    assert run_program("closed_clients.py", env={"HZCLIENT_SPEED": speed}).endswith("ok\n")
