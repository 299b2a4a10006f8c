"""The CP subsystem: linearizable structures, replicated by groups of members with the Raft algorithm."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hzclient._codec import cp_subsystem as codec
from hzclient._codec import mc
from hzclient._codec.custom import CPMember as WireMember
from hzclient._runtime.faces import AsyncioFace, FutureFace, blocking_operation
from hzclient._runtime.getters import Faces, getter
from hzclient._slots import fields_text
from hzclient.core import Address
from hzclient.protocol import RaftGroupId
from hzclient.proxy.cp import _manager as structures
from hzclient.proxy.cp._manager import CPProxies, explained
from hzclient.proxy.cp.atomic_long import AsyncAtomicLong, AtomicLong
from hzclient.proxy.cp.atomic_reference import AsyncAtomicReference, AtomicReference
from hzclient.proxy.cp.count_down_latch import AsyncCountDownLatch, CountDownLatch
from hzclient.proxy.cp.fenced_lock import AsyncFencedLock, FencedLock
from hzclient.proxy.cp.map import AsyncCPMap, CPMap
from hzclient.proxy.cp.semaphore import AsyncSemaphore, Semaphore
from hzclient.util import check_not_none, get_attr_name

__all__ = (
    "ATOMIC_LONG_SERVICE",
    "ATOMIC_REFERENCE_SERVICE",
    "COUNT_DOWN_LATCH_SERVICE",
    "LOCK_SERVICE",
    "MAP_SERVICE",
    "SEMAPHORE_SERVICE",
    "AsyncCPSubsystem",
    "CPGroupAvailabilityEvent",
    "CPGroupAvailabilityListener",
    "CPMember",
    "CPMembershipEvent",
    "CPMembershipEventType",
    "CPMembershipListener",
    "CPSubsystem",
)

ATOMIC_LONG_SERVICE: Final = AsyncAtomicLong.service_name
ATOMIC_REFERENCE_SERVICE: Final = AsyncAtomicReference.service_name
COUNT_DOWN_LATCH_SERVICE: Final = AsyncCountDownLatch.service_name
LOCK_SERVICE: Final = AsyncFencedLock.service_name
MAP_SERVICE: Final = AsyncCPMap.service_name
SEMAPHORE_SERVICE: Final = AsyncSemaphore.service_name


@dataclass(frozen=True, slots=True, repr=False)
class CPMember:
    """A member of the CP subsystem.

    Attributes:
        uuid: Id in the CP subsystem, different from the id in the cluster.
        address: Address of the member.
    """

    uuid: UUID
    address: Address

    def __repr__(self) -> str:
        return fields_text(self, "uuid", "address")


class CPMembershipEventType:
    """Types of CP membership events."""

    ADDED: Final = 1
    REMOVED: Final = 2


@dataclass(frozen=True, slots=True, repr=False)
class CPMembershipEvent:
    """A member joined the CP subsystem or left it for good.

    Attributes:
        member: The member.
        event_type: One of `CPMembershipEventType`.
    """

    member: CPMember
    event_type: int

    def __repr__(self) -> str:
        event_type = get_attr_name(CPMembershipEventType, self.event_type)
        return fields_text(self, "member", "event_type", event_type=event_type)


@dataclass(frozen=True, slots=True, repr=False)
class CPGroupAvailabilityEvent:
    """Members of a CP group became unreachable.

    Attributes:
        group_id: The group.
        members: All members of the group.
        unavailable_members: The unreachable ones. A group needs more than half of its members.
        is_shutdown: True if they were shut down, rather than crashed.
    """

    group_id: RaftGroupId
    members: tuple[CPMember, ...]
    unavailable_members: tuple[CPMember, ...]
    is_shutdown: bool

    def __repr__(self) -> str:
        return fields_text(self, *CPGroupAvailabilityEvent.__slots__)

    def is_majority_available(self) -> bool:
        """Return True if the group can still work."""
        return len(self.members) - len(self.unavailable_members) > len(self.members) // 2


CPMembershipListener = Callable[[CPMembershipEvent], "Awaitable[object] | object"]
CPGroupAvailabilityListener = Callable[[CPGroupAvailabilityEvent], "Awaitable[object] | object"]


class _CPSubsystemOperations:
    """The CP subsystem of the cluster.

    The name of a structure may contain its group, as in `"counter@orders"`; otherwise it belongs to the
    default group. If the members have no CP subsystem, calls fail with `UnsupportedOperationError`.

    Args:
        proxies: Factory of the structures.
    """

    def __init__(self, proxies: CPProxies) -> None:
        self._proxies = proxies

    @getter
    async def get_atomic_long(self, name: str) -> Faces[AsyncAtomicLong, AtomicLong]:
        """Return the 64-bit integer of this name."""
        return await self._proxies.get(structures.ATOMIC_LONG, name)

    @getter
    async def get_atomic_reference(self, name: str) -> Faces[AsyncAtomicReference[Any], AtomicReference[Any]]:
        """Return the reference of this name."""
        return await self._proxies.get(structures.ATOMIC_REFERENCE, name)

    @getter
    async def get_count_down_latch(self, name: str) -> Faces[AsyncCountDownLatch, CountDownLatch]:
        """Return the latch of this name."""
        return await self._proxies.get(structures.COUNT_DOWN_LATCH, name)

    @getter
    async def get_lock(self, name: str) -> Faces[AsyncFencedLock, FencedLock]:
        """Return the lock of this name."""
        return await self._proxies.lock(name)

    @getter
    async def get_semaphore(self, name: str) -> Faces[AsyncSemaphore, Semaphore]:
        """Return the semaphore of this name."""
        return await self._proxies.get(structures.SEMAPHORE, name)

    @getter
    async def get_map(self, name: str) -> Faces[AsyncCPMap[Any, Any], CPMap[Any, Any]]:
        """Return the CP map of this name. Available since version 5.4, in Enterprise Edition only."""
        return await self._proxies.get(structures.MAP, name)

    # -------------------------------------------------------------------------------------------- view

    @blocking_operation
    async def get_members(self) -> dict[UUID, UUID]:
        """Return the members of the CP subsystem: their ids there, and their ids in the cluster."""
        return dict(await self._ask(mc.GET_CP_MEMBERS.encode()))

    @blocking_operation
    async def get_group_ids(self) -> list[RaftGroupId]:
        """Return the CP groups. Available since version 5.4, in Enterprise Edition only.

        Returns:
            Ids of the groups.

        Raises:
            UnsupportedOperationError: The members are too old or have no Enterprise license. The error says
                which.
        """
        return await self._ask(codec.GET_CP_GROUP_IDS.encode())  # type: ignore[no-any-return]

    @blocking_operation
    async def get_object_names(
        self, group_id: RaftGroupId, service_name: str, destroyed: bool = False
    ) -> list[str]:
        """Return the structures of one kind in a CP group.

        Available since version 5.4, in Enterprise Edition only.

        Args:
            group_id: The group.
            service_name: The kind: one of the constants of this module that end in `_SERVICE`.
            destroyed: Whether to return the destroyed structures instead.

        Returns:
            Names of the structures.

        Raises:
            UnsupportedOperationError: As in `get_group_ids`.
        """
        request = codec.GET_CP_OBJECT_INFOS.encode(group_id, service_name, destroyed)
        return await self._ask(request)  # type: ignore[no-any-return]

    async def _ask(self, request: Any) -> Any:
        return await explained(self._proxies.context.client.invocations.invoke(request))

    @blocking_operation
    async def add_membership_listener(self, listener: CPMembershipListener) -> str:
        """Call a function when a member joins the CP subsystem or leaves it for good.

        Args:
            listener: Receives each event; may be a coroutine function.

        Returns:
            The registration id, for `remove_listener`.
        """

        def notify(event: codec.MembershipEvent) -> object:
            return listener(CPMembershipEvent(_member(event.member), event.type))

        return await self._listen(
            codec.ADD_MEMBERSHIP_LISTENER.encode(self._local),
            codec.REMOVE_MEMBERSHIP_LISTENER.encode,
            "a CP membership listener",
            notify,
        )

    @blocking_operation
    async def add_group_availability_listener(self, listener: CPGroupAvailabilityListener) -> str:
        """Call a function when members of a CP group become unreachable.

        Args:
            listener: Receives each event; may be a coroutine function.

        Returns:
            The registration id, for `remove_listener`.
        """

        def notify(event: codec.GroupAvailabilityEvent) -> object:
            return listener(
                CPGroupAvailabilityEvent(
                    event.group_id,
                    tuple(map(_member, event.members)),
                    tuple(map(_member, event.unavailable_members)),
                    event.is_shutdown,
                )
            )

        return await self._listen(
            codec.ADD_GROUP_AVAILABILITY_LISTENER.encode(self._local),
            codec.REMOVE_GROUP_AVAILABILITY_LISTENER.encode,
            "a CP group availability listener",
            notify,
        )

    @property
    def _local(self) -> bool:
        return self._proxies.context.client.invocations.router.smart

    async def _listen(
        self, request: Any, remove: Callable[[UUID], Any], what: str, notify: Callable[[Any], object]
    ) -> str:
        client = self._proxies.context.client
        queue = client.dispatcher.queue(what, notify)
        return await explained(client.listeners.register(request, remove, queue.put, settled=queue.settled))

    @blocking_operation
    async def remove_listener(self, registration_id: str) -> bool:
        """Remove a listener of the CP subsystem.

        Args:
            registration_id: Id that the registration returned.

        Returns:
            False if no listener has this id.
        """
        check_not_none(registration_id, "a registration id must not be None")
        return await self._proxies.context.client.listeners.deregister(registration_id)

    def __repr__(self) -> str:
        return "CPSubsystem()"


class AsyncCPSubsystem(_CPSubsystemOperations, AsyncioFace):
    """The CP subsystem of the cluster, for asyncio."""


class CPSubsystem(FutureFace, _CPSubsystemOperations):
    """The CP subsystem of the cluster. Its own methods block; those of its structures return futures."""

    def __repr__(self) -> str:
        return repr(self._async_face)


def _member(member: WireMember) -> CPMember:
    return CPMember(member.uuid, member.address)
