"""Which member holds which key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from hzclient._services.partitions import PartitionTable

__all__ = ("PartitionService", "string_partition_strategy")


def string_partition_strategy(key: str) -> str:
    """The part of a structure's name that decides on its partition.

    Args:
        key: Name of the structure.

    Returns:
        The text after the first `@`; the whole name where there is none.
    """
    name, at, partition_key = key.partition("@")
    return partition_key if at else name


class PartitionService:
    """Tells about the partitions of the cluster, as it last told this client."""

    def __init__(self, table: PartitionTable, encode: Callable[[Any], bytes]) -> None:
        self._table = table
        self._encode = encode

    def get_partition_owner(self, partition_id: int) -> UUID | None:
        """The member that owns a partition.

        Args:
            partition_id: From 0 to `get_partition_count() - 1`.

        Returns:
            Its uuid; None where no owner is known.
        """
        return self._table.owners.get(partition_id)

    def get_partition_id(self, key: Any) -> int:
        """The partition that holds a key.

        Args:
            key: Anything that can be a key.

        Raises:
            ClientOfflineError: No member has been reached yet.
            HazelcastSerializationError: The key cannot be serialized.
        """
        return self._table.partition_id(self._encode(key))

    def get_partition_count(self) -> int:
        """The number of partitions; 0 before the first member has been reached."""
        return self._table.count
