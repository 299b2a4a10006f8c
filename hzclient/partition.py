"""Which member owns which key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hzclient._runtime.faces import AsyncioFace, FutureFace, blocking_operation, immediate

if TYPE_CHECKING:
    from hzclient._services.partitions import PartitionTable

__all__ = (
    "AsyncPartitionService",
    "PartitionService",
    "PartitionServiceOperations",
    "string_partition_strategy",
)


def string_partition_strategy(key: str) -> str:
    """Return the part of a structure's name that decides about its partition.

    Args:
        key: Name of the structure.

    Returns:
        The text after the first `@`, or the whole name if it has none.
    """
    name, at, partition_key = key.partition("@")
    return partition_key if at else name


class PartitionServiceOperations:
    """The cluster's partitions, as this client last heard of them.

    Args:
        table: Owners by partition.
        encode: Serializes a key.
    """

    def __init__(self, table: PartitionTable, encode: Callable[[Any], bytes]) -> None:
        self._table = table
        self._encode = encode

    @immediate
    def get_partition_owner(self, partition_id: int) -> UUID | None:
        """Return the member that owns a partition.

        Args:
            partition_id: From 0 to `get_partition_count() - 1`.

        Returns:
            UUID of the member; None if the owner is unknown.
        """
        return self._table.owners.get(partition_id)

    @blocking_operation
    async def get_partition_id(self, key: Any) -> int:
        """Return the partition that a key belongs to. No member is asked.

        Args:
            key: Anything that can be a key.

        Returns:
            From 0 to `get_partition_count() - 1`.

        Raises:
            ClientOfflineError: No member has been reached yet.
            HazelcastSerializationError: The key cannot be serialized.
        """
        return self._table.partition_id(self._encode(key))

    @immediate
    def get_partition_count(self) -> int:
        """Return the number of partitions; 0 before the first member has been reached."""
        return self._table.count

    def __repr__(self) -> str:
        return "PartitionService()"


class AsyncPartitionService(PartitionServiceOperations, AsyncioFace):
    """The cluster's partitions, for asyncio: `get_partition_id()` is a coroutine method."""


class PartitionService(FutureFace, PartitionServiceOperations):
    """The cluster's partitions. No method waits for a member."""

    def __repr__(self) -> str:
        return repr(self._async_face)
