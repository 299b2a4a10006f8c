"""Backend of dogpile.cache that keeps a region's values in a Hazelcast map.

::

    from dogpile.cache import make_region

    region = make_region().configure(
        "hazelcast", expiration_time=300, arguments={"members": ["10.0.0.1:5701"], "distributed_lock": True}
    )
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar, cast

from dogpile.cache.api import NO_VALUE, BytesBackend, CacheMutex

from hzclient.config import ClientOptions
from hzclient.contrib._shared import NEVER, RAISE, CacheLock, Guarded, Reply, guarded_map, is_unavailable
from hzclient.contrib._shared.cache import DEADLINE
from hzclient.errors import LockOwnershipLostError
from hzclient.future import Future, combine_futures
from hzclient.proxy.map import Map

__all__ = ("HazelcastBackend",)

T = TypeVar("T")

_logger = logging.getLogger("hzclient.contrib.dogpile")

_ARGUMENTS: Final = frozenset(
    {
        *("members", "client", "map_name", "hazelcast_expiration_time", "distributed_lock", "lock_lease"),
        *("ignore_exceptions", "deadline", "failures", "pause"),
    }
)


class HazelcastBackend(BytesBackend):
    """Backend whose values are in a Hazelcast map, serialized by the region.

    `arguments` may have:

    - `members`: addresses `host:port` of members, as a list or separated by commas;
    - `client`: a dict of options of `hzclient.HazelcastClient`, such as `cluster_name`;
    - `map_name`: name of the map (`"dogpile-cache"`);
    - `hazelcast_expiration_time`: seconds after which members drop a value (0 for never); it should be longer
      than the region's `expiration_time`, so that old values can be served while a new one is made;
    - `distributed_lock`: whether one thread of all processes makes a value, not one of each process (False);
    - `lock_lease`: seconds after which such a lock is free even if its holder has died (30.0);
    - `ignore_exceptions`: whether reads miss, writes do nothing and locks are local while the cluster is
      away (False);
    - `deadline`: seconds that a call may take (1.0);
    - `failures` (5) and `pause` (5.0): after so many consecutive failures calls fail at once, with one
      attempt after each pause in seconds.

    Args:
        arguments: As above.

    Raises:
        ValueError: An argument is unknown or out of range.
    """

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        if unknown := sorted(arguments.keys() - _ARGUMENTS):
            raise ValueError(
                f"unknown arguments of the hazelcast backend: {', '.join(unknown)}; options of the client "
                "belong into 'client'"
            )
        members = arguments.get("members", "127.0.0.1:5701")
        addresses = members.split(",") if isinstance(members, str) else list(members)
        options = cast(ClientOptions, {"cluster_members": addresses, **(arguments.get("client") or {})})
        limits = {key: arguments[key] for key in ("failures", "pause") if key in arguments}
        deadline = arguments.get("deadline", DEADLINE)
        name = arguments.get("map_name", "dogpile-cache")
        self._map: Guarded[Map[str, bytes]] = guarded_map(name, options, deadline=deadline, **limits)
        self._locks: Guarded[Map[str, str]] = guarded_map(
            f"{name}.locks", options, deadline=deadline, **limits
        )
        self._ttl = float(arguments.get("hazelcast_expiration_time") or NEVER)
        self._distributed = bool(arguments.get("distributed_lock", False))
        self._lease = float(arguments.get("lock_lease", 30.0))
        self._ignores = bool(arguments.get("ignore_exceptions", False))

    def _call(self, use: Callable[[Map[str, bytes]], Future[T]], fallback: Any = None) -> T:
        reply: Reply[T] = Reply(self._map.call(use), lambda got: got, fallback if self._ignores else RAISE)
        return reply.result()

    def get_mutex(self, key: str) -> CacheMutex | None:
        """Return the lock under which the value of a key is made; None for one of this process only."""
        if not self._distributed:
            return None
        return _Mutex(self._locks, key, self._lease, self._ignores)

    def get_serialized(self, key: str) -> Any:
        """Return the value of a key; `NO_VALUE` if there is none."""
        stored = self._call(lambda m: m.get(key))
        return NO_VALUE if stored is None else stored

    def get_serialized_multi(self, keys: Iterable[str]) -> list[Any]:
        """Return the values of keys, which are all requested at once; `NO_VALUE` for those without one."""
        wanted = list(keys)
        found = self._call(lambda m: m.get_all(wanted), {}) if wanted else {}
        return [found.get(key, NO_VALUE) for key in wanted]

    def set_serialized(self, key: str, value: bytes) -> None:
        """Store a value."""
        self._call(lambda m: m.set(key, value, self._ttl))

    def set_serialized_multi(self, mapping: Mapping[str, bytes]) -> None:
        """Store values, which are all sent at once."""
        self._call(
            lambda m: combine_futures([m.set(key, value, self._ttl) for key, value in mapping.items()])
        )

    def delete(self, key: str) -> None:
        """Remove a key."""
        self._call(lambda m: m.delete(key))

    def delete_multi(self, keys: Iterable[str]) -> None:
        """Remove keys, all at once."""
        self._call(lambda m: combine_futures([m.delete(key) for key in keys]))


class _Mutex(CacheMutex):
    """A lock of all threads of all processes.

    A region shares it among the threads of its process. They compete for a local lock first, and the one that
    has it competes with other processes.
    """

    def __init__(self, locks: Guarded[Map[str, str]], key: str, lease: float, ignores: bool) -> None:
        self._local = threading.Lock()
        self._lock = CacheLock(locks, key, lease, None)
        self._locks = locks
        self._key = key
        self._ignores = ignores

    def acquire(self, wait: bool = True) -> bool:
        """Acquire the lock; return False if another holder has it and `wait` is not set."""
        if not self._local.acquire(blocking=wait):
            return False
        acquired = False
        try:
            acquired = self._lock.acquire(None if wait else 0)
        except Exception as error:
            if not (self._ignores and is_unavailable(error)):
                raise
            acquired = True
        finally:
            if not acquired:
                self._local.release()
        return acquired

    def release(self) -> None:
        """Release the lock. Whether its lease was over is only logged: the value was made in any case."""
        try:
            if self._lock.held:
                self._lock.release()
        except LockOwnershipLostError as error:
            _logger.warning("%s; another process may have made the same value", error)
        except Exception as error:
            if not is_unavailable(error):
                raise
            _logger.warning("%r is released only when its lease is over: %r", self._lock, error)
        finally:
            self._local.release()

    def locked(self) -> bool:
        """Return whether a thread of any process has the lock."""
        if self._local.locked():
            return True
        found = self._locks.call(lambda m: m.contains_key(self._key))
        return Reply(found, bool, False if self._ignores else RAISE).result()
