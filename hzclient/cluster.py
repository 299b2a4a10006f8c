"""The client's own identity in the cluster, and vector clocks."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hzclient.core import Address


@dataclass(slots=True, init=False)
class ClientInfo:
    """How the cluster knows this client.

    Args:
        client_uuid: Identity of the client.
        address: Local address of one of its connections.
        name: Name of the client.
        labels: Labels of the client.
    """

    uuid: UUID
    address: Address
    name: str
    labels: set[str]

    def __init__(self, client_uuid: UUID, address: Address, name: str, labels: set[str]) -> None:
        self.uuid = client_uuid
        self.address = address
        self.name = name
        self.labels = labels


class VectorClock:
    """What of each replica's history has been seen."""

    __slots__ = ("_timestamps",)

    def __init__(self) -> None:
        self._timestamps: dict[str, int] = {}

    def is_after(self, other: VectorClock) -> bool:
        """Tell whether this clock has seen all that the other has, and something more."""
        newer = False
        for replica_id, timestamp in other._timestamps.items():
            own = self._timestamps.get(replica_id)
            if own is None or own < timestamp:
                return False
            newer = newer or own > timestamp
        return newer or len(self._timestamps) > len(other._timestamps)

    def set_replica_timestamp(self, replica_id: str, timestamp: int) -> None:
        """Set the logical time of a replica."""
        self._timestamps[replica_id] = timestamp

    def entry_set(self) -> list[tuple[str, int]]:
        """Replicas and their logical times."""
        return list(self._timestamps.items())

    def size(self) -> int:
        """Number of replicas."""
        return len(self._timestamps)
