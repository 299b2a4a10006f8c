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


_tasks: dict[int, tuple[weakref.ref[asyncio.Task[Any]], int]] = {}


def task_number() -> int:
    """The owner number of the running task; of the thread, where no task runs.

    `id(task)` alone would not do: it is given again to a later task, which would then own the
    locks of the dead one. The entry goes with the task, before its id is free.
    """
    task = asyncio.current_task()
    if task is None:
        return caller.number
    key = id(task)
    known = _tasks.get(key)
    if known is None:
        known = (weakref.ref(task, lambda _: _tasks.pop(key, None)), next(_numbers))
        _tasks[key] = known
    return known[1]


def register_loop_thread() -> None:
    """Marks the calling thread as one that drives a client's loop and so must never wait."""
    _loop_threads.add(threading.get_ident())


def unregister_loop_thread() -> None:
    """Takes the mark of `register_loop_thread` back, since thread identifiers are used again."""
    _loop_threads.discard(threading.get_ident())


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
