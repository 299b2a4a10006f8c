# aiocache has no types: its base class and what it returns cannot be checked.
# pyright: reportUntypedBaseClass=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
"""Cache of aiocache in a Hazelcast map.

::

    from aiocache import cached
    from hzclient.contrib.aiocache import HazelcastCache

    @cached(ttl=60, cache=HazelcastCache, members=["10.0.0.1:5701"], namespace="shop")
    async def price(item: str) -> float: ...
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, cast
from weakref import WeakKeyDictionary, WeakValueDictionary

from aiocache import AIOCACHE_CACHES
from aiocache.base import BaseCache
from aiocache.serializers import JsonSerializer

from hzclient.config import ClientOptions
from hzclient.contrib._shared import MISSING, NEVER, CacheStore, matching
from hzclient.contrib._shared.cache import BULK_DEADLINE, DEADLINE

__all__ = ("HazelcastCache",)


class _Bytes:
    """What aiocache's serializers make of values is stored as it is."""

    def dumps(self, obj: Any, /) -> bytes:
        if not isinstance(obj, bytes):
            raise TypeError(
                f"a HazelcastCache stores str, int and bytes, not {type(obj).__name__}: give it a serializer "
                "such as aiocache.serializers.PickleSerializer"
            )
        return obj

    def loads(self, data: bytes, /) -> bytes:
        return data


