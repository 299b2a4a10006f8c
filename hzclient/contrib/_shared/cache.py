"""A cache in a map: the operations that all frameworks' caches need, each written once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from hzclient import aggregator, predicate
from hzclient.config import ClientOptions
from hzclient.contrib._shared.guarded import Guarded, guarded_map
from hzclient.contrib._shared.steps import Steps, run_steps
from hzclient.contrib._shared.values import (
    MISSING,
    Counter,
    PickleSerializer,
    Serializer,
    as_counter,
    counter,
    decode,
    encode,
    is_counter,
)
from hzclient.errors import OperationTimeoutError
from hzclient.future import Future, combine_futures
from hzclient.predicate import Predicate
from hzclient.proxy.map import Map

T = TypeVar("T")

DEADLINE: Final = 1.0
"""Seconds that an operation on given keys may take, by default."""

BULK_DEADLINE: Final = 10.0
"""Seconds that an operation on the whole map may take, by default."""


class CacheStore:
    """Keys and values of a cache, in a map of the shared client.

    Every method returns a future. Values come as they are stored: `load()` makes values of them, in the
    thread of whoever waits and not in that of the client.

    Args:
        map_name: Name of the map.
        options: Options of the client.
        serializer: For values that are neither `str` nor `int`; None pickles them.
        deadline: Seconds that an operation on given keys may take.
        bulk_deadline: Seconds that an operation on the whole map may take.
        failures: Number of consecutive failures after which calls fail at once.
        pause: Seconds between attempts from then on.

    Attributes:
        map: The map.
    """

    def __init__(
        self,
        map_name: str,
        options: ClientOptions,
        *,
        serializer: Serializer | None = None,
        deadline: float = DEADLINE,
        bulk_deadline: float = BULK_DEADLINE,
        failures: int = 5,
        pause: float = 5.0,
    ) -> None:
        self.map: Guarded[Map[str, Any]] = guarded_map(
            map_name, options, deadline=deadline, failures=failures, pause=pause
        )
        self._serializer = serializer or PickleSerializer()
        self._deadline = deadline
        self._bulk_deadline = bulk_deadline

    def load(self, stored: Any) -> Any:
        """Return the value of what is stored; `MISSING` if there is none."""
        return decode(stored, self._serializer)

    def dump(self, value: Any, ttl: float) -> Any:
        """Return what to store for a value that lives for `ttl` seconds, or for ever if that is `NEVER`."""
        return encode(value, ttl, self._serializer)

    def load_many(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of stored entries, without those that have expired."""
        values = {key: self.load(each) for key, each in stored.items()}
        return {key: value for key, value in values.items() if value is not MISSING}

    # ------------------------------------------------------------------------------------- given keys

    def get(self, key: str) -> Future[Any]:
        """Return what is stored; None if nothing is."""
        return self.map.call(lambda m: m.get(key))

    def get_many(self, keys: Iterable[str]) -> Future[dict[str, Any]]:
        """Return what is stored for many keys, which are all requested at once."""
        wanted = list(keys)
        return self.map.call(lambda m: m.get_all(wanted))

    def has(self, key: str) -> Future[bool]:
        """Return whether the map has a key."""
        return self.map.call(lambda m: m.contains_key(key))

    def set(self, key: str, value: Any, ttl: float) -> Future[None]:
        """Store a value for `ttl` seconds, or for ever if that is `NEVER`."""
        stored = self.dump(value, ttl)
        return self.map.call(lambda m: m.set(key, stored, ttl))

    def set_many(self, values: Mapping[str, Any], ttl: float) -> Future[list[None]]:
        """Store many values, which are all sent at once."""
        stored = {key: self.dump(value, ttl) for key, value in values.items()}
        return self.map.call(
            lambda m: combine_futures([m.set(key, each, ttl) for key, each in stored.items()])
        )

    @run_steps
    def add(self, key: str, value: Any, ttl: float) -> Steps[bool]:
        """Store a value unless there is one already, and return whether it was stored."""
        stored = self.dump(value, ttl)
        for _ in self._attempts():
            present = yield self.map.call(lambda m: m.put_if_absent(key, stored, ttl))
            if present is None:
                return True
            found = as_counter(present)
            if found is None or not found.expired:
                break
            yield self._remove_if_same(key, present)
        return False

    def delete(self, key: str) -> Future[Any]:
        """Remove a key, and return what was stored; None if nothing was."""
        return self.map.call(lambda m: m.remove(key))

    def delete_many(self, keys: Iterable[str]) -> Future[list[Any]]:
        """Remove many keys, which are all sent at once, and return what was stored for each."""
        unwanted = list(keys)
        return self.map.call(lambda m: combine_futures([m.remove(key) for key in unwanted]))

    @run_steps
    def touch(self, key: str, ttl: float) -> Steps[bool]:
        """Let a value live for `ttl` seconds from now, and return whether there is one."""
        for _ in self._attempts():
            stored = yield self.get(key)
            found = as_counter(stored)
            if stored is None or (found is not None and found.expired):
                break
            if found is None or (yield self._replace(key, found, counter(found.number, ttl))):
                return bool((yield self._set_ttl(key, ttl)))
        return False

    @run_steps
    def increment(
        self, key: str, delta: int, *, missing: Callable[[], int] | None = None, ttl: float = 0.0
    ) -> Steps[int]:
        """Add to an `int` atomically, and return the new value. Its time to live stays.

        If there is no value, the future fails with `KeyError`, or `missing()` is what to start with, and
        `ttl` the time to live. It fails with `TypeError` if the value is not an `int`, and with
        `OverflowError` if the new value has more than 64 bits.
        """
        for _ in self._attempts():
            stored = yield self.get(key)
            old = as_counter(stored)
            if stored is None or (old is not None and old.expired):
                if missing is None:
                    raise KeyError(key)
                first = _in_range(missing() + delta)
                if (yield self.add(key, first, ttl)):
                    return first
                continue
            if old is None:
                raise TypeError(
                    f"the value of {key!r} is not an int of at most 64 bits, so it cannot be incremented"
                )
            new = Counter(_in_range(old.number + delta), old.ends)
            if (yield self._replace(key, old, new)):
                if new.ends is not None:
                    yield self._set_ttl(key, max(new.ttl(), 0.001))
                return new.number
        raise AssertionError("unreachable")

    def _replace(self, key: str, old: Counter, new: Counter) -> Future[Any]:
        before, after = old.stored(), new.stored()
        return self.map.call(lambda m: m.replace_if_same(key, before, after))

    def _remove_if_same(self, key: str, stored: Any) -> Future[bool]:
        return self.map.call(lambda m: m.remove_if_same(key, stored))

    def _set_ttl(self, key: str, ttl: float) -> Future[bool]:
        return self.map.call(lambda m: m.set_ttl(key, ttl))

    def _attempts(self) -> Iterator[None]:
        """Yield until the deadline, so that what loses against others does not go on for ever."""
        ends = time.monotonic() + self._deadline
        yield
        while time.monotonic() < ends:
            yield
        raise OperationTimeoutError(f"others changed the value all the time, for {self._deadline} s")

    # ------------------------------------------------------------------------------------- whole map

    def clear(self) -> Future[None]:
        """Remove everything."""
        return self.map.call(lambda m: self._unhurried(m).clear())

    @run_steps
    def delete_matching(self, keys: Predicate) -> Steps[int]:
        """Remove the entries that match a predicate; return how many matched immediately before."""
        found: int = yield self.map.call(lambda m: self._unhurried(m).aggregate(aggregator.count(), keys))
        if found:
            yield self.map.call(lambda m: self._unhurried(m).remove_all(keys))
        return found

    @run_steps
    def reachable_map(self) -> Steps[Map[str, Any]]:
        """Return the map itself, to iterate over it, after a call that shows that the cluster is there."""
        found: list[Map[str, Any]] = []

        def use(m: Map[str, Any]) -> Future[Any]:
            found.append(self._unhurried(m))
            answer: Future[Any] = m.contains_key("")
            return answer

        yield self.map.call(use)
        return found[0]

    def _unhurried(self, m: Map[str, Any]) -> Map[str, Any]:
        return m.with_timeout(self._bulk_deadline)

    # ---------------------------------------------------------------------------------------- health

    @run_steps
    def health(self) -> Steps[dict[str, Any]]:
        """Call the cluster, and return how long that took, and what the circuit breaker has counted."""
        started = time.monotonic()
        yield self.has("")
        seconds = time.monotonic() - started
        members = len(self.map.client.cluster_service.get_members())
        return {"available": True, "seconds": seconds, "members": members, **self.map.breaker.statistics()}


