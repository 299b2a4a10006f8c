"""What instrumentation sees of clients: their calls, listeners and states.

`hzclient.contrib.otel` is built on this module, and other instrumentation can be. A client is observed if
`install()` was called before it was created. Otherwise its calls take the same path as without this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hzclient.core import Address

__all__ = ("CallObserver", "ClientInfo", "ClientObserver", "install", "uninstall")


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """A client that is observed.

    Attributes:
        name: Name of the client.
        cluster_name: Name of its cluster.
        near_caches: Returns the statistics of each near cache by the name of its map.
        queued_events: Returns how many events wait for the callbacks of listeners.
    """

    name: str
    cluster_name: str
    near_caches: Callable[[], Mapping[str, Mapping[str, float]]]
    queued_events: Callable[[], int]


class CallObserver(Protocol):
    """Sees one call. Its methods run on the path of the call, so they must be quick and must not raise."""

    def sent(self, address: Address) -> None:
        """Note that the call is sent to a member.

        Args:
            address: Address of the member.
        """

    def retried(self, error: Exception, attempt: int, pause: float) -> None:
        """Note that the call is sent again.

        Args:
            error: Why the attempt failed.
            attempt: Number of the attempt that failed, from 1.
            pause: Seconds until the next one.
        """

    def ended(self, error: BaseException | None) -> None:
        """Note that the call has ended.

        Args:
            error: Its error, also if it was cancelled; None if there is a result.
        """


class ClientObserver(Protocol):
    """Sees one client. Its methods may run in any thread and must not raise."""

    def call(self, method: str, structure: str | None) -> CallObserver | None:
        """Note that a call begins, in the context of its caller.

        Args:
            method: Service and method, for example `Map.put`.
            structure: Name of the structure; None if it concerns none, such as SQL.

        Returns:
            What sees the rest of it; None if nothing needs to.
        """

    def listener(self, what: str, handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Note that a listener is registered, in the context of who registers it.

        Args:
            what: What it is, for people.
            handler: Handles each event. It may return an awaitable.

        Returns:
            What handles the events instead: `handler`, or a function that calls it.
        """
        ...

    def changed_state(self, state: str) -> None:
        """Note a new lifecycle state of the client.

        Args:
            state: One of `hzclient.lifecycle.LifecycleState`.
        """


_make_observer: Callable[[ClientInfo], ClientObserver] | None = None


def install(make_observer: Callable[[ClientInfo], ClientObserver]) -> None:
    """Observe all clients that are created from now on.

    Args:
        make_observer: Called with each new client.

    Raises:
        RuntimeError: Something else observes the clients already.
    """
    global _make_observer
    if _make_observer is not None:
        raise RuntimeError("clients are observed already: call `hzclient.observation.uninstall()` before")
    _make_observer = make_observer


def uninstall() -> None:
    """Observe no more clients. Those that are observed stay so."""
    global _make_observer
    _make_observer = None


def observer_of(info: ClientInfo) -> ClientObserver | None:
    """Return what observes a new client; None if nothing does.

    Args:
        info: The client.

    Returns:
        The observer.
    """
    return None if _make_observer is None else _make_observer(info)
