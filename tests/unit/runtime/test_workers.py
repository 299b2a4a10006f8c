"""Daemon threads for callbacks."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from hzclient._runtime import workers
from hzclient._runtime.workers import Workers
from tests.internals import private

SECONDS = 20.0


def test_what_blocks_holds_up_nobody() -> None:
    pool = Workers("test-workers")
    gate, others = threading.Event(), [threading.Event() for _ in range(5)]
    pool.submit(lambda: gate.wait(SECONDS))
    for each in others:
        pool.submit(each.set)
    assert all(each.wait(SECONDS) for each in others)
    gate.set()


def test_threads_are_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Workers("test-workers")
    idents: set[int] = set()
    idle = threading.Semaphore(0)
    wait_for_work = private(pool, "_wait_for_work")

    def announced(inbox: Any) -> object:
        idle.release()
        return wait_for_work(inbox)

    monkeypatch.setattr(pool, "_wait_for_work", announced)
    for _ in range(5):
        pool.submit(lambda: idents.add(threading.get_ident()))
        assert idle.acquire(timeout=SECONDS)
        while not private(pool, "_idle"):
            time.sleep(0.001)
    assert len(idents) == 1


@pytest.mark.parametrize("error", [ValueError("mine"), SystemExit(3), KeyboardInterrupt()])
def test_what_raises_does_not_end_the_thread(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    pool = Workers("test-workers")
    ran = threading.Event()

    def fail() -> None:
        raise error

    pool.submit(fail)
    while not private(pool, "_idle"):  # the thread lives, and waits for more
        time.sleep(0.001)
    pool.submit(ran.set)
    assert ran.wait(SECONDS)
    assert "raised" in caplog.text


def test_idle_threads_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_IDLE_SECONDS", 0.01)
    pool = Workers("test-workers-idle")
    done = threading.Event()
    pool.submit(done.set)
    assert done.wait(SECONDS)
    for thread in threading.enumerate():
        if thread.name == "test-workers-idle":
            assert thread.daemon
            thread.join(SECONDS)
            assert not thread.is_alive()
    assert not private(pool, "_idle")


def test_all_work_is_done_however_threads_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_IDLE_SECONDS", 0.0)
    pool = Workers("test-workers")
    left = threading.Semaphore(0)
    for _ in range(2000):
        pool.submit(left.release)
    for _ in range(2000):
        assert left.acquire(timeout=SECONDS)
