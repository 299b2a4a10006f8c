"""Ringbuffer: a sequence of items with a fixed capacity."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, Final, Generic, cast, overload

from hzclient._codec import ringbuffer as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation, stream
from hzclient.proxy._arguments import check_at_least, list_of
from hzclient.proxy._reading import OnError, check_on_error
from hzclient.proxy._ringbuffer_reader import NOTHING_FOLLOWS, RingbufferReader
from hzclient.proxy.base import PartitionSpecificOperations, PartitionSpecificProxy, ProxyContext
from hzclient.types import ItemType
from hzclient.util import check_not_empty, check_not_none, check_true

__all__ = (
    "MAX_BATCH_SIZE",
    "OVERFLOW_POLICY_FAIL",
    "OVERFLOW_POLICY_OVERWRITE",
    "AsyncRingbuffer",
    "BlockingRingbuffer",
    "ReadResult",
    "Ringbuffer",
    "RingbufferOperations",
)

OVERFLOW_POLICY_OVERWRITE: Final = 0
"""If the ringbuffer is full, overwrite the oldest item."""

OVERFLOW_POLICY_FAIL: Final = 1
"""If the ringbuffer is full, add nothing.

It is full if its items have a time to live and that of the oldest item has not passed."""

MAX_BATCH_SIZE: Final = 1000
"""Maximum number of items to add or read at once."""

_NO_ITEM = "an item must not be None"


class ReadResult(Sequence[ItemType]):
    """Items that `read_many` has read, in order. Equal to any collection of the same items.

    Args:
        read_count: Number of items that were read, before the filter.
        next_seq: Sequence number to continue with.
        item_seqs: Sequence number of each item; None if the member did not send them.
        items: The items.
    """

    SEQUENCE_UNAVAILABLE: Final = -1
    """Sequence number of an item if the member did not send it."""

    def __init__(
        self, read_count: int, next_seq: int, item_seqs: Sequence[int] | None, items: Sequence[ItemType]
    ) -> None:
        self._read_count = read_count
        self._next_seq = next_seq
        self._item_seqs = item_seqs
        self._items = items

    @property
    def read_count(self) -> int:
        """Number of items that were read, including those that the filter left out."""
        return self._read_count

    @property
    def size(self) -> int:
        """Number of items in the result."""
        return len(self._items)

    @property
    def next_sequence_to_read_from(self) -> int:
        """Sequence number after the last item that was read."""
        return self._next_seq

    def get_sequence(self, index: int) -> int:
        """Return the sequence number of an item.

        Args:
            index: Index of the item in the result.

        Returns:
            The sequence number, or `SEQUENCE_UNAVAILABLE` if the member did not send it.
        """
        return self.SEQUENCE_UNAVAILABLE if self._item_seqs is None else self._item_seqs[index]

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> ItemType: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ItemType]: ...
    def __getitem__(self, index: int | slice) -> ItemType | Sequence[ItemType]:
        return self._items[index]

    def __iter__(self) -> Iterator[ItemType]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Iterable):
            return False
        return list(self._items) == list(cast("Iterable[object]", other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ReadResult({list(self._items)!r}, next_sequence_to_read_from={self._next_seq})"


class RingbufferOperations(PartitionSpecificOperations, Generic[ItemType]):
    """A distributed ringbuffer.

    Each added item gets the next sequence number. The newest item has the tail sequence, the oldest one that
    is still there the head sequence. Reading removes nothing.

    Args:
        service_name: The service of the members that holds the ringbuffer.
        name: Name of the ringbuffer.
        context: What the ringbuffer uses of the client.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._capacity: int | None = None

    # ------------------------------------------------------------------------------------ what it is

    @operation
    async def capacity(self) -> int:
        """Return the capacity. It never changes, so members are asked once."""
        if self._capacity is None:
            self._capacity = await self._invoke(
                codec.CAPACITY.encode(self.name), partition_id=self._partition
            )
        return self._capacity

    @operation
    async def size(self) -> int:
        """Return the number of items."""
        return await self._invoke(codec.SIZE.encode(self.name), partition_id=self._partition)

    @operation
    async def tail_sequence(self) -> int:
        """Return the sequence number of the newest item; -1 if none was ever added."""
        return await self._invoke(codec.TAIL_SEQUENCE.encode(self.name), partition_id=self._partition)

    @operation
    async def head_sequence(self) -> int:
        """Return the sequence number of the oldest item; the tail sequence plus one if there is none."""
        return await self._invoke(codec.HEAD_SEQUENCE.encode(self.name), partition_id=self._partition)

    @operation
    async def remaining_capacity(self) -> int:
        """Return how many items can be added before one that is still alive must be overwritten.

        If items have no time to live, this is the capacity.
        """
        return await self._invoke(codec.REMAINING_CAPACITY.encode(self.name), partition_id=self._partition)

    # ---------------------------------------------------------------------------------------- adding

    @operation
    async def add(self, item: ItemType, overflow_policy: int = OVERFLOW_POLICY_OVERWRITE) -> int:
        """Add an item.

        Args:
            item: The item.
            overflow_policy: `OVERFLOW_POLICY_OVERWRITE` or `OVERFLOW_POLICY_FAIL`.

        Returns:
            Sequence number of the item; -1 if the ringbuffer is full and the policy is to fail.
        """
        check_not_none(item, _NO_ITEM)
        request = codec.ADD.encode(self.name, overflow_policy, self._encode(item))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def add_all(
        self, items: Sequence[ItemType], overflow_policy: int = OVERFLOW_POLICY_OVERWRITE
    ) -> int:
        """Add items, in the given order. Other callers' items may come in between.

        Args:
            items: From 1 to `MAX_BATCH_SIZE` items.
            overflow_policy: `OVERFLOW_POLICY_OVERWRITE`, or `OVERFLOW_POLICY_FAIL`: all items or none.

        Returns:
            Sequence number of the last item; -1 if there is not enough room and the policy is to fail.
        """
        items = list_of(items, "items")
        check_not_empty(items, "there must be items")
        check_true(len(items) <= MAX_BATCH_SIZE, f"there may be {MAX_BATCH_SIZE} items at most")
        for item in items:
            check_not_none(item, _NO_ITEM)
        request = codec.ADD_ALL.encode(self.name, list(map(self._encode, items)), overflow_policy)
        return await self._invoke(request, partition_id=self._partition)

    # --------------------------------------------------------------------------------------- reading

    @operation
    async def read_one(self, sequence: int) -> ItemType:
        """Read an item; wait for it if it has not been added yet.

        Args:
            sequence: Sequence number of the item, not negative.

        Returns:
            The item.

        Raises:
            StaleSequenceError: The item was overwritten.
        """
        check_at_least(sequence, 0, "a sequence number")
        request = codec.READ_ONE.encode(self.name, sequence)
        item: ItemType = await self._invoke(request, self._decode, partition_id=self._partition)
        return item

    @operation
    async def read_many(
        self, start_sequence: int, min_count: int, max_count: int, filter: Any = None
    ) -> ReadResult[ItemType]:
        """Read a batch of items; wait until there are enough.

        Args:
            start_sequence: Sequence number of the first item; if it was overwritten, the oldest item is
                first.
            min_count: How many items to wait for; 0 does not wait.
            max_count: Maximum number of items, at most the capacity and `MAX_BATCH_SIZE`.
            filter: Leaves out items. An object whose class on the members is a filter, too.

        Returns:
            The items, and where to continue.
        """
        check_at_least(start_sequence, 0, "a sequence number")
        check_at_least(min_count, 0, "min_count")
        check_at_least(max_count, min_count, "max_count")
        check_true(max_count <= MAX_BATCH_SIZE, f"max_count must not be more than {MAX_BATCH_SIZE}")
        filter_data = self._encode_optional(filter)
        capacity = self._capacity
        if capacity is None:
            capacity = await self.capacity()
        check_true(max_count <= capacity, f"max_count must not be more than the capacity, {capacity}")
        request = codec.READ_MANY.encode(self.name, start_sequence, min_count, max_count, filter_data)
        return await self._invoke(request, self._read_result, partition_id=self._partition)

    @stream
    def items(
        self,
        sequence: int | None = None,
        loss_tolerant: bool = False,
        batch_size: int = 100,
        on_error: OnError = "raise",
    ) -> AsyncGenerator[ItemType, None]:
        """Yield the items one by one, and wait for new ones: `async for item in ringbuffer.items():`.

        At most one batch is read ahead. The iteration continues after a reconnect, and ends when the
        ringbuffer is destroyed or the client shut down.

        Args:
            sequence: Sequence number of the first item; None for the oldest item, -1 for items added after
                the first one is requested.
            loss_tolerant: Whether to go on with the oldest item left if items were lost: overwritten before
                they were read, or gone in a restart of the whole cluster.
            batch_size: Maximum number of items to read at once.
            on_error: What to do about an item that cannot be deserialized: `"raise"` raises
                `UnreadableItemError`, `"skip"` leaves the item out, and `"raw"` returns its serialized form,
                a `hzclient.serialization.data.Data`.

        Returns:
            An iterator over the items.

        Raises:
            ValueError: `on_error` is not one of the choices.
            StaleSequenceError: Items were lost or may be lost, and that is not tolerated.
        """
        check_at_least(batch_size, 1, "batch_size")
        check_on_error(on_error)
        reader: RingbufferReader[ItemType] = RingbufferReader(
            self._context,
            self.name,
            self._partition,
            batch_size=batch_size,
            decode=self._decode,
            is_loss_tolerant=lambda: loss_tolerant,
            on_error=on_error,
        )
        return self._read_items(reader, sequence)

    async def _read_items(
        self, reader: RingbufferReader[ItemType], sequence: int | None
    ) -> AsyncGenerator[ItemType, None]:
        try:
            await self._in_time(reader.start(sequence))
            while True:
                for item in (await reader.read()).items:
                    yield item
        except NOTHING_FOLLOWS:
            return

    def _read_result(self, response: codec.ReadManyResponse) -> ReadResult[Any]:
        return ReadResult(
            response.read_count,
            response.next_seq,
            response.item_seqs,
            self._items(response.items),
        )


class AsyncRingbuffer(RingbufferOperations[ItemType], AsyncioFace):
    """A distributed ringbuffer whose operations are coroutine methods."""

    def __aiter__(self) -> AsyncIterator[ItemType]:
        """Yield the items from the oldest one on, as `items()` does."""
        return self.items()


class Ringbuffer(PartitionSpecificProxy["BlockingRingbuffer[ItemType]"], RingbufferOperations[ItemType]):
    """A distributed ringbuffer whose operations return a `Future`."""

    def __aiter__(self) -> AsyncIterator[ItemType]:
        """Yield the items from the oldest one on, as `items()` does."""
        return self.items()


class BlockingRingbuffer(BlockingFace, Ringbuffer[ItemType]):
    """A distributed ringbuffer whose operations block until they are done."""

    def __iter__(self) -> Iterator[ItemType]:
        """Yield the items from the oldest one on, as `items()` does."""
        return self.items()
