"""Real threads in programs that gevent or eventlet have patched, and waits that let green threads run.

Theory. After `monkey.patch_all()` a new "thread" runs on the thread of its creator. The client's loop must
not run like this, because it waits in C, where no green thread can be switched. So its loop and its callbacks
have real threads. Only a wait for a response lets other green threads run; `waiting.green` does that.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable
from typing import Any

from hzclient._locks import original, patched_by
from hzclient._runtime.identity import be_green, waiting

_GREEN_PAUSES = (0.0, 0.0002, 0.0005, 0.001)
"""Seconds between looks at a result while a green thread of eventlet waits; the last repeats."""


def start_thread(run: Callable[[], object], name: str) -> None:
    """Start a real daemon thread.

    Args:
        run: What it runs.
        name: Its name.
    """
    if patched_by() is None:
        threading.Thread(target=run, name=name, daemon=True).start()
    else:
        original("_thread", "start_new_thread")(run, ())


def launch_thread(run: Callable[[], object], name: str, failed: Callable[[BaseException], object]) -> None:
    """Start a real daemon thread from a thread in between, which no signal handler can interrupt.

    An interrupt in the middle of `Thread.start()` would leave a thread that never begins or is always listed.

    Args:
        run: What it runs.
        name: Its name.
        failed: Called with the error if it cannot be started.
    """

    def launch() -> None:
        try:
            start_thread(run, name)
        except BaseException as error:
            failed(error)

    original("_thread", "start_new_thread")(launch, ())


def join(thread: threading.Thread | None, seconds: float) -> None:
    """Wait for a thread of `start_thread` to end, if it is listed by `threading`."""
    if thread is not None and patched_by() is None and thread is not threading.current_thread():
        thread.join(seconds)


def block_until_done(result: Any, timeout: float | None = None) -> bool:
    """Block until a result has an outcome; unlike `wait()`, also on the loop thread of another client.

    Args:
        result: The result.
        timeout: Seconds to wait; None waits without limit.

    Returns:
        False if the time ran out first.
    """
    if waiting.green is not None:
        return waiting.green(result, timeout)
    gate = original("_thread", "allocate_lock")()
    gate.acquire()

    def release(_: object) -> None:
        gate.release()

    result.add_done_callback(release)
    if gate.acquire(timeout=-1 if timeout is None else min(max(timeout, 0), threading.TIMEOUT_MAX)):
        return True
    return bool(result.done())


def detect_green_threads() -> None:
    """Let waits yield to green threads if gevent or eventlet has patched the program."""
    library = patched_by()
    if library is None or waiting.green is not None:
        return
    if library == "gevent":
        local: Any = importlib.import_module("gevent.local").local
        waiting.green = _wait_in_gevent
    else:
        local = importlib.import_module("eventlet.corolocal").local
        waiting.green = _wait_in_eventlet
    be_green(local)


def _wait_in_gevent(result: Any, timeout: float | None) -> bool:
    gevent: Any = importlib.import_module("gevent")
    hub = gevent.get_hub()
    with hub.loop.async_() as arrived:

        def wake(_: object) -> None:
            arrived.send_ignoring_arg(None)

        result.add_done_callback(wake)
        with gevent.Timeout(timeout, False):
            while not result.done():
                hub.wait(arrived)
    return bool(result.done())


def _wait_in_eventlet(result: Any, timeout: float | None) -> bool:
    # Its hub cannot be woken from another thread without a pipe for each wait.
    eventlet: Any = importlib.import_module("eventlet")
    end = None if timeout is None else time.monotonic() + timeout
    looked = 0
    while not result.done():
        if end is not None and time.monotonic() >= end:
            return False
        eventlet.sleep(_GREEN_PAUSES[min(looked, len(_GREEN_PAUSES) - 1)])
        looked += 1
    return True
