"""The multimap inside a transaction."""

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
    """A distributed multimap inside a transaction. Written keys stay locked until the transaction ends."""

    @operation
    async def put(self, key: KeyType, value: ValueType) -> bool:
        """Add a value to a key.

        Args:
            key: The key.
            value: The value.

        Returns:
            False if the key has the value already and the multimap keeps no duplicates.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        return await self._call(codec.PUT, self._encode(key), self._encode(value))

    @operation
    async def get(self, key: KeyType) -> list[ValueType] | None:
        """Return the values of a key."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.GET, self._encode(key), result=self._items)

    @operation
    async def remove(self, key: KeyType, value: ValueType) -> bool:
        """Remove one value of a key.

        Args:
            key: The key.
            value: The value.

        Returns:
            True if the key had the value.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        return await self._call(codec.REMOVE_ENTRY, self._encode(key), self._encode(value))

    @operation
    async def remove_all(self, key: KeyType) -> list[ValueType]:
        """Remove all values of a key and return them."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.REMOVE, self._encode(key), result=self._items)

    @operation
    async def value_count(self, key: KeyType) -> int:
        """Return the number of values of a key."""
        check_not_none(key, _NO_KEY)
        return await self._call(codec.VALUE_COUNT, self._encode(key))

    @operation
    async def size(self) -> int:
        """Return the number of values of all keys, as the transaction sees them."""
        return await self._call(codec.SIZE)


class AsyncTransactionalMultiMap(TransactionalMultiMapOperations[KeyType, ValueType], AsyncioFace):
    """A multimap within a transaction whose operations are coroutine methods."""


class TransactionalMultiMap(TransactionalProxy, TransactionalMultiMapOperations[KeyType, ValueType]):
    """A multimap within a transaction whose operations block until they are done."""
