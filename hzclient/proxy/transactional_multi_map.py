"""The multimap within a transaction."""

from __future__ import annotations

from typing import Generic

from hzclient._codec import transactional_multi_map as codec
from hzclient._runtime.faces import AsyncioFace, operation
from hzclient.proxy._transactional import TransactionalOperations
from hzclient.proxy.base import TransactionalProxy
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none

__all__ = ("AsyncTransactionalMultiMap", "TransactionalMultiMap", "TransactionalMultiMapOperations")

_NO_KEY = "a key must not be None"
_NO_VALUE = "a value must not be None"


class TransactionalMultiMapOperations(TransactionalOperations, Generic[KeyType, ValueType]):
    """A distributed multimap within a transaction. Keys written stay locked until the transaction ends."""

    @operation
    async def put(self, key: KeyType, value: ValueType) -> bool:
        """Adds a value to a key.

        Returns:
            False where the key has it already and holds each value once.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        return await self._call(codec.PUT, self._encode(key), self._encode(value))

    @operation
    async def get(self, key: KeyType) -> list[ValueType] | None:
        """The values of a key."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.GET, self._encode(key), result=self._items)

    @operation
    async def remove(self, key: KeyType, value: ValueType) -> bool:
        """Removes one value of a key.

        Returns:
            Whether the key had it.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        return await self._call(codec.REMOVE_ENTRY, self._encode(key), self._encode(value))

    @operation
    async def remove_all(self, key: KeyType) -> list[ValueType]:
        """Removes all values of a key and returns them."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.REMOVE, self._encode(key), result=self._items)

    @operation
    async def value_count(self, key: KeyType) -> int:
        """How many values a key has."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.VALUE_COUNT, self._encode(key))

    @operation
    async def size(self) -> int:
        """The number of values of all keys, as the transaction sees them."""
        return await self._call(codec.SIZE)


class AsyncTransactionalMultiMap(TransactionalMultiMapOperations[KeyType, ValueType], AsyncioFace):
    """A multimap within a transaction; its operations are coroutine methods."""


class TransactionalMultiMap(TransactionalProxy, TransactionalMultiMapOperations[KeyType, ValueType]):
    """A multimap within a transaction; its operations return when they are done."""