def _in_range(number: int) -> int:
    if not is_counter(number):
        raise OverflowError(f"{number} has more than 64 bits")
    return number


def matching(prefix: str, pattern: str = "*") -> Predicate:
    """Return a predicate for keys.

    Args:
        prefix: What the keys begin with, literally.
        pattern: The rest of the keys, with `*` for any characters, `?` for one character and `[abc]` or
            `[!abc]` for one of those characters, or none of those.

    Returns:
        The predicate.
    """
    return predicate.regex("__key", "(?s)" + _quoted(prefix) + "".join(_translated(pattern)))


def _translated(pattern: str) -> Iterator[str]:
    """Yield parts of a Java regular expression."""
    position = 0
    while position < len(pattern):
        character = pattern[position]
        end = pattern.find("]", position + 2) if character == "[" else -1
        if end > 0:
            chosen = pattern[position + 1 : end]
            negated = chosen.startswith("!") and len(chosen) > 1
            chosen = chosen[1:] if negated else chosen
            yield "[" + ("^" if negated else "") + "-".join(_quoted(each) for each in chosen.split("-")) + "]"
            position = end
        else:
            yield {"*": ".*", "?": "."}.get(character) or _quoted(character)
        position += 1


def _quoted(text: str) -> str:
    return "".join(each if each.isalnum() or not each.isascii() else f"\\{each}" for each in text)
