"""Cache of cachelib in a Hazelcast map: the backend for Flask-Caching and Flask-Session.

For Flask-Session::

    cache = HazelcastCache(["10.0.0.1:5701"], key_prefix="shop:")
    app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=cache)

For Flask-Caching::

    app.config.update(
        CACHE_TYPE="hzclient.contrib.cachelib.HazelcastCache", CACHE_HAZELCAST_MEMBERS=["10.0.0.1:5701"]
    )
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from cachelib.base import BaseCache

from hzclient.config import ClientOptions
from hzclient.contrib._shared import MISSING, NEVER, RAISE, CacheStore, Reply, Serializer, matching
from hzclient.contrib._shared.cache import BULK_DEADLINE, DEADLINE
from hzclient.future import Future

__all__ = ("HazelcastCache",)

_Timeout = int | dt.timedelta | None

_EXPIRED: Final = -1.0


class HazelcastCache(BaseCache):
    """Cache whose entries are in a Hazelcast map.

    All caches of a process with equal client options share one client, which connects in the background.
    While the cluster is away, calls fail within the deadline, and after some failures at once.

    Args:
        members: Addresses `host:port` of members, as a list or separated by commas.
        default_timeout: Seconds until an entry expires, or a `timedelta`; 0 for never.
        key_prefix: What all keys in the map begin with, or a function that returns it.
        map_name: Name of the map.
        client: Options of `hzclient.HazelcastClient`, such as `cluster_name`.
        serializer: Object with `dumps` and `loads` for values that are neither `str` nor `int`; None pickles.
        ignore_exceptions: Whether reads miss and writes do nothing while the cluster is away.
        deadline: Seconds that an operation on keys may take.
        bulk_deadline: Seconds that `clear()` may take.
        failures: Number of consecutive failures after which calls fail at once.
        pause: Seconds between attempts from then on.
        **others: Arguments of cachelib's `BaseCache`.
    """

    def __init__(
        self,
        members: str | Iterable[str] = ("127.0.0.1:5701",),
        default_timeout: int | dt.timedelta = 300,
        key_prefix: str | Callable[[], str] | None = None,
        *,
        map_name: str = "cachelib",
        client: ClientOptions | None = None,
        serializer: Serializer | None = None,
        ignore_exceptions: bool = False,
        deadline: float = DEADLINE,
        bulk_deadline: float = BULK_DEADLINE,
        failures: int = 5,
        pause: float = 5.0,
        **others: Any,
    ) -> None:
        super().__init__(default_timeout, **others)
        addresses = members.split(",") if isinstance(members, str) else list(members)
        options = cast(ClientOptions, {"cluster_members": addresses, **(client or {})})
        self.key_prefix = key_prefix
        self._ignores = ignore_exceptions
        self._store = CacheStore(
            map_name,
            options,
            serializer=serializer,
            deadline=deadline,
            bulk_deadline=bulk_deadline,
            failures=failures,
            pause=pause,
        )

    def _key(self, key: str | Callable[[], str]) -> str:
        return self._prefix() + (key() if callable(key) else key)

    def _prefix(self) -> str:
        prefix = self.key_prefix() if callable(self.key_prefix) else self.key_prefix
        return prefix or ""

    def _ttl(self, timeout: _Timeout) -> float:
        seconds = float(self._normalize_timeout(timeout))
        return NEVER if seconds == 0 else seconds if seconds > 0 else _EXPIRED

    def _result(self, future: Future[Any], finish: Callable[[Any], Any], fallback: Any) -> Any:
        return Reply(future, finish, fallback if self._ignores else RAISE).result()

    def _value(self, stored: Any) -> Any:
        value = self._store.load(stored)
        return None if value is MISSING else value

    def get(self, key: str) -> Any:
        """Return the value of a key; None if there is none."""
        return self._result(self._store.get(self._key(key)), self._value, None)

    def get_many(self, *keys: str) -> list[Any]:
        """Return the values of keys, which are all requested at once; None for those without a value."""
        made = [self._key(key) for key in keys]
        values = self._result(self._store.get_many(made), self._store.load_many, {})
        return [values.get(key) for key in made]

    def set(self, key: str, value: Any, timeout: _Timeout = None) -> bool:
        """Store a value; return False if that failed and errors are ignored."""
        made, ttl = self._key(key), self._ttl(timeout)
        if ttl == _EXPIRED:
            return bool(self._result(self._store.delete(made), _done, False))
        return bool(self._result(self._store.set(made, value, ttl), _done, False))

    def set_many(self, mapping: dict[str, Any], timeout: _Timeout = None) -> list[Any]:
        """Store many values, which are all sent at once; return the keys that were stored."""
        ttl = self._ttl(timeout)
        if ttl == _EXPIRED:
            return self.delete_many(*mapping)
        values = {self._key(key): value for key, value in mapping.items()}
        stored = self._result(self._store.set_many(values, ttl), _done, False)
        return list(mapping) if stored else []

    def add(self, key: str, value: Any, timeout: _Timeout = None) -> bool:
        """Store a value unless the key has one already; return whether it was stored."""
        made, ttl = self._key(key), self._ttl(timeout)
        if ttl == _EXPIRED:
            return not self.has(key)
        return bool(self._result(self._store.add(made, value, ttl), bool, False))

    def delete(self, key: str) -> bool:
        """Remove a key; return whether there was one."""
        return bool(
            self._result(self._store.delete(self._key(key)), lambda stored: stored is not None, False)
        )

    def delete_many(self, *keys: str) -> list[Any]:
        """Remove many keys at once; return those that the map does not have any more."""
        made = [self._key(key) for key in keys]
        return list(keys) if self._result(self._store.delete_many(made), _done, False) else []

    def has(self, key: str) -> bool:
        """Return whether a key exists."""
        return bool(self._result(self._store.has(self._key(key)), bool, False))

    def clear(self) -> bool:
        """Remove all keys with the prefix; without a prefix, all keys of the map."""
        prefix = self._prefix()
        future: Future[Any] = self._store.delete_matching(matching(prefix)) if prefix else self._store.clear()
        return bool(self._result(future, _done, False))

    def inc(self, key: str, delta: int = 1) -> int | None:
        """Add to an int atomically, and return the new value. A key without a value begins with 0."""
        ttl = self._ttl(None)
        future = self._store.increment(self._key(key), delta, missing=lambda: 0, ttl=ttl)
        return cast("int | None", self._result(future, int, None))

    def dec(self, key: str, delta: int = 1) -> int | None:
        """Subtract from an int atomically, as `inc()`."""
        return self.inc(key, -delta)


def _done(_: object) -> bool:
    return True
