"""Ringbuffer: items in a sequence, of which a given number is kept."""

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
"""Where the ringbuffer is full, the oldest item gives way."""

OVERFLOW_POLICY_FAIL: Final = 1
"""Where the ringbuffer is full, nothing is added.

Full is one whose items are configured to live for a time, and whose oldest one still has some."""

MAX_BATCH_SIZE: Final = 1000
"""The number of items that may be added or read at once."""

_NO_ITEM = "an item must not be None"


class ReadResult(Sequence[ItemType]):
    """The items that `read_many` has read, in their order. Equal to any collection of the same items.

    Args:
        read_count: How many items were looked at.
        next_seq: Sequence number to go on from.
        item_seqs: The sequence number of each item; None where the member did not tell.
        items: The items.
    """

    SEQUENCE_UNAVAILABLE: Final = -1
    """Stands for a sequence number that the member did not tell."""

    def __init__(
        self, read_count: int, next_seq: int, item_seqs: Sequence[int] | None, items: Sequence[ItemType]
    ) -> None:
        self._read_count = read_count
        self._next_seq = next_seq
        self._item_seqs = item_seqs
        self._items = items

    @property
    def read_count(self) -> int:
        """How many items were looked at: those that a filter left out count too."""
        return self._read_count

    @property
    def size(self) -> int:
        """How many items there are."""
        return len(self._items)

    @property
    def next_sequence_to_read_from(self) -> int:
        """The sequence number after the last item that was looked at."""
        return self._next_seq

    def get_sequence(self, index: int) -> int:
        """The sequence number of an item.

        Args:
            index: Which of the items.

        Returns:
            Its sequence number; `SEQUENCE_UNAVAILABLE` where the member did not tell.
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

    Each item that is added gets the next sequence number. The newest has the tail sequence, the
    oldest that is still there has the head sequence. Reading removes nothing.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._capacity: int | None = None

    # ------------------------------------------------------------------------------------ what it is

    @operation
    async def capacity(self) -> int:
        """How many items are kept. It never changes, and is asked for once."""
        if self._capacity is None:
            self._capacity = await self._invoke(
                codec.CAPACITY.encode(self.name), partition_id=self._partition
            )
        return self._capacity

    @operation
    async def size(self) -> int:
        """How many items there are."""
        return await self._invoke(codec.SIZE.encode(self.name), partition_id=self._partition)

    @operation
    async def tail_sequence(self) -> int:
        """Sequence number of the newest item; -1 before the first one."""
        return await self._invoke(codec.TAIL_SEQUENCE.encode(self.name), partition_id=self._partition)

    @operation
    async def head_sequence(self) -> int:
        """Sequence number of the oldest item; one more than the tail sequence where there is none."""
        return await self._invoke(codec.HEAD_SEQUENCE.encode(self.name), partition_id=self._partition)

    @operation
    async def remaining_capacity(self) -> int:
        """How many items can be added before one gives way that should live on.

        That is the capacity, where items are not configured to live for a time.
        """
        return await self._invoke(codec.REMAINING_CAPACITY.encode(self.name), partition_id=self._partition)

    # ---------------------------------------------------------------------------------------- adding

    @operation
    async def add(self, item: ItemType, overflow_policy: int = OVERFLOW_POLICY_OVERWRITE) -> int:
        """Adds an item.

        Args:
            item: The item.
            overflow_policy: `OVERFLOW_POLICY_OVERWRITE` or `OVERFLOW_POLICY_FAIL`.

        Returns:
            Its sequence number; -1 where the ringbuffer is full and the policy is to fail.
        """
        check_not_none(item, _NO_ITEM)
        request = codec.ADD.encode(self.name, overflow_policy, self._encode(item))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def add_all(
        self, items: Sequence[ItemType], overflow_policy: int = OVERFLOW_POLICY_OVERWRITE
    ) -> int:
        """Adds items, in their order; others may come in between.

        Args:
            items: From 1 to `MAX_BATCH_SIZE` items.
            overflow_policy: `OVERFLOW_POLICY_OVERWRITE`, or `OVERFLOW_POLICY_FAIL`: all or none.

        Returns:
            The sequence number of the last one; -1 where there is no room for all of them and the
            policy is to fail.
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
        """Reads an item; waits for it where it is yet to come.

        Args:
            sequence: Its sequence number, not negative.

        Raises:
            StaleSequenceError: It has given way to newer ones.
        """
        check_at_least(sequence, 0, "a sequence number")
        request = codec.READ_ONE.encode(self.name, sequence)
        item: ItemType = await self._invoke(request, self._decode, partition_id=self._partition)
        return item

    @operation
    async def read_many(
        self, start_sequence: int, min_count: int, max_count: int, filter: Any = None
    ) -> ReadResult[ItemType]:
        """Reads a batch of items; waits until there are enough.

        Args:
            start_sequence: Where to start; the oldest item where that one has given way.
            min_count: How many to wait for; 0 never waits.
            max_count: How many to read at most: no more than the capacity, nor than `MAX_BATCH_SIZE`.
            filter: Leaves out items. An object whose class the members know as a filter too.

        Returns:
            The items, and where to go on.
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
        """Reads item after item, and waits for those to come: `async for item in ringbuffer.items():`.

        No more than one batch is read ahead. It goes on after a reconnect, and ends when the
        ringbuffer is destroyed or the client shut down.

        Args:
            sequence: Sequence number of the first item; None for the oldest, -1 for what is added
                after the first one has been asked for.
            loss_tolerant: Whether to go on where items gave way to newer ones.
            batch_size: How many items to read at most at once.
            on_error: What to do about an item that cannot be deserialized: `"raise"` raises
                `UnreadableItemError`, `"skip"` leaves the item out, and `"raw"` returns its serialized form,
                a `hzclient.serialization.data.Data`.

        Raises:
            ValueError: `on_error` is not one of the choices.
            StaleSequenceError: Items were lost, and that is not tolerated.
        """
        check_at_least(batch_size, 1, "batch_size")
        check_on_error(on_error)
        reader: RingbufferReader[ItemType] = RingbufferReader(
            self._context, self.name, self._partition, batch_size, self._decode, on_error
        )
        reader.loss_tolerant = lambda: loss_tolerant
        return self._read_items(reader, sequence)

    async def _read_items(
        self, reader: RingbufferReader[ItemType], sequence: int | None
    ) -> AsyncGenerator[ItemType, None]:
        try:
            await reader.start(sequence)
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
    """A distributed ringbuffer; its operations are coroutine methods."""

    def __aiter__(self) -> AsyncIterator[ItemType]:
        """The items from the oldest one on, as `items()` gives them."""
        return self.items()


class Ringbuffer(PartitionSpecificProxy["BlockingRingbuffer[ItemType]"], RingbufferOperations[ItemType]):
    """A distributed ringbuffer; its operations each give a `Future`."""

    def __aiter__(self) -> AsyncIterator[ItemType]:
        """The items from the oldest one on, as `items()` gives them."""
        return self.items()


class BlockingRingbuffer(BlockingFace, Ringbuffer[ItemType]):
    """A distributed ringbuffer; its operations return when they are done."""

    def __iter__(self) -> Iterator[ItemType]:
        """The items from the oldest one on, as `items()` gives them."""
        return self.items()
