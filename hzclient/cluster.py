"""Members of the cluster, the client's own identity in it, and vector clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from hzclient._locks import new_lock
from hzclient._runtime.uncopied import Uncopied
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
    """Identity of this client in the cluster.

    Args:
        client_uuid: UUID of the client.
        address: Local address of one of the client's connections.
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
    """Logical times up to which the updates of each replica have been observed."""

    __slots__ = ("_timestamps",)

    def __init__(self) -> None:
        self._timestamps: dict[str, int] = {}

    def is_after(self, other: VectorClock) -> bool:
        """Return whether this clock has observed everything that the other has, and more."""
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
        """Return replicas and their logical times."""
        return list(self._timestamps.items())

    def size(self) -> int:
        """Return the number of replicas."""
        return len(self._timestamps)


_Event = tuple[bool, MemberInfo]
"""Whether a member was added or removed, and the member."""


class _Registration:
    """A membership listener, which holds back changes until it has been called with the existing members.

    Args:
        queue: Calls the listener.

        user: What the listener keeps alive while it is registered.

    Attributes:
        queue: Calls the listener.
    """

    def __init__(self, queue: EventQueue, user: object) -> None:
        self.queue = queue
        self._user: object = user
        self._held: list[_Event] | None = []
        self._lock = new_lock()

    def open(self, existing: list[_Event]) -> None:
        """Call the listener with the existing members, then let changes through."""
        self.queue.handle_first(existing)
        with self._lock:
            held, self._held = self._held, None
            self._put(held or [])

    def put(self, events: list[_Event]) -> None:
        """Notify the listener of changes."""
        with self._lock:
            if self._held is not None:
                self._held += events
            else:
                self._put(events)

    def _put(self, events: list[_Event]) -> None:
        for event in events:
            self.queue.put(event)

    def unlink(self) -> None:
        """Keep nothing alive any more."""
        self._user = None
        self.queue.unlink()


class ClusterService(Uncopied):
    """Members of the cluster, as the cluster last reported them.

    Args:
        members: The member list.
        dispatcher: Runs the callbacks.

    Attributes:
        user: Returns what a listener that is added now keeps alive while it is registered.
    """

    def __init__(self, members: MemberList, dispatcher: EventDispatcher) -> None:
        self._members = members
        self._dispatcher = dispatcher
        self._listeners: dict[str, _Registration] = {}
        self._first: list[_Registration] = []
        self._reported = members.members
        self._lock = new_lock()
        self.user: Callable[[], object] = object
        members.on_change(self._report)

    def add_listener(
        self,
        member_added: Callable[[MemberInfo], object] | None = None,
        member_removed: Callable[[MemberInfo], object] | None = None,
        fire_for_existing: bool = False,
    ) -> str:
        """Register a listener.

        Args:
            member_added: Called with each member that joins. It may be a coroutine function.
            member_removed: Called with each member that leaves. It may be a coroutine function.
            fire_for_existing: Whether to call `member_added` with each known member before this method
                returns. Coroutines that these calls return are awaited in the background.

        Returns:
            The registration id.
        """
        registration_id, registration = str(uuid4()), self._registration(member_added, member_removed)
        with self._lock:  # each change comes before, and is among the existing members, or after
            existing = list(self._reported.values()) if fire_for_existing else []
            self._listeners[registration_id] = registration
        registration.open([(True, member) for member in existing])
        return registration_id

    def add_first_listener(
        self,
        member_added: Callable[[MemberInfo], object] | None,
        member_removed: Callable[[MemberInfo], object] | None,
    ) -> None:
        """Register a listener that is not notified before `open_first_listeners`.

        Args:
            member_added: As for `add_listener`.
            member_removed: As for `add_listener`.
        """
        registration = self._registration(member_added, member_removed)
        self._first.append(registration)
        self._listeners[str(uuid4())] = registration

    def open_first_listeners(self) -> None:
        """Notify the first listeners of all changes, from the first member on."""
        first, self._first = self._first, []
        for registration in first:
            registration.open([])

    def _registration(
        self,
        member_added: Callable[[MemberInfo], object] | None,
        member_removed: Callable[[MemberInfo], object] | None,
    ) -> _Registration:
        def notify(event: _Event) -> object:
            added, member = event
            callback = member_added if added else member_removed
            return callback(member) if callback is not None else None

        return _Registration(self._dispatcher.queue("a membership listener", notify), self.user())

    def remove_listener(self, registration_id: str) -> bool:
        """Remove a listener.

        Args:
            registration_id: What `add_listener()` returned.

        Returns:
            False if no listener has this id.
        """
        return self._listeners.pop(registration_id, None) is not None

    def get_members(self, member_selector: Callable[[MemberInfo], bool] | None = None) -> list[MemberInfo]:
        """Return the known members, oldest first.

        Args:
            member_selector: Called with each member. Only members for which it returns true are returned.

        Returns:
            The members.
        """
        members = list(self._members.members.values())
        return members if member_selector is None else [m for m in members if member_selector(m)]

    def unlink(self) -> None:
        """Keep nothing alive any more: the client has been shut down."""
        self.user = object
        for registration in tuple(self._listeners.values()):
            registration.unlink()

    async def drained(self) -> None:
        """Wait until the listeners have been notified of every change so far."""
        for registration in tuple(self._listeners.values()):
            await registration.queue.drained()

    def _report(self, change: MembershipChange) -> None:
        events = [(False, member) for member in change.removed] + [(True, member) for member in change.added]
        with self._lock:
            self._reported = self._members.members
            for registration in tuple(self._listeners.values()):
                registration.put(events)
