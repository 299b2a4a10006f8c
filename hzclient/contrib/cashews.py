# What the methods of cashews take and return is mostly untyped.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Backend of cashews that keeps a cache in a Hazelcast map.

::

    from cashews import cache
    from hzclient.contrib.cashews import install

    install()
    cache.setup("hazelcast://10.0.0.1:5701,10.0.0.2:5701/?cluster_name=production")

How values are stored: an `int` as a number, and everything else as the bytes that the serializer of cashews
makes. Sets, lists of `slice_incr` and arrays of bits are texts in JSON, which are changed by compare-and-set.
So is the token of a lock. Reading such a key as a value misses.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Final, TypeVar, cast

from cashews.backends.interface import NOT_EXIST, UNLIMITED, Backend
from cashews.exceptions import CacheBackendInteractionError
from cashews.picklers import PicklerType
from cashews.serialize import DEFAULT_SERIALIZER, Serializer
from cashews.utils import Bitarray
from cashews.wrapper.backend_settings import register_backend

from hzclient.config import ClientOptions
from hzclient.contrib._shared import MISSING, NEVER, RAISE, CacheStore, Reply, matching, options_of_url
from hzclient.contrib._shared.breaker import is_unavailable
from hzclient.contrib._shared.cache import BULK_DEADLINE, DEADLINE
from hzclient.contrib._shared.urls import SCHEME, option_of_text
from hzclient.contrib._shared.values import as_counter
from hzclient.future import Future

__all__ = ("HazelcastBackend", "install")

T = TypeVar("T")

_FOREVER_MS: Final = 1 << 62
"""Times of expiry beyond this one mean that an entry does not expire."""


class _Bytes:
    """What the serializer of cashews makes of values is stored as it is."""

    def dumps(self, obj: Any, /) -> bytes:
        return cast(bytes, obj)

    def loads(self, data: bytes, /) -> bytes:
        return data


