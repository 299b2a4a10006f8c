"""Clients in a child process, after `os.fork()`.

Theory. The child gets copies of the parent's objects, but not of its threads: the loop does not run there,
and a lock that a thread of the parent held at the fork stays locked for ever. Sockets are shared with the
parent, so closing a TLS connection or sending a byte from the child would corrupt the parent's. In the child,
each client is therefore abandoned: its locks are renewed, its file descriptors are replaced by `/dev/null`
without a word to the members, and every call fails with an error that says to create a client after the
fork. The parent notices nothing.
"""

from __future__ import annotations

import os
import weakref
from typing import Any, Protocol, cast

from hzclient._runtime.identity import calling
from hzclient.errors import HazelcastClientNotActiveError


class Client(Protocol):
    """What must not be used in a child process."""

    def abandon(self) -> None:
        """Make it useless in this process, without an effect on the parent. Called in the child."""


_clients: weakref.WeakSet[Client] = weakref.WeakSet()


def track(client: Client) -> None:
    """Abandon `client` in child processes."""
    _clients.add(client)


def forked_error() -> HazelcastClientNotActiveError:
    """Return the error of every call on a client of the parent process."""
    return HazelcastClientNotActiveError(
        "this client belongs to the parent process; create a client in each process, after the fork"
    )


def renew(lock: object) -> None:
    """Unlock a lock that a thread of the parent may have held at the fork: nobody releases it here."""
    cast(Any, lock)._at_fork_reinit()


def release(descriptor: int) -> None:
    """Drop a file descriptor of the parent, and keep its number in use.

    If it were closed, objects that still hold the number could later close an unrelated file.

    Args:
        descriptor: The file descriptor.
    """
    null = os.open(os.devnull, os.O_RDWR)
    try:
        os.dup2(null, descriptor)
    finally:
        os.close(null)


def _in_child() -> None:
    calling.thread.on_loop = False  # if a callback forked: the loop is the parent's
    for client in list(_clients):
        client.abandon()
    _clients.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
