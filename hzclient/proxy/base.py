"""Base of all structures: how they call members, and the events that they report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from hzclient._runtime.faces import BlockingFace, FutureFace, blocking_operation
from hzclient._runtime.operations import CallingOperations
from hzclient._runtime.uncopied import BY_NAME
from hzclient.core import MemberInfo
from hzclient.partition import string_partition_strategy
from hzclient.proxy._reading import read_entries, read_items
from hzclient.types import ItemType, KeyType, MessageType, ValueType
from hzclient.util import check_not_none, get_attr_name

if TYPE_CHECKING:
    from hzclient._protocol.message import Request
    from hzclient._runtime.base import Runtime
    from hzclient._services.events import EventDispatcher
    from hzclient._services.invocation import InvocationService
    from hzclient._services.listeners import ListenerService
    from hzclient._services.members import MemberList
    from hzclient._services.partitions import PartitionTable
    from hzclient.config import Config
    from hzclient.near_cache import NearCacheManager
    from hzclient.serialization._service import SerializationService

__all__ = (
    "DestroyProxy",
    "EntryEvent",
    "EntryEventType",
    "ItemEvent",
    "ItemEventType",
    "MAX_SIZE",
    "PartitionSpecificProxy",
    "Proxy",
    "TopicMessage",
    "TransactionalProxy",
    "get_entry_listener_flags",
)

MAX_SIZE: Final = float("inf")

T = TypeVar("T")
BlockingProxyType = TypeVar("BlockingProxyType")


class ItemEventType:
    """Kinds of changes of an item."""

    ADDED: Final = 1
    REMOVED: Final = 2


class EntryEventType:
    """Kinds of changes of an entry, or of all entries; each is one bit."""

    ADDED: Final = 1
    REMOVED: Final = 2
    UPDATED: Final = 4
    EVICTED: Final = 8
    EXPIRED: Final = 16
    EVICT_ALL: Final = 32
    CLEAR_ALL: Final = 64
    MERGED: Final = 128
    INVALIDATION: Final = 256
    LOADED: Final = 512


class ItemEvent(Generic[ItemType]):
    """An item that was added to a collection or removed from it.

    Args:
        name: Name of the collection.
        item: The item.
        event_type: One of `ItemEventType`.
        member: The member that reports it.

    Attributes:
        name: Name of the collection.
        item: The item; None unless the listener includes values.
        event_type: One of `ItemEventType`.
        member: The member that reports it; None if it has left since.
    """

    __slots__ = ("event_type", "item", "member", "name")

    def __init__(self, name: str, item: ItemType | None, event_type: int, member: MemberInfo | None) -> None:
        self.name = name
        self.item = item
        self.event_type = event_type
        self.member = member

    def __repr__(self) -> str:
        return (
            f"ItemEvent(name={self.name}, item={self.item}, "
            f"event_type={get_attr_name(ItemEventType, self.event_type)}, member={self.member})"
        )


class EntryEvent(Generic[KeyType, ValueType]):
    """A change of an entry of a map, or of all entries at once. What does not apply is None.

    Args:
        key: The key.
        value: The new value.
        old_value: The previous value.
        merging_value: The merged value.
        event_type: One of `EntryEventType`.
        member_uuid: UUID of the member that reports it.
        number_of_affected_entries: How many entries changed.

    Attributes:
        key: The key.
        value: The value that the entry has now.
        old_value: The value that it had before.
        merging_value: The value that was merged into it, after a split brain.
        event_type: One of `EntryEventType`.
        uuid: UUID of the member that reports it.
        number_of_affected_entries: How many entries changed, if all of them did.
    """

    __slots__ = (
        "event_type",
        "key",
        "merging_value",
        "number_of_affected_entries",
        "old_value",
        "uuid",
        "value",
    )

    def __init__(
        self,
        key: KeyType,
        value: ValueType,
        old_value: ValueType,
        merging_value: ValueType,
        event_type: int,
        member_uuid: UUID,
        number_of_affected_entries: int,
    ) -> None:
        self.key = key
        self.value = value
        self.old_value = old_value
        self.merging_value = merging_value
        self.event_type = event_type
        self.uuid = member_uuid
        self.number_of_affected_entries = number_of_affected_entries

    def __repr__(self) -> str:
        return (
            f"EntryEvent(key={self.key}, value={self.value}, old_value={self.old_value}, "
            f"merging_value={self.merging_value}, "
            f"event_type={get_attr_name(EntryEventType, self.event_type)}, uuid={self.uuid}, "
            f"number_of_affected_entries={self.number_of_affected_entries})"
        )


def read_entry_event(event: Any, decode: Callable[[bytes | None], Any]) -> EntryEvent[Any, Any]:
    """Convert an event of a codec to the event that listeners receive.

    Args:
        event: An `EntryEvent` of a codec; it is the same for maps of all kinds.
        decode: Deserializes keys and values.

    Returns:
        The event for listeners.
    """
    return EntryEvent(
        decode(event.key),
        decode(event.value),
        decode(event.old_value),
        decode(event.merging_value),
        event.event_type,
        event.uuid,
        event.number_of_affected_entries,
    )


class TopicMessage(Generic[MessageType]):
    """A message of a topic.

    Args:
        name: Name of the topic.
        message: The message.
        publish_time: Seconds since 1970.
        member: The member that published it.

    Attributes:
        name: Name of the topic.
        message: The message.
        publish_time: When it was published, in seconds since 1970.
        member: The member that published it; None if that is unknown.
    """

    __slots__ = ("member", "message", "name", "publish_time")

    def __init__(
        self, name: str, message: MessageType, publish_time: float, member: MemberInfo | None
    ) -> None:
        self.name = name
        self.message = message
        self.publish_time = publish_time
        self.member = member

    def __repr__(self) -> str:
        return (
            f"TopicMessage(message={self.message}, publish_time={self.publish_time}, "
            f"topic_name={self.name}, publishing_member={self.member})"
        )


def get_entry_listener_flags(**kwargs: object) -> int:
    """Return the flags of the event types that have a callback.

    Args:
        **kwargs: Callbacks by the name of their `EntryEventType`.

    Returns:
        The flags, combined.
    """
    flags = 0
    for name, callback in kwargs.items():
        if callback is not None:
            flags |= getattr(EntryEventType, name)
    return flags


class DestroyProxy(Protocol):
    """Destroys a structure in the cluster, and forgets its proxy."""

    def __call__(self, service_name: str, name: str) -> Coroutine[Any, Any, bool]:
        """Destroy the structure; return False if it is unknown."""
        ...


class ProxyContext(NamedTuple):
    """What proxies use of the client.

    Attributes:
        next_reference_id: Numbers the calls that acquire or release locks, so that members recognize a
            repeated one.
    """

    runtime: Runtime
    invocations: InvocationService
    serialization: SerializationService
    partitions: PartitionTable
    members: MemberList
    listeners: ListenerService
    dispatcher: EventDispatcher
    config: Config
    destroy: DestroyProxy
    next_reference_id: Callable[[], int]
    near_caches: NearCacheManager


class ProxyOperations(CallingOperations):
    """Base of the operations of all structures.

    Args:
        service_name: Name of the members' service for the structure.
        name: Name of the structure.
        context: What the structure uses of the client.

    Attributes:
        service_name: Name of the members' service for the structure.
        name: Name of the structure.
    """

    instead = BY_NAME

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        self.service_name = service_name
        self.name = name
        self._context = context
        self._runtime = context.runtime
        # Looked up once, since every call uses them.
        self._invoker = context.invocations.of(name)
        self._invoke = self._invoker.invoke
        self._encode = context.serialization.encode
        self._encode_optional = context.serialization.encode_optional
        self._decode = context.serialization.decode
        self._partition_id = context.partitions.partition_id
        self._caller_number = context.runtime.caller_number

    async def on_created(self) -> None:
        """Prepare the proxy; the structure exists in the cluster by now. Called on the loop."""

    async def on_destroyed(self) -> None:
        """Clean up before the structure is destroyed, or when the client shuts down. Called on the loop."""

    def forget_cluster(self) -> None:
        """Forget what only the cluster knows that the client has left. Called on the loop."""

    def forget_in_child(self) -> None:
        """Forget everything that needs no member to answer. Called in a child process."""

    @blocking_operation
    async def destroy(self) -> bool:
        """Destroy the structure in the whole cluster. A later call creates it anew, empty.

        Returns:
            False if this client knows no such structure, or no longer.
        """
        context = self._context
        # To the end: half of it would leave a structure in the cluster that this client no longer knows.
        return await self._in_time(context.runtime.to_the_end(context.destroy(self.service_name, self.name)))

    def _limit_calls(self, seconds: float) -> None:
        self._invoke = self._invoker.within(seconds).invoke

    def _items(self, items: Sequence[bytes | None]) -> list[Any]:
        return read_items(self._decode, items)

    def _entries(self, entries: Sequence[tuple[bytes, bytes]]) -> list[tuple[Any, Any]]:
        return read_entries(self._decode, entries)

    async def _listen(
        self,
        request: Request[UUID],
        remove: Callable[[UUID], Request[Any]],
        what: str,
        handler: Callable[[Any], Awaitable[object] | object],
    ) -> str:
        """Register a listener with all members.

        Args:
            request: Registers it with one member.
            remove: Makes the request that removes it from the id that a member assigned to it.
            what: What it is, for the log.
            handler: Receives each decoded event, off the network's path.

        Returns:
            The registration id.
        """
        context = self._context
        name = f"{what} of {self!r}"
        queue = context.dispatcher.queue(name, self._observed(name, handler))
        registering = context.listeners.register(request, remove, queue.put, settled=queue.settled)
        return await self._in_time(registering)

    def _observed(self, what: str, handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return what handles the events of a listener, which an observer may want to see."""
        observer = self._context.invocations.observer
        return handler if observer is None else observer.listener(what, handler)

    async def _unlisten(self, registration_id: str) -> bool:
        """Remove a listener; return False if no listener has this id."""
        check_not_none(registration_id, "a registration id must not be None")
        return await self._in_time(self._context.listeners.deregister(registration_id))


