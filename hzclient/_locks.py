"""Locks that neither an exception nor a signal handler can turn into a deadlock.

Theory. CPython delivers signals and asynchronous exceptions when it enters a function, after a call and when
it jumps back, but not between the `__enter__` of a lock written in C and the first instruction of its block,
nor within its `__exit__`. So `with` never leaves such a lock held, while an exception between `acquire()` and
`try` does. `threading.Condition`, and all that is built on it (events, futures of `concurrent.futures`), has
an `__enter__` written in Python and gives no such guarantee: a caller's thread must not use them.

A signal handler, a finalizer or a logging handler may use the client on a thread that holds one of its locks.
So the locks are re-entrant. What they guard either changes in one step, or is repaired if a step is missing.
A *wait* on such a thread would hold the lock meanwhile, and the client's loop may need it. So a wait looks
after a second whether its thread holds a lock: a call raises then, and `shutdown()` goes on in the
background.
The table in `docs/architecture.md`, "Locks", lists all locks. The one that is held while the operating system
is called (`MemberConnection._write_lock`) never blocks the loop for more than an instant.

After `monkey.patch_all()` of gevent or eventlet, the names of the standard library mean green threads. A lock
that is held for an instant, by real threads too, must remain a real one: `original()` finds it.
"""

from __future__ import annotations

import importlib
import sys
import weakref
from contextlib import AbstractContextManager
from typing import Any

_locks: weakref.WeakSet[Any] = weakref.WeakSet()

PATIENCE_SECONDS = 1.0
"""Seconds after which a wait looks whether its thread holds a lock."""


def patched_by() -> str | None:
    """Return which library has replaced threads by green ones, "gevent" or "eventlet"; None if none has."""
    gevent: Any = sys.modules.get("gevent.monkey")
    if gevent is not None and gevent.is_module_patched("threading"):
        return "gevent"
    eventlet: Any = sys.modules.get("eventlet.patcher")
    if eventlet is not None and eventlet.is_monkey_patched("thread"):
        return "eventlet"
    return None


def original(module: str, name: str) -> Any:
    """Return what a name of the standard library means in programs that nobody has patched.

    Args:
        module: The module.
        name: The name in it.

    Returns:
        The original object.
    """
    match patched_by():
        case "gevent":
            return sys.modules["gevent.monkey"].get_original(module, name)
        case "eventlet":
            return getattr(sys.modules["eventlet.patcher"].original(module), name)
        case _:
            return getattr(importlib.import_module(module), name)


def new_lock() -> AbstractContextManager[object]:
    """Return a lock that no exception can leave held. Use it with `with` only, and for an instant."""
    lock: AbstractContextManager[object] = original("_thread", "RLock")()
    _locks.add(lock)
    return lock


def is_inside() -> bool:
    """Return whether the calling thread holds a lock, because it was interrupted inside the client."""
    while True:
        try:
            locks = list(_locks)
        except RuntimeError:  # another thread has just made a lock
            continue
        return any(lock._is_owned() for lock in locks)


def check_not_inside() -> None:
    """Raise if the calling thread holds a lock, and so must not wait.

    Raises:
        RuntimeError: It was interrupted inside the client, by a signal handler or a finalizer that waits.
    """
    if is_inside():
        raise RuntimeError(
            "a signal handler or finalizer waits for a call on a thread that it interrupted inside the "
            "client, which would never end; make the call in another thread"
        )
