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
    """Reads and writes of one entry each; the member that has the key carries them out."""

    # ---------------------------------------------------------------------------------------- reading

    @operation
    async def get(self, key: KeyType) -> ValueType | None:
        """Returns the value of a key.

        Args:
            key: The key.

        Returns:
            The value; None where the map has no such key.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.GET.encode(self.name, key_data, self._caller_number())
        return await self._invoke(request, self._decode, partition_id=self._partition_id(key_data))

    @operation
    async def contains_key(self, key: KeyType) -> bool:
        """Whether the map has a key."""
        check_not_none(key, NO_KEY)
        return await self._contains_key(self._encode(key))

    def _contains_key(self, key_data: bytes) -> Coroutine[Any, Any, bool]:
        request = codec.CONTAINS_KEY.encode(self.name, key_data, self._caller_number())
        return self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def get_entry_view(self, key: KeyType) -> SimpleEntryView[KeyType, ValueType] | None:
        """Returns an entry with what the member knows about it: times, hits, version.

        Returns:
            The entry as it is now; None where the map has no such key.
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
        """Stores a value and returns the one before. `set` is quicker where that is not needed.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds after which the entry goes; 0 for never, None for what the map is configured to.
            max_idle: Seconds without access after which it goes; 0 and None as for `ttl`.

        Returns:
            The value before; None where there was none.
        """
        request, key_data = self._write(codec.PUT, codec.PUT_WITH_MAX_IDLE, key, value, ttl, max_idle)
        return await self._change(key_data, request, self._decode)

    @operation
    async def set(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> None:
        """Stores a value.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds after which the entry goes; 0 for never, None for what the map is configured to.
            max_idle: Seconds without access after which it goes; 0 and None as for `ttl`.
        """
        request, key_data = self._write(codec.SET, codec.SET_WITH_MAX_IDLE, key, value, ttl, max_idle)
        await self._change(key_data, request)

    @operation
    async def put_transient(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> None:
        """Stores a value in memory only: a map store does not get it.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds after which the entry goes; 0 for never, None for what the map is configured to.
            max_idle: Seconds without access after which it goes; 0 and None as for `ttl`.
        """
        request, key_data = self._write(
            codec.PUT_TRANSIENT, codec.PUT_TRANSIENT_WITH_MAX_IDLE, key, value, ttl, max_idle
        )
        await self._change(key_data, request)

    @operation
    async def put_if_absent(
        self, key: KeyType, value: ValueType, ttl: float | None = None, max_idle: float | None = None
    ) -> ValueType | None:
        """Stores a value where the key has none.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds after which the entry goes; 0 for never, None for what the map is configured to.
            max_idle: Seconds without access after which it goes; 0 and None as for `ttl`.

        Returns:
            The value that was there, which stays; None where there was none.
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
        """The request that stores a value, and the serialized key."""
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
        """Stores a value, unless somebody else has the lock of the key for too long.

        Args:
            key: The key.
            value: The value.
            timeout: Seconds to wait for the lock; 0 for not at all.

        Returns:
            Whether it was stored.
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
        """Stores a value where the key has one.

        Returns:
            The value before; None where there was none, and nothing was stored.
        """
        check_not_none(key, NO_KEY)
        check_not_none(value, NO_VALUE)
        key_data = self._encode(key)
        request = codec.REPLACE.encode(self.name, key_data, self._encode(value), self._caller_number())
        return await self._change(key_data, request, self._decode)

    @operation
    async def replace_if_same(self, key: KeyType, old_value: ValueType, new_value: ValueType) -> bool:
        """Stores a value where the key has a certain one.

        Args:
            key: The key.
            old_value: The value that it must have; compared by its serialized form.
            new_value: The value that it gets then.

        Returns:
            Whether it was stored.
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
        """Gives an entry another time to live, from now on.

        Args:
            key: The key.
            ttl: Seconds after which the entry goes; 0 for never, negative for what the map is
                configured to.

        Returns:
            False where the map has no such key.
        """
        check_not_none(key, NO_KEY)
        check_not_none(ttl, "a time to live must not be None")
        key_data = self._encode(key)
        request = codec.SET_TTL.encode(self.name, key_data, to_millis(ttl))
        return await self._change(key_data, request)

    # --------------------------------------------------------------------------------------- removing

    @operation
    async def remove(self, key: KeyType) -> ValueType | None:
        """Removes an entry and returns its value. `delete` is quicker where that is not needed.

        Returns:
            The value; None where there was none.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.REMOVE.encode(self.name, key_data, self._caller_number())
        return await self._change(key_data, request, self._decode)

    @operation
    async def remove_if_same(self, key: KeyType, value: ValueType) -> bool:
        """Removes an entry where it has a certain value.

        Args:
            key: The key.
            value: The value that it must have; compared by its serialized form.

        Returns:
            Whether it was removed.
        """
        check_not_none(key, NO_KEY)
        check_not_none(value, NO_VALUE)
        key_data = self._encode(key)
        request = codec.REMOVE_IF_SAME.encode(self.name, key_data, self._encode(value), self._caller_number())
        return await self._change(key_data, request)

    @operation
    async def delete(self, key: KeyType) -> None:
        """Removes an entry."""
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.DELETE.encode(self.name, key_data, self._caller_number())
        await self._change(key_data, request)

    @operation
    async def try_remove(self, key: KeyType, timeout: float = 0) -> bool:
        """Removes an entry, unless somebody else has its lock for too long.

        Args:
            key: The key.
            timeout: Seconds to wait for the lock; 0 for not at all.

        Returns:
            Whether it was removed.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.TRY_REMOVE.encode(self.name, key_data, self._caller_number(), to_millis(timeout))
        return await self._change(key_data, request)

    @operation
    async def evict(self, key: KeyType) -> bool:
        """Removes an entry from memory; a map store keeps it.

        Returns:
            False where it is locked or not there.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = codec.EVICT.encode(self.name, key_data, self._caller_number())
        return await self._change(key_data, request)
