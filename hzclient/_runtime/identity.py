"""Who calls: the owner number of locks, and whether the caller may block."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

from hzclient.errors import HazelcastClientNotActiveError

_numbers = itertools.count(1)
"""Source of the numbers of threads and tasks; it never returns a number twice."""


class Caller:
    """State of one thread.

    Attributes:
        number: Owner number of the thread, as members see it ("thread id" on the wire).
        blocking: True while the thread drives an operation and will wait for its response.
        on_loop: True if the thread runs a client's loop, and so must never wait.
    """

    __slots__ = ("blocking", "number", "on_loop")

    def __init__(self) -> None:
        self.number = next(_numbers)
        self.blocking = False
        self.on_loop = False


class _Calling(threading.local):
    """Holds the `Caller` of each thread: one look-up, instead of one for each attribute."""

    def __init__(self) -> None:
        self.thread = Caller()


calling = _Calling()


class _Waiting:
    """How threads of this process wait.

    Attributes:
        green: Waits for a result and lets other green threads run meanwhile, as `Pending.wait()`. None if
            neither gevent nor eventlet has patched the program.
    """

    __slots__ = ("green",)

    def __init__(self) -> None:
        self.green: Callable[[Any, float | None], bool] | None = None


waiting = _Waiting()


def be_green(local: type) -> None:
    """Tell green threads apart from now on: each of them is a caller of its own.

    Args:
        local: The `threading.local` of green threads.
    """
    callers: Any = local()

    def thread(_: _Calling) -> Caller:
        try:
            caller: Caller = callers.caller
        except AttributeError:
            caller = callers.caller = Caller()
        return caller

    _Calling.thread = property(thread, lambda _, __: None)  # type: ignore[assignment]


def next_number() -> int:
    """Return an owner number that no thread and no task has."""
    return next(_numbers)


_task_numbers: dict[int, int] = {}
_task_ends: dict[int, weakref.ref[asyncio.Task[Any]]] = {}


def task_number(loop: asyncio.AbstractEventLoop) -> int:
    """Return the owner number of the task that runs on a loop; that of the thread if no task runs.

    `id(task)` would not do: a later task may get the same id, and would own the locks of the dead one. The
    entry is removed with the task, before its id can be used again.

    Args:
        loop: The loop.

    Returns:
        The number.
    """
    task = asyncio.current_task(loop)
    if task is None:
        return calling.thread.number
    return _task_numbers.get(id(task)) or _number_task(task)


def _number_task(task: asyncio.Task[Any]) -> int:
    key = id(task)
    number = next(_numbers)

    def forget(_: weakref.ref[asyncio.Task[Any]]) -> None:
        del _task_numbers[key], _task_ends[key]

    _task_numbers[key] = number
    _task_ends[key] = weakref.ref(task, forget)
    return number


def check_may_block() -> None:
    """Raise if a blocking wait would never end.

    Raises:
        RuntimeError: On a client's own loop thread.
        HazelcastClientNotActiveError: The interpreter is exiting: the loop thread does not run any more.
    """
    if sys.is_finalizing():
        raise HazelcastClientNotActiveError("the interpreter is exiting, and no call can be made any more")
    if calling.thread.on_loop:
        raise RuntimeError(
            "blocking wait on the client's own loop thread, which would wait for itself; "
            "use add_done_callback, continue_with or await there"
        )