class StructureFace(FutureFace, Generic[BlockingProxyType]):
    """Future face of a structure that has a blocking face too.

    Args:
        async_face: The asyncio face.

    Attributes:
        name: Name of the structure.
    """

    instead = BY_NAME

    def __init__(self, async_face: Any) -> None:
        super().__init__(async_face)
        self.name: str = async_face.name

    def blocking(self) -> BlockingProxyType:
        """Return the same structure in the blocking face: its operations return when they are done."""
        face: type[BlockingProxyType] = self._blocking_face
        return self if isinstance(self, face) else face(self._async_face)  # type: ignore[call-arg]


class Proxy(StructureFace[BlockingProxyType]):
    """A structure whose operations return a `Future`.

    Args:
        async_face: The asyncio face.

    Attributes:
        name: Name of the structure.
        service_name: Name of the members' service for it.
    """

    def __init__(self, async_face: Any) -> None:
        super().__init__(async_face)
        self.service_name: str = async_face.service_name

    destroy = ProxyOperations.destroy


class PartitionSpecificOperations(ProxyOperations):
    """Base of structures that live in one partition, which depends on their name.

    The text after the first `@` of the name decides, or the whole name if it has none, so that several
    structures can be placed together.

    Args:
        service_name: Name of the members' service for the structure.
        name: Name of the structure.
        context: What the structure uses of the client.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._partition = context.partitions.partition_id(self._encode(string_partition_strategy(name)))


class PartitionSpecificProxy(Proxy[BlockingProxyType]):
    """A structure that lives in one partition, and whose operations return a `Future`."""


class TransactionalProxy(BlockingFace):
    """A structure within a transaction, whose operations return when they are done.

    Args:
        async_face: The asyncio face.
        transaction: The transaction.

    Attributes:
        name: Name of the structure.
        transaction: The transaction.
    """

    def __init__(self, async_face: Any, transaction: Any) -> None:
        super().__init__(async_face)
        self.name: str = async_face.name
        self.transaction: Any = transaction
