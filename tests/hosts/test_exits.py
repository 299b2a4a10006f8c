"""Handlers, finalizers and exits: nothing hangs, and nothing is left."""

from __future__ import annotations

import pytest

from tests.hosts.conftest import Run


def test_shutdown_from_handlers_and_threads_leaves_nothing(run_program: Run) -> None:
    printed = run_program("handlers.py")
    assert "shut down by a signal handler" in printed
    assert "nothing is left" in printed


def test_clients_at_the_end_of_the_interpreter(run_program: Run) -> None:
    printed = run_program("exits.py")
    for line in ("worker 1", "atexit 1", "finalized"):
        assert line in printed
    assert "Exception ignored" not in printed


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("library", ["gevent", "eventlet"])
def test_green_threads(run_program: Run, library: str, order: str) -> None:
    """The import of hzclient comes before or after the patching of the program."""
    assert run_program("green.py", library, order).endswith("ok\n")
