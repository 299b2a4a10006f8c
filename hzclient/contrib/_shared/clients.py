"""Clients that all integrations of a process share: one for each set of options.

Theory. Options are compared by value, so two caches with equal options get the same client. A client is made
when it is first needed, because servers such as gunicorn load the application before they fork. A child
process starts with an empty registry: its own first call makes its own client. What belongs to one process
is held by one `Home` object, which the child replaces as a whole, locks included.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Hashable, Mapping
from typing import Any, Unpack, cast

import hzclient
from hzclient.config import BytesType, ClientOptions, IntType, ReconnectMode
from hzclient.contrib._shared.breaker import CircuitBreaker

DEFAULTS: ClientOptions = {
    "async_start": True,
    "reconnect_mode": ReconnectMode.ASYNC,
    "retry_initial_backoff": 0.5,
    "retry_max_backoff": 5.0,
    "retry_multiplier": 1.5,
    "retry_jitter": 0.2,
    "default_int_type": IntType.LONG,
    "bytes_type": BytesType.BYTE_ARRAY,
    "backup_ack_to_client_enabled": False,
}
"""Options of shared clients, unless the integration or its user gives others.

Members wait for backups themselves: a backup's acknowledgement to the client is lost if the client is not
connected to that member yet, or no longer, and the call would then wait for longer than its deadline.
"""


def key_of(options: Mapping[str, Any]) -> Hashable:
    """Return what identifies a set of options. Objects that are not values are equal only to themselves."""
    return _frozen(options)


def _frozen(value: object) -> Hashable:
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value)
        return ("mapping", frozenset((key, _frozen(each)) for key, each in entries.items()))
    if isinstance(value, (list, tuple)):
        return ("sequence", tuple(_frozen(each) for each in cast("list[object]", value)))
    if isinstance(value, (set, frozenset)):
        return ("set", frozenset(_frozen(each) for each in cast("set[object]", value)))
    try:
        hash(value)
    except TypeError:
        return ("object", id(value))
    return (type(value).__name__, value)


class SharedClient:
    """A client of the registry, made when it is first needed.

    Args:
        options: Options of the client.

    Attributes:
        options: Options of the client, those by default included.
        patience_ends: Monotonic time until which calls wait for the first connection; 0 before the client
            was made.
    """

    def __init__(self, options: ClientOptions) -> None:
        self.options: ClientOptions = {**DEFAULTS, **options}
        self.patience_ends = 0.0
        self._lock = threading.RLock()
        self._client: hzclient.HazelcastClient | None = None

    def get(self, patience: float = 0.0) -> hzclient.HazelcastClient:
        """Return the client. It is made if there is none yet, or if the last one was shut down.

        Args:
            patience: Seconds that calls may wait for the connection if the client is made now.

        Returns:
            The client, which may not be connected yet.

        Raises:
            InvalidConfigurationError: An option is unknown or wrong.
        """
        client = self._client
        if client is not None and client.lifecycle_service.is_running():
            return client
        with self._lock:
            client = self._client
            if client is None or not client.lifecycle_service.is_running():
                if client is not None:
                    client.shutdown()
                client = self._client = hzclient.HazelcastClient(**self.options)
                self.patience_ends = self.patience_ends or time.monotonic() + patience
            return client

    def close(self) -> None:
        """Shut the client down, if there is one."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.shutdown()


class Home:
    """What belongs to one process: its clients and their circuit breakers."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._clients: dict[Hashable, SharedClient] = {}
        self._breakers: dict[Hashable, CircuitBreaker] = {}

    def client(self, options: ClientOptions) -> SharedClient:
        """Return the entry for a set of options."""
        key = key_of(cast("Mapping[str, Any]", options))
        with self._lock:
            entry = self._clients.get(key)
            if entry is None:
                entry = self._clients[key] = SharedClient(options)
            return entry

    def breaker(self, options: ClientOptions, failures: int, pause: float) -> CircuitBreaker:
        """Return the circuit breaker for a set of options, a number of failures and a pause."""
        key = (key_of(cast("Mapping[str, Any]", options)), failures, pause)
        with self._lock:
            breaker = self._breakers.get(key)
            if breaker is None:
                breaker = self._breakers[key] = CircuitBreaker(
                    _cluster_text(options), failures=failures, pause=pause
                )
            return breaker

    def close(self) -> None:
        """Shut all clients down."""
        with self._lock:
            clients = list(self._clients.values())
            self._clients.clear()
            self._breakers.clear()
        for entry in clients:
            entry.close()


def _cluster_text(options: ClientOptions) -> str:
    return f"Hazelcast cluster {options.get('cluster_name') or 'dev'!r}"


_home = Home()


def home() -> Home:
    """Return what belongs to this process."""
    return _home


def _renew() -> None:
    global _home
    _home = Home()


def shared_client(**options: Unpack[ClientOptions]) -> hzclient.HazelcastClient:
    """Return the client that this process shares for a set of options.

    It connects in the background: while the cluster is away, its calls fail with `ClientOfflineError`. It is
    closed at the end of the process. A child process gets a client of its own.

    Args:
        **options: Options of the client, which take precedence over `DEFAULTS`.

    Returns:
        The client.

    Raises:
        InvalidConfigurationError: An option is unknown or wrong.
    """
    return _home.client(options).get()


def close_shared_clients() -> None:
    """Shut down all shared clients of this process. The next call makes new ones."""
    _home.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
atexit.register(close_shared_clients)
