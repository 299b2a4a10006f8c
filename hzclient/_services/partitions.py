"""The partition table: the owner of each partition."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from hzclient._speed import PartitionCount, hot
from hzclient.errors import ClientNotAllowedInClusterError, ClientOfflineError
from hzclient.serialization._hash import partition_id

_logger = logging.getLogger("hzclient.partition")


class PartitionTable(PartitionCount):
    """The partition table as last received.

    Read from any thread: each update replaces all owners at once.

    Attributes:
        count: Number of partitions; 0 before the first authentication.
        owners: Owner by partition id. Ids without a known owner are absent.
        moves: How often the client has moved to another cluster.
    """

    def __init__(self) -> None:
        self.count = 0
        self.owners: dict[int, UUID] = {}
        self.moves = 0
        self._version = -1
        self._source = -1
        self._on_change: list[Callable[[], None]] = []
        if hot is not None:
            self.partition_id = hot.Partitioner(self, self.partition_id).partition_id  # type: ignore[method-assign]

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback()` on the loop after each change."""
        self._on_change.append(callback)

    def unlink(self) -> None:
        """Call nobody any more: the client has been shut down."""
        self._on_change.clear()
        vars(self).pop("partition_id", None)  # the compiled method, which refers to this object

    def check_count(self, count: int) -> None:
        """Take the partition count from an authentication response.

        Args:
            count: The partition count.

        Raises:
            ClientNotAllowedInClusterError: It differs from the known one, so this is another cluster.
        """
        if self.count == 0:
            self.count = count
        elif self.count != count:
            raise ClientNotAllowedInClusterError(
                f"the member has {count} partitions, but this client is in a cluster with {self.count}"
            )

    def update(self, source: int, version: int, partitions: Sequence[tuple[UUID, Sequence[int]]]) -> bool:
        """Take a table that a member sent.

        Args:
            source: Id of the connection that it came from. Versions count per sender.
            version: Version of the table.
            partitions: Each owner and the ids of its partitions.

        Returns:
            False if it is empty or older than the current one.
        """
        if not partitions or (source == self._source and version <= self._version):
            return False
        self.owners = {id_: owner for owner, ids in partitions for id_ in ids}
        self._source = source
        self._version = version
        self._changed()
        _logger.debug("Partition table version %s from connection %s", version, source)
        return True

    def reset(self) -> None:
        """Forget everything: the client has moved to another cluster."""
        self.moves += 1
        self.count = 0
        self.owners = {}
        self._version = self._source = -1
        self._changed()

    def _changed(self) -> None:
        for callback in self._on_change:
            callback()

    def ids(self) -> range:
        """Return the ids of all partitions.

        Returns:
            The ids, from 0.

        Raises:
            ClientOfflineError: The count is unknown because no member has been reached yet.
        """
        if self.count == 0:
            raise ClientOfflineError
        return range(self.count)

    def partition_id(self, data: bytes) -> int:
        """Return the partition of a serialized key.

        Args:
            data: The key.

        Returns:
            The partition id.

        Raises:
            ClientOfflineError: The count is unknown because no member has been reached yet.
        """
        if self.count == 0:
            raise ClientOfflineError
        return partition_id(data, self.count)
