"""Django's cache in a Hazelcast map, for synchronous and asynchronous views.

In the settings::

    CACHES = {
        "default": {
            "BACKEND": "hzclient.contrib.django.HazelcastCache",
            "LOCATION": ["10.0.0.1:5701", "10.0.0.2:5701"],
        },
    }
    SESSION_ENGINE = "hzclient.contrib.django.sessions"
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, NoReturn, cast

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string

from hzclient.config import ClientOptions
from hzclient.contrib._shared import (
    MISSING,
    NEVER,
    RAISE,
    CacheLock,
    CacheStore,
    Reply,
    Serializer,
    guarded_map,
    is_unavailable,
    matching,
)
from hzclient.contrib._shared.cache import BULK_DEADLINE, DEADLINE
from hzclient.future import Future

__all__ = ("HazelcastCache", "health")

_EXPIRED: Final = -1.0
"""Time to live of what is not stored at all."""

_OPTIONS: Final = frozenset(
    {
        *("map_name", "client", "near_cache", "serializer", "ignore_exceptions"),
        *("deadline", "bulk_deadline", "failures", "pause"),
        *("MAX_ENTRIES", "CULL_FREQUENCY", "max_entries", "cull_frequency"),
    }
)


class HazelcastCache(BaseCache):
    """Cache backend that keeps its entries in a Hazelcast map.

    All caches of a process with equal client options share one client, which connects in the background.
    While the cluster is away, calls fail within the deadline, and after some failures at once.

    `OPTIONS` may have:

    - `client`: a dict of options of `hzclient.HazelcastClient`, such as `cluster_name` and `ssl_enabled`;
    - `map_name`: name of the map (`"django-cache"`);
    - `near_cache`: True, or a dict of options of a near cache, which holds values in this process too;
    - `ignore_exceptions`: whether reads miss and writes do nothing while the cluster is away (False);
    - `serializer`: an object, or the dotted name of a class, with `dumps` and `loads` (pickle);
    - `deadline` (1.0) and `bulk_deadline` (10.0): seconds that an operation on keys, and one on the whole
      map, may take;
    - `failures` (5) and `pause` (5.0): after so many consecutive failures calls fail at once, with one
      attempt after each pause in seconds.

    Entries are evicted as the map's configuration in the cluster says: `MAX_ENTRIES` and `CULL_FREQUENCY`
    have no effect.

    Args:
        server: `LOCATION` of the settings: an address `host:port`, several of them separated by commas or
            semicolons, or a list.
        params: The settings of the cache.

    Raises:
        ValueError: An option is unknown or out of range.
    """

    def __init__(self, server: str | Iterable[str], params: dict[str, Any]) -> None:
        super().__init__(params)
        options: dict[str, Any] = params.get("OPTIONS") or {}
        if unknown := sorted(options.keys() - _OPTIONS):
            raise ValueError(
                f"unknown OPTIONS of HazelcastCache: {', '.join(unknown)}; options of the client belong into "
                "'client'"
            )
        name = options.get("map_name", "django-cache")
        client = _client_options(server, name, options)
        limits = {key: options[key] for key in ("failures", "pause") if key in options}
        deadline = options.get("deadline", DEADLINE)
        self._store = CacheStore(
            name,
            client,
            serializer=_serializer(options.get("serializer")),
            deadline=deadline,
            bulk_deadline=options.get("bulk_deadline", BULK_DEADLINE),
            **limits,
        )
        self._locks = partial(guarded_map, f"{name}.locks", client, deadline=deadline, **limits)
        self._ignores = bool(options.get("ignore_exceptions", False))

    def _ttl(self, timeout: Any) -> float:
        """Return the time to live for a time-out of Django's: `NEVER`, `_EXPIRED`, or seconds."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        if timeout is None:
            return NEVER
        seconds = float(timeout)
        return seconds if seconds > 0 else _EXPIRED

    def _keys(self, keys: Iterable[Any], version: int | None) -> dict[str, Any]:
        """Return the caller's keys by those of the map."""
        return {self.make_and_validate_key(key, version=version): key for key in keys}

    def _reply(self, future: Future[Any], finish: Callable[[Any], Any], fallback: Any = None) -> Reply[Any]:
        return Reply(future, finish, fallback if self._ignores else RAISE)

    def strict(self) -> HazelcastCache:
        """Return the same cache, but without `ignore_exceptions`."""
        strict = copy.copy(self)
        strict._ignores = False
        return strict

    # ------------------------------------------------------------------------------------ operations

    def _add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> Reply[bool]:
        made, ttl = self.make_and_validate_key(key, version=version), self._ttl(timeout)
        if ttl == _EXPIRED:
            return self._reply(self._store.has(made), lambda present: not present, False)
        return self._reply(self._store.add(made, value, ttl), bool, False)

    def _get(self, key: Any, default: Any = None, version: int | None = None) -> Reply[Any]:
        made = self.make_and_validate_key(key, version=version)

        def finish(stored: Any) -> Any:
            value = self._store.load(stored)
            return default if value is MISSING else value

        return self._reply(self._store.get(made), finish, default)

    def _set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> Reply[None]:
        made, ttl = self.make_and_validate_key(key, version=version), self._ttl(timeout)
        if ttl == _EXPIRED:
            return self._reply(self._store.delete(made), _nothing)
        return self._reply(self._store.set(made, value, ttl), _nothing)

    def _touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> Reply[bool]:
        made, ttl = self.make_and_validate_key(key, version=version), self._ttl(timeout)
        if ttl == _EXPIRED:
            return self._reply(self._store.delete(made), self._is_there, False)
        return self._reply(self._store.touch(made, ttl), bool, False)

    def _delete(self, key: Any, version: int | None = None) -> Reply[bool]:
        made = self.make_and_validate_key(key, version=version)
        return self._reply(self._store.delete(made), self._is_there, False)

    def _is_there(self, stored: Any) -> bool:
        return stored is not None

    def _get_many(self, keys: Iterable[Any], version: int | None = None) -> Reply[dict[Any, Any]]:
        made = self._keys(keys, version)

        def finish(stored: dict[str, Any]) -> dict[Any, Any]:
            values = self._store.load_many(stored)
            return {key: values[each] for each, key in made.items() if each in values}

        return self._reply(self._store.get_many(made), finish, {})

    def _set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> Reply[list[Any]]:
        made, ttl = self._keys(data, version), self._ttl(timeout)
        future: Future[Any]
        if ttl == _EXPIRED:
            future = self._store.delete_many(made)
        else:
            future = self._store.set_many({each: data[key] for each, key in made.items()}, ttl)
        return self._reply(future, lambda _: [], list(data))

    def _delete_many(self, keys: Iterable[Any], version: int | None = None) -> Reply[None]:
        return self._reply(self._store.delete_many(self._keys(keys, version)), _nothing)

    def _has_key(self, key: Any, version: int | None = None) -> Reply[bool]:
        made = self.make_and_validate_key(key, version=version)
        return self._reply(self._store.has(made), bool, False)

    def _incr(self, key: Any, delta: int = 1, version: int | None = None) -> Reply[int]:
        made = self.make_and_validate_key(key, version=version)

        def missing() -> NoReturn:
            raise ValueError(f"Key '{key}' not found")

        return Reply(self._store.increment(made, delta, missing=missing), int)

    def _decr(self, key: Any, delta: int = 1, version: int | None = None) -> Reply[int]:
        return self._incr(key, -delta, version)

    def _clear(self) -> Reply[None]:
        return self._reply(self._store.clear(), _nothing)

    def _delete_pattern(self, pattern: str, version: int | None = None) -> Reply[int]:
        keys = matching(self._prefix(version), pattern)
        return self._reply(self._store.delete_matching(keys), int, 0)

    def _health(self) -> Reply[dict[str, Any]]:
        return Reply(self._store.health(), dict)

    # ---------------------------------------------------------------------- methods for threads and tasks

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a value unless the key has one already; return whether it was stored."""
        return self._add(key, value, timeout, version).result()

    async def aadd(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Store a value unless the key has one already; return whether it was stored."""
        return await self._add(key, value, timeout, version)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the value of a key, or `default` if there is none."""
        return self._get(key, default, version).result()

    async def aget(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the value of a key, or `default` if there is none."""
        return await self._get(key, default, version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store a value for `timeout` seconds; None for ever."""
        return self._set(key, value, timeout, version).result()

    async def aset(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Store a value for `timeout` seconds; None for ever."""
        return await self._set(key, value, timeout, version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Let a key expire in `timeout` seconds; return False if there is no such key."""
        return self._touch(key, timeout, version).result()

    async def atouch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Let a key expire in `timeout` seconds; return False if there is no such key."""
        return await self._touch(key, timeout, version)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Remove a key; return whether there was one."""
        return self._delete(key, version).result()

    async def adelete(self, key: Any, version: int | None = None) -> bool:
        """Remove a key; return whether there was one."""
        return await self._delete(key, version)

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """Return a dict of the keys that exist, which are all requested at once."""
        return self._get_many(keys, version).result()

    async def aget_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """Return a dict of the keys that exist, which are all requested at once."""
        return await self._get_many(keys, version)

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        """Store many values at once; return the keys that could not be stored."""
        return self._set_many(data, timeout, version).result()

    async def aset_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        """Store many values at once; return the keys that could not be stored."""
        return await self._set_many(data, timeout, version)

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        """Remove many keys at once."""
        return self._delete_many(keys, version).result()

    async def adelete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        """Remove many keys at once."""
        return await self._delete_many(keys, version)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Return whether a key exists."""
        return self._has_key(key, version).result()

    async def ahas_key(self, key: Any, version: int | None = None) -> bool:
        """Return whether a key exists."""
        return await self._has_key(key, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add to an int atomically and return the new value; its time-out stays."""
        return self._incr(key, delta, version).result()

    async def aincr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add to an int atomically and return the new value; its time-out stays."""
        return await self._incr(key, delta, version)

    def decr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Subtract from an int atomically and return the new value; its time-out stays."""
        return self._decr(key, delta, version).result()

    async def adecr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Subtract from an int atomically and return the new value; its time-out stays."""
        return await self._decr(key, delta, version)

    def clear(self) -> None:
        """Remove all keys of the map, those of other prefixes and versions too."""
        return self._clear().result()

    async def aclear(self) -> None:
        """Remove all keys of the map, those of other prefixes and versions too."""
        return await self._clear()

    def delete_pattern(self, pattern: str, version: int | None = None) -> int:
        """Remove the keys that match a pattern (`*`, `?`, `[a-z]`); return their number."""
        return self._delete_pattern(pattern, version).result()

    async def adelete_pattern(self, pattern: str, version: int | None = None) -> int:
        """Remove the keys that match a pattern (`*`, `?`, `[a-z]`); return their number."""
        return await self._delete_pattern(pattern, version)

    def health(self) -> dict[str, Any]:
        """Call the cluster; return duration, number of members and counters."""
        return self._health().result()

    async def ahealth(self) -> dict[str, Any]:
        """Call the cluster; return duration, number of members and counters."""
        return await self._health()

    # ------------------------------------------------------------------------------------- iteration

    def _prefix(self, version: int | None) -> str:
        """Return what the map's keys begin with, before the caller's key."""
        prefix = self.make_key("", version=version)
        if self.make_key("k", version=version) != f"{prefix}k":
            raise NotImplementedError("patterns need a KEY_FUNCTION that only adds something before the key")
        return prefix

    def iter_keys(self, pattern: str = "*", version: int | None = None) -> Iterator[str]:
        """Iterate over the keys that match a pattern, in bounded memory.

        Args:
            pattern: Pattern of the keys, with `*`, `?` and `[a-z]`.
            version: Version of the keys; None for that of the settings.

        Yields:
            The keys, as they are given to the other methods.
        """
        prefix = self._prefix(version)
        found = self._reply(self._store.reachable_map(), lambda m: m).result()
        if found is not None:
            for key in found.blocking().keys(matching(prefix, pattern)):
                yield key[len(prefix) :]

    async def aiter_keys(self, pattern: str = "*", version: int | None = None) -> AsyncIterator[str]:
        """Iterate over the keys that match a pattern, as `iter_keys()`: `async for key in ...`.

        Args:
            pattern: Pattern of the keys.
            version: Version of the keys; None for that of the settings.

        Yields:
            The keys.
        """
        prefix = self._prefix(version)
        found = await self._reply(self._store.reachable_map(), lambda m: m)
        if found is not None:
            async for key in found.keys(matching(prefix, pattern)):
                yield key[len(prefix) :]

    # ------------------------------------------------------------------------------------------ locks

    def lock(
        self,
        key: Any,
        timeout: float = 60.0,
        blocking_timeout: float | None = None,
        version: int | None = None,
    ) -> CacheLock:
        """Return a lock between all processes that use the cache: `with cache.lock("report"):`.

        `async with` and the methods `aacquire()`, `arelease()` and `aextend()` are for tasks. A lock is never
        ignored: while the cluster is away, it raises an error in spite of `ignore_exceptions`.

        Args:
            key: Name of the lock. Locks and cached keys do not meet.
            timeout: Seconds after which the lock is released even if its holder does not do so.
            blocking_timeout: Seconds that acquiring it may take; None waits without limit.
            version: Version of the key; None for that of the settings.

        Returns:
            A lock that is not held yet. It belongs to one holder.
        """
        return CacheLock(self._locks(), self.make_key(key, version=version), timeout, blocking_timeout)


def _nothing(_: object) -> None:
    return None


def _client_options(server: str | Iterable[str], map_name: str, options: Mapping[str, Any]) -> ClientOptions:
    client: dict[str, Any] = dict(options.get("client") or {})
    if isinstance(server, str):
        server = server.replace(";", ",").split(",")
    addresses = [address.strip() for address in server if address.strip()]
    if addresses:
        client.setdefault("cluster_members", addresses)
    near_cache = options.get("near_cache")
    if near_cache:
        client["near_caches"] = {
            **client.get("near_caches", {}),
            map_name: {} if near_cache is True else near_cache,
        }
    return cast(ClientOptions, client)


def _serializer(given: Any) -> Serializer | None:
    if isinstance(given, str):
        given = import_string(given)
    return cast("Serializer | None", given() if callable(given) else given)


async def health(request: HttpRequest, alias: str = "default") -> JsonResponse:
    """Respond with the health of a cache: a view for load balancers and monitoring.

    Args:
        request: The request.
        alias: Name of the cache in the settings.

    Returns:
        Status 200 with the duration of a call, the number of members and the counters of the circuit breaker,
        or 503 while the cluster is unavailable.
    """
    cache = cast(HazelcastCache, caches[alias])
    try:
        return JsonResponse(await cache.ahealth())
    except Exception as error:
        if not is_unavailable(error):
            raise
        return JsonResponse({"available": False, "error": str(error)}, status=503)