class HazelcastBackend(Backend):
    """Backend whose entries are in a Hazelcast map.

    All caches of a process with equal client options share one client, which connects in the background.
    Members let entries expire to the second.

    Args:
        address: `hazelcast://host:port,host:port`, and `user:password@` before that if members want it.
        map_name: Name of the map.
        suppress: Whether reads miss, writes do nothing and locks are free while the cluster is away; if not,
            calls raise `cashews.exceptions.CacheBackendInteractionError`.
        client: Options of `hzclient.HazelcastClient`, which take precedence over those of the URL.
        deadline: Seconds that an operation on keys may take.
        bulk_deadline: Seconds that an operation on the whole map may take.
        failures: Number of consecutive failures after which calls fail at once.
        pause: Seconds between attempts from then on.
        serializer: Serializer of cashews; it pickles if it is left out.
        **options: Options of a `hazelcast` URL, such as `cluster_name`.

    Raises:
        ValueError: The address or an option is wrong.
    """

    def __init__(
        self,
        address: str = "hazelcast://127.0.0.1:5701",
        *,
        map_name: str = "cashews",
        suppress: bool = True,
        client: ClientOptions | None = None,
        deadline: float = DEADLINE,
        bulk_deadline: float = BULK_DEADLINE,
        failures: int = 5,
        pause: float = 5.0,
        serializer: Serializer | None = None,
        **options: Any,
    ) -> None:
        self._codec = serializer or DEFAULT_SERIALIZER
        super().__init__(serializer=self._codec)
        given = {name: option_of_text(name, str(value)) for name, value in options.items()}
        self._suppress = suppress
        self._deadline = deadline
        self._initialized = False
        self._store = CacheStore(
            str(map_name),
            cast(ClientOptions, {**options_of_url(address), **given, **(client or {})}),
            serializer=_Bytes(),
            deadline=deadline,
            bulk_deadline=bulk_deadline,
            failures=failures,
            pause=pause,
        )

    @property
    def is_init(self) -> bool:
        """Whether `init()` was called."""
        return self._initialized

    async def init(self) -> None:
        """Begin. The client connects with the first call."""
        self._initialized = True

    async def close(self) -> None:
        """End. The client is shared, and closed at the end of the process."""
        self._initialized = False

    async def _ask(self, future: Future[Any], fallback: Any) -> Any:
        """Await a call; if the cluster is away, return the fallback or raise the error of cashews."""
        reply: Reply[Any] = Reply(future, lambda got: got, fallback if self._suppress else RAISE)
        try:
            return await reply
        except Exception as error:
            if is_unavailable(error):
                raise CacheBackendInteractionError(str(error)) from error
            raise

    # -------------------------------------------------------------------------------------------- values

    async def _encoded(self, key: str, value: Any, expire: float | None) -> Any:
        return await self._codec.encode(self, key=key, value=value, expire=expire)

    async def _decoded(self, key: str, stored: Any, default: Any) -> Any:
        value = self._store.load(stored)
        if value is MISSING or isinstance(value, str):
            return default
        return await self._codec.decode(self, key=key, value=value, default=default)

    async def set(self, key: str, value: Any, expire: float | None = None, exist: bool | None = None) -> bool:
        """Store a value for `expire` seconds, only if the key is or is not there if `exist` says so."""
        encoded, ttl = await self._encoded(key, value, expire), expire or NEVER
        if exist is None:
            return await self._ask(self._store.set(key, encoded, ttl), MISSING) is not MISSING
        if not exist:
            return bool(await self._ask(self._store.add(key, encoded, ttl), False))
        stored = self._store.dump(encoded, ttl)
        replaced = await self._ask(self._store.map.call(lambda m: m.replace(key, stored)), None)
        if replaced is not None and ttl:
            await self._ask(self._store.map.call(lambda m: m.set_ttl(key, ttl)), False)
        return replaced is not None

    async def set_many(self, pairs: Mapping[str, Any], expire: float | None = None) -> None:
        """Store values, which are all sent at once."""
        encoded = {key: await self._encoded(key, value, expire) for key, value in pairs.items()}
        await self._ask(self._store.set_many(encoded, expire or NEVER), [])

    async def set_raw(self, key: str, value: Any, **kwargs: Any) -> None:
        """Store bytes, a text or a number as it is, for `expire` seconds if that is given."""
        await self._ask(self._store.set(key, value, kwargs.get("expire") or NEVER), None)

    async def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, or the default."""
        return await self._decoded(key, await self._ask(self._store.get(key), None), default)

    async def get_raw(self, key: str) -> Any:
        """Return what is stored, without deserialization; None if nothing is."""
        value = self._store.load(await self._ask(self._store.get(key), None))
        return None if value is MISSING else value

    async def get_many(self, *keys: str, default: Any = None) -> tuple[Any, ...]:
        """Return the values of keys, which are all requested at once."""
        found = await self._ask(self._store.get_many(keys), {})
        return tuple([await self._decoded(key, found.get(key), default) for key in keys])

    async def get_match(self, pattern: str, batch_size: int = 100) -> AsyncIterator[tuple[str, Any]]:
        """Yield keys that match a pattern, and their values, which are requested in batches."""
        keys = [key async for key in self.scan(pattern)]
        for first in range(0, len(keys), batch_size):
            batch = keys[first : first + batch_size]
            values = await self.get_many(*batch, default=MISSING)
            for key, value in zip(batch, values, strict=True):
                if value is not MISSING:
                    yield key, value

    async def exists(self, key: str) -> bool:
        """Return whether a key is there."""
        return await self.get_raw(key) is not None

    async def scan(self, pattern: str, batch_size: int = 100) -> AsyncIterator[str]:
        """Yield the keys that match a pattern with `*`, `?` and `[...]`."""
        found = matching("", pattern)
        for key in await self._ask(self._store.map.call(lambda m: m.key_set(found)), []):
            yield key

    async def incr(self, key: str, value: int = 1, expire: float | None = None) -> int:
        """Add to a number atomically; `expire` has an effect if the key is not there yet."""
        added = self._store.increment(key, value, missing=lambda: 0, ttl=expire or NEVER)
        return int(await self._ask(added, value))

    async def delete(self, key: str) -> bool:
        """Remove a key."""
        removed = await self._ask(self._store.delete(key), None)
        await self._call_on_remove_callbacks(key)
        return removed is not None

    async def delete_many(self, *keys: str) -> None:
        """Remove keys, all at once."""
        await self._ask(self._store.delete_many(keys), [])
        await self._call_on_remove_callbacks(*keys)

    async def delete_match(self, pattern: str) -> None:
        """Remove the keys that match a pattern."""
        keys = [key async for key in self.scan(pattern)]
        if keys:
            await self.delete_many(*keys)

    async def clear(self) -> None:
        """Remove everything."""
        await self._ask(self._store.clear(), None)

    # -------------------------------------------------------------------------------------------- expiry

    async def expire(self, key: str, timeout: float) -> None:
        """Let a key live for `timeout` seconds from now."""
        await self._ask(self._store.touch(key, timeout), False)

    async def get_expire(self, key: str) -> int:
        """Return the seconds that a key lives; -1 if it does not expire, -2 if it is not there."""
        view = await self._ask(self._store.map.call(lambda m: m.get_entry_view(key)), None)
        if view is None or self._store.load(view.value) is MISSING:
            return int(NOT_EXIST)
        left = _left(view)
        return int(UNLIMITED) if left == NEVER else round(left)

    # ------------------------------------------------------------------------------ sets, bits and slices

    async def _change(
        self, key: str, change: Callable[[Any], tuple[Any, T]], expire: float | None, fallback: T
    ) -> T:
        """Replace the structure of a key by compare-and-set. Without `expire`, its time to live stays."""
        ends = time.monotonic() + self._deadline
        while time.monotonic() < ends:
            view = await self._ask(self._store.map.call(lambda m: m.get_entry_view(key)), MISSING)
            if view is MISSING:
                break
            before = None if view is None else view.value
            structure, outcome = change(json.loads(before) if isinstance(before, str) else None)
            ttl = expire or (NEVER if view is None else _left(view))
            if await self._swap(key, before, json.dumps(structure), ttl):
                return outcome
        if self._suppress:
            return fallback
        raise CacheBackendInteractionError(f"{key!r} was changed by others all the time")

    async def _swap(self, key: str, before: Any, after: str, ttl: float) -> bool:
        """Store `after` if the key still has `before`; None stands for no entry."""
        structures = self._store.map
        if before is None:
            return await self._ask(structures.call(lambda m: m.put_if_absent(key, after, ttl)), after) is None
        if not await self._ask(structures.call(lambda m: m.replace_if_same(key, before, after)), False):
            return False
        if ttl:  # members forget it when a value is replaced
            await self._ask(structures.call(lambda m: m.set_ttl(key, ttl)), False)
        return True

    async def _structure(self, key: str) -> Any:
        stored = await self._ask(self._store.get(key), None)
        return json.loads(stored) if isinstance(stored, str) else None

    async def get_bits(self, key: str, *indexes: int, size: int = 1) -> tuple[int, ...]:
        """Return the numbers of `size` bits at some indexes."""
        array = Bitarray(await self._structure(key) or "0", 16)
        return tuple(array.get(index, size) for index in indexes)

    async def incr_bits(self, key: str, *indexes: int, size: int = 1, by: int = 1) -> tuple[int, ...]:
        """Add to the numbers of `size` bits at some indexes, and return them."""

        def change(bits: Any) -> tuple[str, tuple[int, ...]]:
            array = Bitarray(bits or "0", 16)
            for index in indexes:
                array.incr(index, size, by)
            return f"{array.to_int():x}", tuple(array.get(index, size) for index in indexes)

        return await self._change(key, change, None, tuple(0 for _ in indexes))

    async def slice_incr(
        self, key: str, start: float, end: float, maxvalue: int, expire: float | None = None
    ) -> int:
        """Add `end` to the numbers of a key from `start` on, unless there are `maxvalue`; return how many."""

        def change(numbers: Any) -> tuple[list[float], int]:
            kept = [number for number in numbers or () if start <= number < end]
            if len(kept) < maxvalue:
                kept.append(end)
            return kept, len(kept)

        return await self._change(key, change, expire, 0)

    async def set_add(self, key: str, *values: str, expire: float | None = None) -> None:
        """Add to a set."""
        await self._change(key, lambda old: (sorted({*(old or ()), *values}), None), expire, None)

    async def set_remove(self, key: str, *values: str) -> None:
        """Remove from a set."""
        await self._change(key, lambda old: (sorted({*(old or ())} - {*values}), None), None, None)

    async def set_pop(self, key: str, count: int = 100) -> Iterable[str]:
        """Remove up to `count` values from a set, and return them."""

        def change(old: list[str] | None) -> tuple[list[str], list[str]]:
            values = old or []
            return values[count:], values[:count]

        return await self._change(key, change, None, [])

    # --------------------------------------------------------------------------------------------- locks

    async def set_lock(self, key: str, value: Any, expire: float) -> bool:
        """Take a lock for `expire` seconds; return whether it was free."""
        return bool(await self._ask(self._store.add(key, str(value), expire), False))

    async def is_locked(self, key: str, wait: float | None = None, step: float = 0.1) -> bool:
        """Return whether a lock is taken; with `wait`, after waiting so many seconds until it is free."""
        ends = time.monotonic() + (wait or 0)
        while await self.exists(key):
            if time.monotonic() >= ends:
                return True
            await asyncio.sleep(step)
        return False

    async def unlock(self, key: str, value: Any) -> bool:
        """Release a lock, if it was taken with this value."""
        token = str(value)
        removed = self._store.map.call(lambda m: m.remove_if_same(key, token))
        return bool(await self._ask(removed, False))

    # -------------------------------------------------------------------------------------------- health

    async def get_size(self, key: str) -> int:
        """Return the bytes that a member needs for an entry."""
        view = await self._ask(self._store.map.call(lambda m: m.get_entry_view(key)), None)
        return 0 if view is None else int(view.cost)

    async def get_keys_count(self) -> int:
        """Return the number of keys."""
        return int(await self._ask(self._store.map.call(lambda m: m.size()), 0))

    async def ping(self, message: bytes | None = None) -> Any:
        """Call the cluster; return the message, `b"PONG"` without one, and None if the cluster is away."""
        if await self._ask(self._store.has(""), None) is None:
            return None
        return b"PONG" if message is None or message == b"PING" else message


def _left(view: Any) -> float:
    """Return the seconds until an entry expires; `NEVER` if it does not."""
    found = as_counter(view.value)
    if found is not None and found.ends is not None:
        return found.ttl()
    return (
        NEVER if view.expiration_time > _FOREVER_MS else max(view.expiration_time / 1000 - time.time(), 0.001)
    )


def install() -> None:
    """Make `hazelcast://` URLs known to cashews, which has no entry point for that."""
    register_backend(SCHEME, HazelcastBackend, pass_uri=True, pickler=PicklerType.DEFAULT)
