"""AtomicLong: a linearizable 64-bit integer."""

from __future__ import annotations

from typing import Any, Final

from hzclient._codec import atomic_long as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy.cp._base import BaseCPProxy, CPOperations
from hzclient.util import check_is_int, check_not_none

__all__ = ("AsyncAtomicLong", "AtomicLong", "AtomicLongOperations", "BlockingAtomicLong")

_OLD: Final = 0
_NEW: Final = 1


class AtomicLongOperations(CPOperations):
    """A 64-bit integer, initially 0. Each operation is one entry in the Raft log of its CP group.

    A read sees all earlier writes. If the connection is lost, an operation that changes the value is not
    sent again, because the member may have carried it out: the caller gets the error. To find out, use
    `compare_and_set` with values that identify their writer.
    """

    service_name = "hz:raft:atomicLongService"

    @operation
    async def add_and_get(self, delta: int) -> int:
        """Add a number and return the new value.

        Args:
            delta: A number, which may be negative.

        Returns:
            The new value.
        """
        check_is_int(delta)
        return await self._invoke(codec.ADD_AND_GET.encode(self._group_id, self._object_name, delta))

    @operation
    async def compare_and_set(self, expect: int, update: int) -> bool:
        """Set the value if it equals the expected one.

        Args:
            expect: The expected value.
            update: The new value.

        Returns:
            True if the value was set.
        """
        check_is_int(expect)
        check_is_int(update)
        return await self._invoke(
            codec.COMPARE_AND_SET.encode(self._group_id, self._object_name, expect, update)
        )

    @operation
    async def decrement_and_get(self) -> int:
        """Subtract one and return the new value."""
        return await self.add_and_get(-1)

    @operation
    async def get_and_decrement(self) -> int:
        """Subtract one and return the old value."""
        return await self.get_and_add(-1)

    @operation
    async def get(self) -> int:
        """Return the value."""
        return await self._invoke(codec.GET.encode(self._group_id, self._object_name))

    @operation
    async def get_and_add(self, delta: int) -> int:
        """Add a number and return the old value.

        Args:
            delta: A number, which may be negative.

        Returns:
            The old value.
        """
        check_is_int(delta)
        return await self._invoke(codec.GET_AND_ADD.encode(self._group_id, self._object_name, delta))

    @operation
    async def get_and_set(self, new_value: int) -> int:
        """Set the value and return the old one."""
        check_is_int(new_value)
        return await self._invoke(codec.GET_AND_SET.encode(self._group_id, self._object_name, new_value))

    @operation
    async def increment_and_get(self) -> int:
        """Add one and return the new value."""
        return await self.add_and_get(1)

    @operation
    async def get_and_increment(self) -> int:
        """Add one and return the old value."""
        return await self.get_and_add(1)

    @operation
    async def set(self, new_value: int) -> None:
        """Set the value."""
        await self.get_and_set(new_value)

    @operation
    async def alter(self, function: Any) -> None:
        """Set the value to the result of a function of it.

        Args:
            function: A serializable object whose class on the members implements `IFunction<Long, Long>`.
        """
        await self._alter(function, _NEW)

    @operation
    async def alter_and_get(self, function: Any) -> int:
        """Alter the value, as `alter` does, and return the new one."""
        return await self._alter(function, _NEW)

    @operation
    async def get_and_alter(self, function: Any) -> int:
        """Alter the value, as `alter` does, and return the old one."""
        return await self._alter(function, _OLD)

    @operation
    async def apply(self, function: Any) -> Any:
        """Return the result of a function of the value, which stays the same.

        Args:
            function: A serializable object whose class on the members implements `IFunction<Long, R>`.

        Returns:
            What the function returns.
        """
        check_not_none(function, "a function must not be None")
        request = codec.APPLY.encode(self._group_id, self._object_name, self._encode(function))
        return await self._invoke(request, self._decode)

    async def _alter(self, function: Any, return_value: int) -> int:
        check_not_none(function, "a function must not be None")
        return await self._invoke(
            codec.ALTER.encode(self._group_id, self._object_name, self._encode(function), return_value)
        )


class AsyncAtomicLong(AtomicLongOperations, AsyncioFace):
    """A 64-bit integer whose operations are coroutine methods."""


class AtomicLong(BaseCPProxy["BlockingAtomicLong"], AtomicLongOperations):
    """A 64-bit integer whose operations return a `Future`."""


class BlockingAtomicLong(BlockingFace, AtomicLong):
    """A 64-bit integer whose operations block until they are done."""
