"""The map within a transaction."""

from __future__ import annotations

from typing import Generic

from hzclient._codec import transactional_map as codec
from hzclient._runtime.faces import AsyncioFace, operation
from hzclient.predicate import Predicate
from hzclient.proxy._transactional import TransactionalOperations
from hzclient.proxy.base import TransactionalProxy
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none, to_millis

__all__ = ("AsyncTransactionalMap", "TransactionalMap", "TransactionalMapOperations")

_NO_KEY = "a key must not be None"
_NO_VALUE = "a value must not be None"


class TransactionalMapOperations(TransactionalOperations, Generic[KeyType, ValueType]):
    """A distributed map within a transaction. What is written stays locked until the transaction ends."""

    @operation
    async def contains_key(self, key: KeyType) -> bool:
        """Whether the map has a key."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.CONTAINS_KEY, self._encode(key))

    @operation
    async def get(self, key: KeyType) -> ValueType | None:
        """The value of a key; None where the map has no such key."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.GET, self._encode(key), result=self._decode)

    @operation
    async def get_for_update(self, key: KeyType) -> ValueType | None:
        """The value of a key, which stays locked until the transaction ends."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.GET_FOR_UPDATE, self._encode(key), result=self._decode)

    @operation
    async def size(self) -> int:
        """The number of entries, as the transaction sees them."""
        return await self._call(codec.SIZE)

    @operation
    async def is_empty(self) -> bool:
        """Whether there is no entry, as the transaction sees it."""
        return await self._call(codec.IS_EMPTY)

    @operation
    async def put(self, key: KeyType, value: ValueType, ttl: float | None = None) -> ValueType | None:
        """Stores a value and returns the one before.

        Args:
            key: The key.
            value: The value.
            ttl: Seconds after which the entry goes; 0 for never, None for what the map is configured to.

        Returns:
            The value before; None where there was none.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        key_data, value_data = self._encode(key), self._encode(value)
        return await self._call(codec.PUT, key_data, value_data, to_millis(ttl), result=self._decode)

    @operation
    async def put_if_absent(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Stores a value where the key has none; returns the one that was there."""
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        data = self._encode(key), self._encode(value)
        return await self._call(codec.PUT_IF_ABSENT, *data, result=self._decode)

    @operation
    async def set(self, key: KeyType, value: ValueType) -> None:
        """Stores a value."""
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        await self._call(codec.SET, self._encode(key), self._encode(value))

    @operation
    async def replace(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Stores a value where the key has one; returns the one before."""
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        return await self._call(codec.REPLACE, self._encode(key), self._encode(value), result=self._decode)

    @operation
    async def replace_if_same(self, key: KeyType, old_value: ValueType, new_value: ValueType) -> bool:
        """Stores a value where the key has a certain one.

        Returns:
            Whether it was stored.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(old_value, _NO_VALUE)
        check_not_none(new_value, _NO_VALUE)
        data = (self._encode(value) for value in (key, old_value, new_value))
        return await self._call(codec.REPLACE_IF_SAME, *data)

    @operation
    async def remove(self, key: KeyType) -> ValueType | None:
        """Removes an entry and returns its value; None where there was none."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.REMOVE, self._encode(key), result=self._decode)

    @operation
    async def remove_if_same(self, key: KeyType, value: ValueType) -> bool:
        """Removes an entry where it has a certain value.

        Returns:
            Whether it was removed.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        return await self._call(codec.REMOVE_IF_SAME, self._encode(key), self._encode(value))

    @operation
    async def delete(self, key: KeyType) -> None:
        """Removes an entry."""
        check_not_none(key, _NO_KEY)
        await self._call(codec.DELETE, self._encode(key))

    @operation
    async def key_set(self, predicate: Predicate | None = None) -> list[KeyType]:
        """The keys, as the transaction sees them.

        Args:
            predicate: Only those of entries that it matches.
        """
        if predicate is None:
            return await self._call(codec.KEY_SET, result=self._items)
        return await self._call(codec.KEY_SET_WITH_PREDICATE, self._encode(predicate), result=self._items)

    @operation
    async def values(self, predicate: Predicate | None = None) -> list[ValueType]:
        """The values, as the transaction sees them.

        Args:
            predicate: Only those of entries that it matches.
        """
        if predicate is None:
            return await self._call(codec.VALUES, result=self._items)
        return await self._call(codec.VALUES_WITH_PREDICATE, self._encode(predicate), result=self._items)


class AsyncTransactionalMap(TransactionalMapOperations[KeyType, ValueType], AsyncioFace):
    """A map within a transaction; its operations are coroutine methods."""


class TransactionalMap(TransactionalProxy, TransactionalMapOperations[KeyType, ValueType]):
    """A map within a transaction; its operations return when they are done."""