class HazelcastCache(BaseCache):
    """Cache whose entries are in a Hazelcast map. If no `serializer` is given, values are stored as JSON.

    All caches of a process with equal client options share one client, which connects in the background.
    While the cluster is away, calls fail within the deadline, and after some failures at once.

    Args:
        members: Addresses `host:port` of members, as a list or separated by commas.
        map_name: Name of the map.
        client: Options of `hzclient.HazelcastClient`, such as `cluster_name`.
        deadline: Seconds that an operation on keys may take.
        bulk_deadline: Seconds that `clear()` may take.
        failures: Number of consecutive failures after which calls fail at once.
        pause: Seconds between attempts from then on.
        serializer: A serializer of aiocache.
        **kwargs: Arguments of aiocache's `BaseCache`: `namespace`, `ttl`, `timeout`, `plugins` and
            `key_builder`.
    """

    NAME = "hazelcast"

    def __init__(
        self,
        members: str | Iterable[str] = ("127.0.0.1:5701",),
        *,
        map_name: str = "aiocache",
        client: ClientOptions | None = None,
        deadline: float = DEADLINE,
        bulk_deadline: float = BULK_DEADLINE,
        failures: int = 5,
        pause: float = 5.0,
        serializer: Any = None,
        **kwargs: Any,
    ) -> None:
        endpoint, port = kwargs.pop("endpoint", None), kwargs.pop("port", None)  # of a URL
        super().__init__(serializer=serializer or JsonSerializer(), **kwargs)
        addresses = members.split(",") if isinstance(members, str) else list(members)
        if endpoint is not None:
            addresses = [f"{endpoint}:{port or 5701}"]
        self._store = CacheStore(
            map_name,
            cast(ClientOptions, {"cluster_members": addresses, **(client or {})}),
            serializer=_Bytes(),
            deadline=float(deadline),  # in a URL, it is a text
            bulk_deadline=float(bulk_deadline),
            failures=int(failures),
            pause=float(pause),
        )

    def __repr__(self) -> str:
        return f"HazelcastCache ({self._store.map!r})"

    @classmethod
    def parse_uri_path(cls, path: str) -> dict[str, Any]:
        """Return the options that the path of a URL stands for: the name of the map."""
        name = path.strip("/")
        return {"map_name": name} if name else {}

    async def _get(self, key: str, encoding: str | None = "utf-8", _conn: Any = None) -> Any:
        return self._loaded(await self._store.get(key), encoding)

    async def _gets(self, key: str, encoding: str | None = "utf-8", _conn: Any = None) -> Any:
        return await self._get(key, encoding)

    async def _multi_get(
        self, keys: Sequence[str], encoding: str | None = "utf-8", _conn: Any = None
    ) -> list[Any]:
        found = await self._store.get_many(keys)
        return [self._loaded(found.get(key), encoding) for key in keys]

    async def _set(
        self, key: str, value: Any, ttl: float | None = None, _cas_token: Any = None, _conn: Any = None
    ) -> Any:
        if _cas_token is not None:
            return await self._replace(key, _cas_token, value, ttl)
        await self._store.set(key, _storable(value), ttl or NEVER)
        return True

    async def _replace(self, key: str, token: Any, value: Any, ttl: float | None) -> bool:
        """Replace the value that `_gets()` returned, unless it was changed meanwhile."""
        before = await self._store.get(key)
        if self._loaded(before, None if isinstance(token, bytes) else "utf-8") != token:
            return False
        after = self._store.dump(_storable(value), ttl or NEVER)
        if not await self._store.map.call(lambda m: m.replace_if_same(key, before, after)):
            return False
        if ttl:
            await self._store.touch(key, ttl)
        return True

    async def _multi_set(
        self, pairs: Iterable[tuple[str, Any]], ttl: float | None = None, _conn: Any = None
    ) -> bool:
        await self._store.set_many({key: _storable(value) for key, value in pairs}, ttl or NEVER)
        return True

    async def _add(self, key: str, value: Any, ttl: float | None = None, _conn: Any = None) -> bool:
        async with _turn(key):
            added = await self._store.add(key, _storable(value), ttl or NEVER)
        if not added:
            raise ValueError(f"Key {key} already exists, use .set to update the value")
        return True

    async def _exists(self, key: str, _conn: Any = None) -> bool:
        return bool(await self._store.has(key))

    async def _increment(self, key: str, delta: int, _conn: Any = None) -> int:
        try:
            return int(await self._store.increment(key, delta, missing=lambda: 0))
        except TypeError:
            raise TypeError("Value is not an integer") from None

    async def _expire(self, key: str, ttl: float, _conn: Any = None) -> bool:
        return bool(await self._store.touch(key, ttl or NEVER))

    async def _delete(self, key: str, _conn: Any = None) -> int:
        return int(await self._store.delete(key) is not None)

    async def _clear(self, namespace: str | None = None, _conn: Any = None) -> bool:
        if namespace:
            await self._store.delete_matching(matching(namespace))
        else:
            await self._store.clear()
        return True

    async def _raw(
        self, command: str, *args: Any, encoding: str | None = "utf-8", _conn: Any = None, **kwargs: Any
    ) -> Any:
        """Call a method of the map."""
        return await self._store.map.call(lambda m: getattr(m, command)(*args, **kwargs))

    async def _redlock_release(self, key: str, value: Any) -> int:
        async with _turn(key):
            return int(await self._store.map.call(lambda m: m.remove_if_same(key, value)))

    async def _close(self, *args: Any, _conn: Any = None, **kwargs: Any) -> None:
        """Do nothing: the client is shared, and closed at the end of the process."""

    def _loaded(self, stored: Any, encoding: str | None) -> Any:
        """Return what aiocache's serializer reads: text, or bytes if it has no encoding."""
        value = self._store.load(stored)
        if value is MISSING:
            return None
        if isinstance(value, int):
            value = str(value)
        if isinstance(value, bytes):
            return value if encoding is None else value.decode(encoding)
        return value.encode() if encoding is None and isinstance(value, str) else value


def _storable(value: Any) -> Any:
    """Return what to store: for the decimal text of a number the number, so that it can be incremented."""
    if type(value) is str and len(value) < 20 and value.lstrip("-").isdecimal() and str(int(value)) == value:
        return int(value)
    return value


# `RedLock` keeps an event per key, which it makes after `_add()` and sets after `_redlock_release()`. A
# caller that is refused looks for the event, and goes on without the lock if there is none. Since responses
# may arrive in any order, these calls take turns on each event loop. The caller whose call has ended runs on
# before the next call begins, because `asyncio.Lock.release()` only schedules the task that waits.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[str, asyncio.Lock]] = (
    WeakKeyDictionary()
)


def _turn(key: str) -> asyncio.Lock:
    """Return the lock of a key for this event loop. It lives as long as somebody holds or awaits it."""
    locks = _turns.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    return locks.setdefault(key, asyncio.Lock())


# For `Cache.from_url("hazelcast://host:port/map")`.
AIOCACHE_CACHES.setdefault(HazelcastCache.NAME, HazelcastCache)
