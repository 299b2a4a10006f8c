"""What becomes of clients in a child process: their loops, sockets and locks are the parent's."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any, Protocol, cast

from hzclient._runtime.identity import calling
from hzclient.errors import HazelcastClientNotActiveError


class Client(Protocol):
    """Something that must not be used in a child process."""

    def abandon(self) -> None:
        """Makes it useless in this process, without a trace in the parent's. Called in the child."""


_clients: weakref.WeakSet[Client] = weakref.WeakSet()


def track(client: Client) -> None:
    """Lets `client` be abandoned in child processes."""
    _clients.add(client)


def forked_error() -> HazelcastClientNotActiveError:
    """The error of every call on a client of the parent process."""
    return HazelcastClientNotActiveError(
        "this client belongs to the parent process; make a client of its own in each process, after the fork"
    )


def renew(lock: threading.Lock) -> None:
    """Unlocks a lock that a thread of the parent may have held at the fork: here nobody will release it."""
    cast(Any, lock)._at_fork_reinit()


def release(descriptor: int) -> None:
    """Lets go of a file descriptor of the parent, and keeps its number taken.

    Were it closed, the objects that still hold the number would one day close a stranger's file.
    """
    null = os.open(os.devnull, os.O_RDWR)
    try:
        os.dup2(null, descriptor)
    finally:
        os.close(null)


def _in_child() -> None:
    calling.thread.on_loop = False  # where a callback forked: the loop is the parent's
    for client in list(_clients):
        client.abandon()
    _clients.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
