"""CPMap: a small linearizable map."""

from __future__ import annotations

from typing import Generic

from hzclient._codec import cp_map as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy.cp._base import BaseCPProxy, CPOperations
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none

__all__ = ("AsyncCPMap", "BlockingCPMap", "CPMap", "CPMapOperations")

_NO_KEY = "a key must not be None"
_NO_VALUE = "a value must not be None"


class CPMapOperations(CPOperations, Generic[KeyType, ValueType]):
    """A small map. Each operation is one entry in the Raft log of its CP group.

    Available since version 5.4, in Enterprise Edition only. Keys and values are compared by their
    serialized form and must not be None.
    """

    service_name = "hz:raft:mapService"

    @operation
    async def get(self, key: KeyType) -> ValueType | None:
        """Return the value of a key, or None if the map has no such key."""
        check_not_none(key, _NO_KEY)
        request = codec.GET.encode(self._group_id, self._object_name, self._encode(key))
        return await self._invoke(request, self._decode)

    @operation
    async def put(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Store a value and return the old one. `set` is faster if the old value is not needed.

        Args:
            key: The key.
            value: The new value.

        Returns:
            The old value, or None if there was none.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        request = codec.PUT.encode(self._group_id, self._object_name, self._encode(key), self._encode(value))
        return await self._invoke(request, self._decode)

    @operation
    async def put_if_absent(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Store a value if the key has none.

        Args:
            key: The key.
            value: The new value.

        Returns:
            The existing value, which stays; None if the new value was stored.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        request = codec.PUT_IF_ABSENT.encode(
            self._group_id, self._object_name, self._encode(key), self._encode(value)
        )
        return await self._invoke(request, self._decode)

    @operation
    async def set(self, key: KeyType, value: ValueType) -> None:
        """Store a value."""
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        await self._invoke(
            codec.SET.encode(self._group_id, self._object_name, self._encode(key), self._encode(value))
        )

    @operation
    async def remove(self, key: KeyType) -> ValueType | None:
        """Remove a key and return its value. `delete` is faster if the value is not needed.

        Args:
            key: The key.

        Returns:
            The value, or None if there was none.
        """
        check_not_none(key, _NO_KEY)
        request = codec.REMOVE.encode(self._group_id, self._object_name, self._encode(key))
        return await self._invoke(request, self._decode)

    @operation
    async def delete(self, key: KeyType) -> None:
        """Remove a key."""
        check_not_none(key, _NO_KEY)
        await self._invoke(codec.DELETE.encode(self._group_id, self._object_name, self._encode(key)))

    @operation
    async def compare_and_set(self, key: KeyType, expected_value: ValueType, new_value: ValueType) -> bool:
        """Store a value if the key has the expected one.

        Args:
            key: The key.
            expected_value: The value that the key must have.
            new_value: The new value.

        Returns:
            True if the new value was stored.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(expected_value, _NO_VALUE)
        check_not_none(new_value, _NO_VALUE)
        return await self._invoke(
            codec.COMPARE_AND_SET.encode(
                self._group_id,
                self._object_name,
                self._encode(key),
                self._encode(expected_value),
                self._encode(new_value),
            )
        )


class AsyncCPMap(CPMapOperations[KeyType, ValueType], AsyncioFace):
    """A map of the CP subsystem whose operations are coroutine methods."""


class CPMap(BaseCPProxy["BlockingCPMap[KeyType, ValueType]"], CPMapOperations[KeyType, ValueType]):
    """A map of the CP subsystem whose operations return a `Future`."""


class BlockingCPMap(BlockingFace, CPMap[KeyType, ValueType]):
    """A map of the CP subsystem whose operations block until they are done."""
