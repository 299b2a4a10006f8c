"""The map's event journal, in which members record changes for later reading."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias

from hzclient._codec import map as codec
from hzclient._runtime.faces import stream
from hzclient._slots import fields_text
from hzclient.errors import ProtocolError
from hzclient.future import OperationFuture
from hzclient.proxy._event_buffer import EventBuffer
from hzclient.proxy.base import EntryEventType, ProxyOperations
from hzclient.serialization.objects import JournaledChange
from hzclient.types import KeyType, ValueType
from hzclient.util import get_attr_name

_Read: TypeAlias = tuple[int, OperationFuture[Any]]


@dataclass(frozen=True, slots=True, repr=False)
class JournalEvent(Generic[KeyType, ValueType]):
    """A change of an entry, as a member recorded it.

    Attributes:
        partition_id: The partition of the key.
        sequence: Number of the change in the partition's journal.
        event_type: What happened, one of `EntryEventType`.
        key: The key.
        value: The new value; None if there is none.
        old_value: The previous value; None if there was none.
    """

    partition_id: int
    sequence: int
    event_type: int
    key: KeyType
    value: ValueType | None
    old_value: ValueType | None

    def __repr__(self) -> str:
        event_type = get_attr_name(EntryEventType, self.event_type)
        return fields_text(self, *JournalEvent.__slots__, event_type=event_type)


class JournalOperations(ProxyOperations, Generic[KeyType, ValueType]):
    """Reads the event journal of a map that is configured to have one."""

    @stream
    def journal(
        self, from_oldest: bool = True, page_size: int = 100
    ) -> AsyncGenerator[JournalEvent[KeyType, ValueType], None]:
        """Iterate over the changes in the journal and then over each new one, without end.

        Changes of one partition come in their order. A change that the journal drops for lack of room before
        it is read is missing, which shows as a gap in the sequence numbers.

        Args:
            from_oldest: Begin with the oldest change in the journal; otherwise with the next one that
                happens.
            page_size: Maximum number of changes of a partition per request.

        Returns:
            An iterator over the changes.

        Raises:
            ValueError: `page_size` is less than 1.
            UnsupportedOperationError: In the first step, if the map has no journal.
        """
        if page_size < 1:
            raise ValueError(f"page_size must be at least 1, not {page_size!r}")
        return self._read_journal(from_oldest, page_size)

    async def _read_journal(
        self, from_oldest: bool, page_size: int
    ) -> AsyncGenerator[JournalEvent[KeyType, ValueType], None]:
        ids = self._context.partitions.ids()
        bounds = await self._context.runtime.gather(
            self._invoke(codec.EVENT_JOURNAL_SUBSCRIBE.encode(self.name), partition_id=id_) for id_ in ids
        )
        # A member responds as soon as a partition has changes, so the partitions take turns as they respond.
        responses: EventBuffer[_Read] = EventBuffer(
            self._context.runtime, f"the journal of {self!r}", len(ids)
        )
        reads: dict[int, OperationFuture[Any]] = {}

        def read(partition_id: int, sequence: int) -> None:
            request = codec.EVENT_JOURNAL_READ.encode(self.name, sequence, 1, page_size, None, None)
            future = OperationFuture(self._invoke(request, self._changes, partition_id=partition_id))
            reads[partition_id] = future
            future.add_done_callback(lambda done: responses.put((partition_id, future)))

        try:
            for id_, bound in enumerate(bounds):
                read(id_, bound.oldest_sequence if from_oldest else bound.newest_sequence + 1)
            while (response := await responses.next()) is not None:
                partition_id, future = response
                next_sequence, changes = future.outcome()
                read(partition_id, next_sequence)
                for sequence, event_type, key, value, old_value in changes:
                    yield JournalEvent(partition_id, sequence, event_type, key, value, old_value)
        finally:
            for future in reads.values():
                future.cancel()

    def _changes(
        self, page: codec.EventJournalReadResponse
    ) -> tuple[int, list[tuple[int, int, Any, Any, Any]]]:
        """Return the number to continue with, and number, kind, key, value, and old value of each change."""
        decode = self._decode
        sequences = page.item_seqs or ()
        if len(sequences) != len(page.items):
            raise ProtocolError(
                f"the journal of {self!r}: {len(sequences)} numbers for {len(page.items)} changes"
            )
        changes: list[tuple[int, int, Any, Any, Any]] = []
        for sequence, item in zip(sequences, page.items, strict=True):
            change: object = decode(item)
            if not isinstance(change, JournaledChange):
                raise ProtocolError(
                    f"the journal of {self!r} holds {type(change).__name__} instead of a change"
                )
            key, value, old_value = decode(change.key), decode(change.value), decode(change.old_value)
            changes.append((sequence, change.event_type, key, value, old_value))
        return page.next_seq, changes
