"""AtomicReference: a linearizable reference to a value."""

from __future__ import annotations

from typing import Any, Final, Generic

from hzclient._codec import atomic_ref as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy.cp._base import BaseCPProxy, CPOperations
from hzclient.types import ElementType
from hzclient.util import check_not_none

__all__ = ("AsyncAtomicReference", "AtomicReference", "AtomicReferenceOperations", "BlockingAtomicReference")

_NOTHING: Final = 0
_OLD: Final = 1
_NEW: Final = 2


class AtomicReferenceOperations(CPOperations, Generic[ElementType]):
    """A value, initially None. Each operation is one entry in the Raft log of its CP group.

    Values are compared by their serialized form.
    """

    service_name = "hz:raft:atomicRefService"

    @operation
    async def compare_and_set(self, expect: ElementType | None, update: ElementType | None) -> bool:
        """Set the value if it equals the expected one.

        Args:
            expect: The expected value, which may be None.
            update: The new value, which may be None.

        Returns:
            True if the value was set.
        """
        expected, updated = self._encode_optional(expect), self._encode_optional(update)
        return await self._invoke(
            codec.COMPARE_AND_SET.encode(self._group_id, self._object_name, expected, updated)
        )

    @operation
    async def get(self) -> ElementType | None:
        """Return the value, or None if there is none."""
        return await self._invoke(codec.GET.encode(self._group_id, self._object_name), self._decode)

    @operation
    async def set(self, new_value: ElementType | None) -> None:
        """Set the value; None clears it."""
        value = self._encode_optional(new_value)
        await self._invoke(codec.SET.encode(self._group_id, self._object_name, value, False))

    @operation
    async def get_and_set(self, new_value: ElementType | None) -> ElementType | None:
        """Set the value and return the old one."""
        request = codec.SET.encode(self._group_id, self._object_name, self._encode_optional(new_value), True)
        return await self._invoke(request, self._decode)

    @operation
    async def is_none(self) -> bool:
        """Return True if there is no value."""
        return await self.contains(None)

    @operation
    async def clear(self) -> None:
        """Set the value to None."""
        await self.set(None)

    @operation
    async def contains(self, value: ElementType | None) -> bool:
        """Return True if the value equals the given one, which may be None."""
        return await self._invoke(
            codec.CONTAINS.encode(self._group_id, self._object_name, self._encode_optional(value))
        )

    @operation
    async def alter(self, function: Any) -> None:
        """Set the value to the result of a function of it.

        Args:
            function: A serializable object whose class on the members implements `IFunction<T, T>`.
        """
        await self._apply(function, _NOTHING, True)

    @operation
    async def alter_and_get(self, function: Any) -> ElementType | None:
        """Alter the value, as `alter` does, and return the new one."""
        return await self._apply(function, _NEW, True)  # type: ignore[no-any-return]

    @operation
    async def get_and_alter(self, function: Any) -> ElementType | None:
        """Alter the value, as `alter` does, and return the old one."""
        return await self._apply(function, _OLD, True)  # type: ignore[no-any-return]

    @operation
    async def apply(self, function: Any) -> ElementType | None:
        """Return the result of a function of the value, which stays the same.

        Args:
            function: A serializable object whose class on the members implements `IFunction<T, R>`.

        Returns:
            What the function returns.
        """
        return await self._apply(function, _NEW, False)  # type: ignore[no-any-return]

    async def _apply(self, function: Any, return_value: int, alter: bool) -> Any:
        check_not_none(function, "a function must not be None")
        request = codec.APPLY.encode(
            self._group_id, self._object_name, self._encode(function), return_value, alter
        )
        return await self._invoke(request, self._decode)


class AsyncAtomicReference(AtomicReferenceOperations[ElementType], AsyncioFace):
    """A value whose operations are coroutine methods."""


class AtomicReference(
    BaseCPProxy["BlockingAtomicReference[ElementType]"], AtomicReferenceOperations[ElementType]
):
    """A value whose operations return a `Future`."""


class BlockingAtomicReference(BlockingFace, AtomicReference[ElementType]):
    """A value whose operations block until they are done."""
