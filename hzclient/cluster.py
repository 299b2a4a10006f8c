"""The members of the cluster, the client's own identity in it, and vector clocks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from hzclient._slots import Slotted, fields_text
from hzclient.core import Address, MemberInfo

if TYPE_CHECKING:
    from hzclient._services.events import EventDispatcher, EventQueue
    from hzclient._services.members import MemberList, MembershipChange

__all__ = (
    "ClientInfo",
    "ClusterService",
    "VectorClock",
)


@dataclass(slots=True, init=False, repr=False)
class ClientInfo(Slotted):
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

    def __repr__(self) -> str:
        return fields_text(self, "uuid", "address", "name", "labels")


class VectorClock(Slotted):
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


class ClusterService:
    """Tells about the members of the cluster."""

    def __init__(self, members: MemberList, dispatcher: EventDispatcher) -> None:
        self._members = members
        self._dispatcher = dispatcher
        self._listeners: dict[str, EventQueue] = {}
        self._told = members.members
        self._lock = threading.Lock()
        members.on_change(self._tell)

    def add_listener(
        self,
        member_added: Callable[[MemberInfo], object] | None = None,
        member_removed: Callable[[MemberInfo], object] | None = None,
        fire_for_existing: bool = False,
    ) -> str:
        """Registers a listener.

        Args:
            member_added: Called with each member that joins; it may be a coroutine function.
            member_removed: Called with each member that leaves.
            fire_for_existing: Whether `member_added` is called for the members that are there now.

        Returns:
            The registration id.
        """

        def tell(event: tuple[bool, MemberInfo]) -> object:
            added, member = event
            callback = member_added if added else member_removed
            return callback(member) if callback is not None else None

        registration_id = str(uuid4())
        queue = self._dispatcher.queue("a membership listener", tell)
        with self._lock:  # a change comes wholly before, as one of those that are there, or after
            if fire_for_existing:
                for member in self._told.values():
                    queue.put((True, member))
            self._listeners[registration_id] = queue
        return registration_id

    def remove_listener(self, registration_id: str) -> bool:
        """Removes a listener.

        Returns:
            False where there is none with this id.
        """
        return self._listeners.pop(registration_id, None) is not None

    def get_members(self, member_selector: Callable[[MemberInfo], bool] | None = None) -> list[MemberInfo]:
        """The members that are known now, oldest first.

        Args:
            member_selector: Only members for which it returns true are listed.
        """
        members = list(self._members.members.values())
        return members if member_selector is None else [m for m in members if member_selector(m)]

    def _tell(self, change: MembershipChange) -> None:
        with self._lock:
            self._told = self._members.members
            for queue in tuple(self._listeners.values()):
                for member in change.removed:
                    queue.put((False, member))
                for member in change.added:
                    queue.put((True, member))
