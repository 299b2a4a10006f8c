"""Operations of the map on one entry."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Generic

from hzclient._codec import map as codec
from hzclient._protocol.message import Method, Request
from hzclient._runtime.faces import operation
from hzclient.core import SimpleEntryView
from hzclient.proxy._map_changes import ChangingOperations
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none, to_millis

NO_KEY = "a key must not be None"
NO_VALUE = "a value must not be None"


class EntryOperations(ChangingOperations, Generic[KeyType, ValueType]):
    """Reads and writes of single entries, which the member that owns the key carries out."""

    # ---------------------------------------------------------------------------------------- reading

    @operation
    async def get(self, key: KeyType) -> ValueType | None:
        """Return the value of a key.

        Args:
            key: The key.

        Returns:
            The value; None if the map does not have the key.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.GET.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def contains_key(self, key: KeyType) -> bool:
        """Return whether the map has a key.

        Args:
            key: The key.

        Returns:
            True if the map has the key.
        """
        check_not_none(key, NO_KEY)
        return await self._contains_key(self._encode(key))

    def _contains_key(self, key_data: bytes) -> Coroutine[Any, Any, bool]:
        request = codec.CONTAINS_KEY.encode(self.name, key_data, self._caller_number())
        return self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def get_entry_view(self, key: KeyType) -> SimpleEntryView[KeyType, ValueType] | None:
        """Return an entry together with its metadata: times, hits, and version.

        Args:
            key: The key.

        Returns:
            A snapshot of the entry; None if the map does not have the key.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.GET_ENTRY_VIEW.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, self._entry_view, partition_id=self._partition_id(key_data))

    def _entry_view(self, response: codec.GetEntryViewResponse) -> SimpleEntryView[KeyType, ValueType] | None:
        view = response.response
        if view is None:
            return None
        return SimpleEntryView(
            self._decode(view.key),
            self._decode(view.value),
            view.cost,
            view.creation_time,
            view.expiration_time,
            view.hits,
            view.last_access_time,
            view.last_stored_time,
            view.last_update_time,
            view.version,
            view.ttl,
            response.max_idle,
        )

    # ---------------------------------------------------------------------------------------- writing

    @operation
    async def put(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> ValueType | None:
        """Store a value and return the previous one. Prefer `set`, which is faster, if you do not need it.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds until the entry expires; 0 for never, None for the default of the map's
                configuration.
            max_idle: Seconds without access until the entry expires; 0 and None as for `ttl`.

        Returns:
            The previous value; None if there was none.
        """
        request, key_data = self._write(codec.PUT, codec.PUT_WITH_MAX_IDLE, key, value, ttl, max_idle)
        return await self._change(key_data, request, self._decode)

    @operation
    async def set(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> None:
        """Store a value.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds until the entry expires; 0 for never, None for the default of the map's
                configuration.
            max_idle: Seconds without access until the entry expires; 0 and None as for `ttl`.
        """
        request, key_data = self._write(codec.SET, codec.SET_WITH_MAX_IDLE, key, value, ttl, max_idle)
        await self._change(key_data, request)

    @operation
    async def put_transient(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> None:
        """Store a value in memory only, without writing it to a map store.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds until the entry expires; 0 for never, None for the default of the map's
                configuration.
            max_idle: Seconds without access until the entry expires; 0 and None as for `ttl`.
        """
        request, key_data = self._write(
            codec.PUT_TRANSIENT, codec.PUT_TRANSIENT_WITH_MAX_IDLE, key, value, ttl, max_idle
        )
        await self._change(key_data, request)

    @operation
    async def put_if_absent(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> ValueType | None:
        """Store a value unless the key has one already.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds until the entry expires; 0 for never, None for the default of the map's
                configuration.
            max_idle: Seconds without access until the entry expires; 0 and None as for `ttl`.

        Returns:
            The existing value, which stays; None if there was none and `value` was stored.
        """
        request, key_data = self._write(
            codec.PUT_IF_ABSENT, codec.PUT_IF_ABSENT_WITH_MAX_IDLE, key, value, ttl, max_idle
        )
        return await self._change(key_data, request, self._decode)

    def _write(
        self,
        plain: Method[[str, bytes, bytes, int, int], Any],
        with_max_idle: Method[[str, bytes, bytes, int, int, int], Any],
        key: KeyType,
        value: ValueType,
        ttl: float | None,
        max_idle: float | None,
    ) -> tuple[Request[Any], bytes]:
        """Return the request that stores a value, and the serialized key."""
        check_not_none(key, NO_KEY)
        check_not_none(value, NO_VALUE)
        key_data, value_data, caller = self._encode(key), self._encode(value), self._caller_number()
        if max_idle is None:
            return plain.encode(self.name, key_data, value_data, caller, to_millis(ttl)), key_data
        request = with_max_idle.encode(
            self.name, key_data, value_data, caller, to_millis(ttl), to_millis(max_idle)
        )
        return request, key_data

    @operation
    async def try_put(self, key: KeyType, value: ValueType, timeout: float = 0) -> bool:
        """Store a value unless another caller holds the lock of the key.

        Args:
            key: The key.
            value: The value.
            timeout: Seconds to wait for the lock; 0 does not wait.

        Returns:
            True if the value was stored; False if the lock was not released in time.
        """
        check_not_none(key, NO_KEY)
        check_not_none(value, NO_VALUE)
        key_data, value_data = self._encode(key), self._encode(value)
        request = codec.TRY_PUT.encode(
            self.name, key_data, value_data, self._caller_number(), to_millis(timeout)
        )
        return await self._change(key_data, request)

    @operation
    async def replace(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Store a value if the key has one already.

        Args:
            key: The key.
            value: The value.

        Returns:
            The previous value; None if there was none and nothing was stored.
        """
        check_not_none(key, NO_KEY)
        check_not_none(value, NO_VALUE)
        key_data = self._encode(key)
        request = codec.REPLACE.encode(self.name, key_data, self._encode(value), self._caller_number())
        return await self._change(key_data, request, self._decode)

    @operation
    async def replace_if_same(self, key: KeyType, old_value: ValueType, new_value: ValueType) -> bool:
        """Store a value if the key currently has a given one.

        Args:
            key: The key.
            old_value: The expected value; values are compared by their serialized form.
            new_value: The value to store.

        Returns:
            True if the value was stored.
        """
        check_not_none(key, NO_KEY)
        check_not_none(old_value, NO_VALUE)
        check_not_none(new_value, NO_VALUE)
        key_data = self._encode(key)
        request = codec.REPLACE_IF_SAME.encode(
            self.name, key_data, self._encode(old_value), self._encode(new_value), self._caller_number()
        )
        return await self._change(key_data, request)

    @operation
    async def set_ttl(self, key: KeyType, ttl: float) -> bool:
        """Change the time to live of an entry, counted from now.

        Args:
            key: The key.
            ttl: Seconds until the entry expires; 0 for never, negative for the default of the map's
                configuration.

        Returns:
            False if the map does not have the key.
        """
        check_not_none(key, NO_KEY)
        check_not_none(ttl, "a time to live must not be None")
        key_data = self._encode(key)
        request = codec.SET_TTL.encode(self.name, key_data, to_millis(ttl))
        return await self._change(key_data, request)

    # --------------------------------------------------------------------------------------- removing

    @operation
    async def remove(self, key: KeyType) -> ValueType | None:
        """Remove an entry and return its value. Prefer `delete`, which is faster, if you do not need it.

        Args:
            key: The key.

        Returns:
            The removed value; None if there was none.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.REMOVE.encode(self.name, key_data, self._caller_number())
        return await self._change(key_data, request, self._decode)

    @operation
    async def remove_if_same(self, key: KeyType, value: ValueType) -> bool:
        """Remove an entry if it currently has a given value.

        Args:
            key: The key.
            value: The expected value; values are compared by their serialized form.

        Returns:
            True if the entry was removed.
        """
        check_not_none(key, NO_KEY)
        check_not_none(value, NO_VALUE)
        key_data = self._encode(key)
        request = codec.REMOVE_IF_SAME.encode(self.name, key_data, self._encode(value), self._caller_number())
        return await self._change(key_data, request)

    @operation
    async def delete(self, key: KeyType) -> None:
        """Remove an entry.

        Args:
            key: The key.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.DELETE.encode(self.name, key_data, self._caller_number())
        await self._change(key_data, request)

    @operation
    async def try_remove(self, key: KeyType, timeout: float = 0) -> bool:
        """Remove an entry unless another caller holds the lock of the key.

        Args:
            key: The key.
            timeout: Seconds to wait for the lock; 0 does not wait.

        Returns:
            True if an entry was removed; False if the map does not have the key or the lock was not released
            in time.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.TRY_REMOVE.encode(self.name, key_data, self._caller_number(), to_millis(timeout))
        return await self._change(key_data, request)

    @operation
    async def evict(self, key: KeyType) -> bool:
        """Remove an entry from memory, but not from a map store.

        Args:
            key: The key.

        Returns:
            False if the entry is locked or the map does not have it.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.EVICT.encode(self.name, key_data, self._caller_number())
        return await self._change(key_data, request)
