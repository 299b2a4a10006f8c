"""The map's event journal: changes that the members have noted, read again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias

from hzclient._codec import map as codec
from hzclient._runtime.faces import stream
from hzclient._slots import fields_text
from hzclient.future import OperationFuture
from hzclient.proxy._event_buffer import EventBuffer
from hzclient.proxy.base import EntryEventType, ProxyOperations
from hzclient.serialization.objects import JournaledChange
from hzclient.types import KeyType, ValueType
from hzclient.util import get_attr_name

_Read: TypeAlias = tuple[int, OperationFuture[Any]]


@dataclass(frozen=True, slots=True, repr=False)
class JournalEvent(Generic[KeyType, ValueType]):
    """A change of an entry, as a member noted it.

    Attributes:
        partition_id: The partition of the key.
        sequence: Number of the change among those of the partition.
        event_type: What happened, of `EntryEventType`.
        key: The key.
        value: The value since then; None where there was none.
        old_value: The value before; None where there was none.
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
        """Gives the changes that the journal holds, and then each new one: it does not end by itself.

        Changes of one partition come in their order. What the journal has no room for any more before
        it is read is left out: the numbers tell.

        Args:
            from_oldest: Begin with the oldest change of the journal; else with the next one.
            page_size: How many changes of a partition a request asks for.

        Raises:
            ValueError: `page_size` is less than 1.
            UnsupportedOperationError: At the first step, where the map has no journal.
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
        # A member answers when it has something; whichever partition that is of is next.
        answered: EventBuffer[_Read] = EventBuffer(
            self._context.runtime, f"the journal of {self!r}", len(ids)
        )
        reads: dict[int, OperationFuture[Any]] = {}

        def read(partition_id: int, sequence: int) -> None:
            request = codec.EVENT_JOURNAL_READ.encode(self.name, sequence, 1, page_size, None, None)
            future = OperationFuture(self._invoke(request, self._changes, partition_id=partition_id))
            reads[partition_id] = future
            future.add_done_callback(lambda done: answered.put((partition_id, future)))

        try:
            for id_, bound in enumerate(bounds):
                read(id_, bound.oldest_sequence if from_oldest else bound.newest_sequence + 1)
            while (answer := await answered.next()) is not None:
                partition_id, future = answer
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
        """Where to go on, and number, kind, key, value and old value of each change."""
        decode = self._decode
        changes: list[tuple[int, int, Any, Any, Any]] = []
        for sequence, item in zip(page.item_seqs or (), page.items, strict=True):
            change: JournaledChange = decode(item)
            key, value, old_value = decode(change.key), decode(change.value), decode(change.old_value)
            changes.append((sequence, change.event_type, key, value, old_value))
        return page.next_seq, changes
