"""Who is calling: the owner number of locks, and whether the caller may block."""

from __future__ import annotations

import asyncio
import itertools
import threading
import weakref
from typing import Any

_numbers = itertools.count(1)
"""Threads and tasks draw from one counter, which never gives a number twice."""

_loop_threads: set[int] = set()


class Caller(threading.local):
    """What this thread is known by.

    Attributes:
        number: The owner number of this thread, as members see it ("thread id" on the wire).
        blocking: True while the thread drives an operation and will wait for its answer.
    """

    def __init__(self) -> None:
        self.number = next(_numbers)
        self.blocking = False


caller = Caller()


def next_number() -> int:
    """A number for an owner of its own, which no thread and no task has."""
    return next(_numbers)


def thread_number() -> int:
    """The owner number of the calling thread."""
    return caller.number


_task_numbers: dict[int, int] = {}
_task_ends: dict[int, weakref.ref[asyncio.Task[Any]]] = {}


def task_number(loop: asyncio.AbstractEventLoop) -> int:
    """The owner number of the task that runs on a loop; of the thread, where no task runs.

    `id(task)` alone would not do: it is given again to a later task, which would then own the
    locks of the dead one. The entry goes with the task, before its id is free.
    """
    task = asyncio.current_task(loop)
    if task is None:
        return caller.number
    return _task_numbers.get(id(task)) or _number_task(task)


def _number_task(task: asyncio.Task[Any]) -> int:
    key = id(task)
    number = next(_numbers)

    def forget(_: weakref.ref[asyncio.Task[Any]]) -> None:
        del _task_numbers[key], _task_ends[key]

    _task_numbers[key] = number
    _task_ends[key] = weakref.ref(task, forget)
    return number


def register_loop_thread() -> None:
    """Marks the calling thread as one that drives a client's loop and so must never wait."""
    _loop_threads.add(threading.get_ident())


def unregister_loop_thread() -> None:
    """Takes the mark of `register_loop_thread` back, since thread identifiers are used again."""
    _loop_threads.discard(threading.get_ident())


def forget_loop_threads() -> None:
    """Takes all marks back: in a child process no such thread runs, and their identifiers are used again."""
    _loop_threads.clear()


def check_may_block() -> None:
    """Raises where a blocking wait could never end.

    Raises:
        RuntimeError: On a client's own loop thread.
    """
    if threading.get_ident() in _loop_threads:
        raise RuntimeError(
            "blocking wait on the client's own loop thread, which would wait for itself; "
            "use add_done_callback, continue_with or await there"
        )
