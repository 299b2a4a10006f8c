"""The CP subsystem: structures that stay consistent whatever fails, kept by groups of members (Raft)."""

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
        uuid: Its id there, which is not the one in the cluster.
        address: Its address.
    """

    uuid: UUID
    address: Address

    def __repr__(self) -> str:
        return fields_text(self, "uuid", "address")


class CPMembershipEventType:
    """What happened to a CP member."""

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
    """Members of a CP group cannot be reached.

    Attributes:
        group_id: The group.
        members: All its members.
        unavailable_members: Those that cannot be reached. A group needs more than half of its members.
        is_shutdown: They were shut down, and did not crash.
    """

    group_id: RaftGroupId
    members: tuple[CPMember, ...]
    unavailable_members: tuple[CPMember, ...]
    is_shutdown: bool

    def __repr__(self) -> str:
        return fields_text(self, *CPGroupAvailabilityEvent.__slots__)

    def is_majority_available(self) -> bool:
        """Whether the group can go on."""
        return len(self.members) - len(self.unavailable_members) > len(self.members) // 2


CPMembershipListener = Callable[[CPMembershipEvent], "Awaitable[object] | object"]
CPGroupAvailabilityListener = Callable[[CPGroupAvailabilityEvent], "Awaitable[object] | object"]


class _CPSubsystemOperations:
    """The CP subsystem of the cluster.

    Names of structures may say the group that holds them, as in `"counter@orders"`; without, it is
    the default group. What cannot be done because the members refuse CP calls fails with
    `UnsupportedOperationError`.
    """

    def __init__(self, proxies: CPProxies) -> None:
        self._proxies = proxies

    @getter
    async def get_atomic_long(self, name: str) -> Faces[AsyncAtomicLong, AtomicLong]:
        """The 64-bit integer of this name."""
        return await self._proxies.get(structures.ATOMIC_LONG, name)

    @getter
    async def get_atomic_reference(self, name: str) -> Faces[AsyncAtomicReference[Any], AtomicReference[Any]]:
        """The value of this name."""
        return await self._proxies.get(structures.ATOMIC_REFERENCE, name)

    @getter
    async def get_count_down_latch(self, name: str) -> Faces[AsyncCountDownLatch, CountDownLatch]:
        """The latch of this name."""
        return await self._proxies.get(structures.COUNT_DOWN_LATCH, name)

    @getter
    async def get_lock(self, name: str) -> Faces[AsyncFencedLock, FencedLock]:
        """The lock of this name."""
        return await self._proxies.lock(name)

    @getter
    async def get_semaphore(self, name: str) -> Faces[AsyncSemaphore, Semaphore]:
        """The semaphore of this name."""
        return await self._proxies.get(structures.SEMAPHORE, name)

    @getter
    async def get_map(self, name: str) -> Faces[AsyncCPMap[Any, Any], CPMap[Any, Any]]:
        """The CP map of this name; members have it since 5.4, in Enterprise Edition."""
        return await self._proxies.get(structures.MAP, name)

    # -------------------------------------------------------------------------------------------- view

    @blocking_operation
    async def get_members(self) -> dict[UUID, UUID]:
        """The members of the CP subsystem: their ids there, and in the cluster."""
        return dict(await self._ask(mc.GET_CP_MEMBERS.encode()))

    @blocking_operation
    async def get_group_ids(self) -> list[RaftGroupId]:
        """The CP groups; members tell since 5.4, in Enterprise Edition.

        Raises:
            UnsupportedOperationError: The members are older, and do not know the call, or have no
                Enterprise license, and refuse it. The error says which.
        """
        return await self._ask(codec.GET_CP_GROUP_IDS.encode())  # type: ignore[no-any-return]

    @blocking_operation
    async def get_object_names(
        self, group_id: RaftGroupId, service_name: str, destroyed: bool = False
    ) -> list[str]:
        """The structures of a kind in a CP group; members tell since 5.4, in Enterprise Edition.

        Args:
            group_id: The group.
            service_name: The kind: one of the constants of this module that end in `_SERVICE`.
            destroyed: Those that were destroyed, instead.

        Raises:
            UnsupportedOperationError: As for `get_group_ids`.
        """
        request = codec.GET_CP_OBJECT_INFOS.encode(group_id, service_name, destroyed)
        return await self._ask(request)  # type: ignore[no-any-return]

    async def _ask(self, request: Any) -> Any:
        return await explained(self._proxies.context.client.invocations.invoke(request))

    @blocking_operation
    async def add_membership_listener(self, listener: CPMembershipListener) -> str:
        """Calls a function when a member joins the CP subsystem or leaves it for good.

        Args:
            listener: Called with each event; it may be a coroutine function.

        Returns:
            The registration id, for `remove_listener`.
        """

        def tell(event: codec.MembershipEvent) -> object:
            return listener(CPMembershipEvent(_member(event.member), event.type))

        return await self._listen(
            codec.ADD_MEMBERSHIP_LISTENER.encode(self._local),
            codec.REMOVE_MEMBERSHIP_LISTENER.encode,
            "a CP membership listener",
            tell,
        )

    @blocking_operation
    async def add_group_availability_listener(self, listener: CPGroupAvailabilityListener) -> str:
        """Calls a function when members of a CP group cannot be reached.

        Args:
            listener: Called with each event; it may be a coroutine function.

        Returns:
            The registration id, for `remove_listener`.
        """

        def tell(event: codec.GroupAvailabilityEvent) -> object:
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
            tell,
        )

    @property
    def _local(self) -> bool:
        return self._proxies.context.client.invocations.router.smart

    async def _listen(
        self, request: Any, remove: Callable[[UUID], Any], what: str, tell: Callable[[Any], object]
    ) -> str:
        client = self._proxies.context.client
        queue = client.dispatcher.queue(what, tell)
        return await explained(client.listeners.register(request, remove, queue.put))

    @blocking_operation
    async def remove_listener(self, registration_id: str) -> bool:
        """Removes a listener of the CP subsystem.

        Returns:
            False where there is none with this id.
        """
        check_not_none(registration_id, "a registration id must not be None")
        return await self._proxies.context.client.listeners.deregister(registration_id)

    def __repr__(self) -> str:
        return "CPSubsystem()"


class AsyncCPSubsystem(_CPSubsystemOperations, AsyncioFace):
    """The CP subsystem of the cluster, for asyncio."""


class CPSubsystem(FutureFace, _CPSubsystemOperations):
    """The CP subsystem of the cluster. Its own methods block; the structures give futures."""

    def __repr__(self) -> str:
        return repr(self._async_face)


def _member(member: WireMember) -> CPMember:
    return CPMember(member.uuid, member.address)
