"""Clients that come and go in one process leave nothing behind."""

from __future__ import annotations

from tests.hosts.conftest import Run

CLIENTS = 100
"""By hand: `python tests/hosts/programs/many_clients.py ADDRESS CLUSTER 1000`."""


def test_many_clients_leave_nothing(run_program: Run) -> None:
    assert run_program("many_clients.py", str(CLIENTS)).endswith("ok\n")
