"""The map inside a transaction."""

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
    """A distributed map inside a transaction. Written entries stay locked until the transaction ends."""

    @operation
    async def contains_key(self, key: KeyType) -> bool:
        """Return True if the map has the key."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.CONTAINS_KEY, self._encode(key))

    @operation
    async def get(self, key: KeyType) -> ValueType | None:
        """Return the value of a key, or None if the map has no such key."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.GET, self._encode(key), result=self._decode)

    @operation
    async def get_for_update(self, key: KeyType) -> ValueType | None:
        """Return the value of a key, which stays locked until the transaction ends."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.GET_FOR_UPDATE, self._encode(key), result=self._decode)

    @operation
    async def size(self) -> int:
        """Return the number of entries, as the transaction sees them."""
        return await self._call(codec.SIZE)

    @operation
    async def is_empty(self) -> bool:
        """Return True if there are no entries, as the transaction sees them."""
        return await self._call(codec.IS_EMPTY)

    @operation
    async def put(self, key: KeyType, value: ValueType, ttl: float | None = None) -> ValueType | None:
        """Store a value and return the old one.

        Args:
            key: The key.
            value: The new value.
            ttl: Seconds after which the entry is removed; 0 for never, None for the map's configuration.

        Returns:
            The old value, or None if there was none.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        key_data, value_data = self._encode(key), self._encode(value)
        return await self._call(codec.PUT, key_data, value_data, to_millis(ttl), result=self._decode)

    @operation
    async def put_if_absent(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Store a value if the key has none; return the existing one, which stays, or None."""
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        data = self._encode(key), self._encode(value)
        return await self._call(codec.PUT_IF_ABSENT, *data, result=self._decode)

    @operation
    async def set(self, key: KeyType, value: ValueType) -> None:
        """Store a value."""
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        await self._call(codec.SET, self._encode(key), self._encode(value))

    @operation
    async def replace(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Store a value if the key has one; return the old one, or None."""
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        return await self._call(codec.REPLACE, self._encode(key), self._encode(value), result=self._decode)

    @operation
    async def replace_if_same(self, key: KeyType, old_value: ValueType, new_value: ValueType) -> bool:
        """Store a value if the key has the expected one.

        Args:
            key: The key.
            old_value: The value that the key must have.
            new_value: The new value.

        Returns:
            True if the value was stored.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(old_value, _NO_VALUE)
        check_not_none(new_value, _NO_VALUE)
        data = (self._encode(value) for value in (key, old_value, new_value))
        return await self._call(codec.REPLACE_IF_SAME, *data)

    @operation
    async def remove(self, key: KeyType) -> ValueType | None:
        """Remove an entry and return its value, or None if there was none."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.REMOVE, self._encode(key), result=self._decode)

    @operation
    async def remove_if_same(self, key: KeyType, value: ValueType) -> bool:
        """Remove an entry if it has the expected value.

        Args:
            key: The key.
            value: The value that the entry must have.

        Returns:
            True if the entry was removed.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        return await self._call(codec.REMOVE_IF_SAME, self._encode(key), self._encode(value))

    @operation
    async def delete(self, key: KeyType) -> None:
        """Remove an entry."""
        check_not_none(key, _NO_KEY)
        await self._call(codec.DELETE, self._encode(key))

    @operation
    async def key_set(self, predicate: Predicate | None = None) -> list[KeyType]:
        """Return the keys, as the transaction sees them.

        Args:
            predicate: Selects entries; None for all of them.

        Returns:
            The keys.
        """
        if predicate is None:
            return await self._call(codec.KEY_SET, result=self._items)
        return await self._call(codec.KEY_SET_WITH_PREDICATE, self._encode(predicate), result=self._items)

    @operation
    async def values(self, predicate: Predicate | None = None) -> list[ValueType]:
        """Return the values, as the transaction sees them.

        Args:
            predicate: Selects entries; None for all of them.

        Returns:
            The values.
        """
        if predicate is None:
            return await self._call(codec.VALUES, result=self._items)
        return await self._call(codec.VALUES_WITH_PREDICATE, self._encode(predicate), result=self._items)


class AsyncTransactionalMap(TransactionalMapOperations[KeyType, ValueType], AsyncioFace):
    """A map within a transaction whose operations are coroutine methods."""


class TransactionalMap(TransactionalProxy, TransactionalMapOperations[KeyType, ValueType]):
    """A map within a transaction whose operations block until they are done."""
