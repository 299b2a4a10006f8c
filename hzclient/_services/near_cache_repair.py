"""Keeps a near cache true to the cluster: what members tell of changes, and what they could not tell.

Members number the invalidations of each partition. A number that never comes tells of an
invalidation that was lost; a partition with another UUID has lost its count (its data, say). In
both cases the near cache drops what it has of the partition.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from hzclient._codec import map as codec
from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter
from hzclient._services.invocation import CALL_FAILURES, InvocationService
from hzclient._services.listeners import ListenerService
from hzclient._services.members import MemberList

_logger = logging.getLogger("hzclient.near_cache")

_INVALIDATION = 256
"""The bit of `EntryEventType` that stands for invalidations."""

InvalidationEvent = codec.IMapInvalidationEvent | codec.IMapBatchInvalidationEvent


class InvalidatedCache(Protocol):
    """The part of a near cache that is told of changes."""

    def invalidate(self, key: bytes) -> None:
        """Drops one key."""

    def invalidate_all(self) -> None:
        """Drops all keys."""

    def invalidate_partition(self, partition_id: int) -> None:
        """Drops the keys of one partition."""


class _Partition:
    """What is known of the invalidations of one partition.

    Attributes:
        uuid: Whose count it is.
        sequence: The highest number seen.
        missed: How many numbers below it have not been seen.
        due: The number that must be reached by the next check, with none missed; None where the
            last check found nothing missing.
    """

    __slots__ = ("due", "missed", "sequence", "uuid")

    def __init__(self, uuid: UUID | None, sequence: int) -> None:
        self.uuid = uuid
        self.sequence = sequence
        self.missed = 0
        self.due: int | None = None


class InvalidationCounts:
    """Finds lost invalidations by their numbers. Without any I/O; used on the loop only."""

    def __init__(self, max_tolerated_misses: int, drop: Callable[[int], None]) -> None:
        """Args:
        max_tolerated_misses: How many lost invalidations of a partition may wait for the next check.
        drop: Called with each partition whose values may be wrong.
        """
        self._max_tolerated = max_tolerated_misses
        self._drop = drop
        self._partitions: dict[int, _Partition] = {}

    def invalidated(self, partition_id: int, uuid: UUID | None, sequence: int) -> None:
        """Takes note of one invalidation that arrived."""
        known = self._same_count(partition_id, uuid, sequence)
        if known is None:
            return
        if sequence <= known.sequence:
            known.missed = max(known.missed - 1, 0)  # it was late, not lost
            return
        known.missed += sequence - known.sequence - 1
        known.sequence = sequence
        if known.missed > self._max_tolerated:
            self._start_anew(partition_id, known, sequence)

    def check(self, partition_id: int, uuid: UUID, sequence: int, *, strict: bool) -> None:
        """Compares with what the owner of a partition says.

        Args:
            partition_id: The partition.
            uuid: Whose count it is.
            sequence: The number that the owner gave last. It may be ahead of what arrived without
                anything being lost, as members send invalidations in batches; hence the tolerance.
            strict: Tolerate nothing: there was a time when invalidations could not arrive.
        """
        known = self._same_count(partition_id, uuid, sequence)
        if known is None:
            return
        missing = known.missed + max(sequence - known.sequence, 0)
        overdue = known.due is not None and (known.missed > 0 or known.sequence < known.due)
        if missing > (0 if strict else self._max_tolerated) or overdue:
            self._start_anew(partition_id, known, sequence)
        else:
            known.due = max(sequence, known.sequence) if missing else None

    def _same_count(self, partition_id: int, uuid: UUID | None, sequence: int) -> _Partition | None:
        """What is known of the partition; None where the count is another one, which is taken over."""
        known = self._partitions.get(partition_id)
        if known is not None and known.uuid == uuid:
            return known
        self._partitions[partition_id] = _Partition(uuid, sequence)
        self._drop(partition_id)
        return None

    def _start_anew(self, partition_id: int, known: _Partition, sequence: int) -> None:
        known.sequence = max(sequence, known.sequence)
        known.missed = 0
        known.due = None
        self._drop(partition_id)


class NearCacheRepair:
    """Listens to the invalidations of one map, and finds those that were lost. Used on the loop only.

    Invalidations that the client itself caused are obeyed like all others: what a transaction, an
    SQL statement or a call that timed out has changed does not pass by the near cache.
    """

    def __init__(
        self,
        name: str,
        cache: InvalidatedCache,
        runtime: Runtime,
        invocations: InvocationService,
        listeners: ListenerService,
        members: MemberList,
        partition_id: Callable[[bytes], int],
        name_data: bytes,
        interval: float,
        max_tolerated_misses: int,
    ) -> None:
        """Args:
        name: Name of the map.
        cache: Its near cache.
        runtime: Where checks run.
        invocations: Sends their requests.
        listeners: Keeps the listener of invalidations registered.
        members: Whom to ask.
        partition_id: Tells the partition of a serialized key.
        name_data: The serialized name; its partition counts what concerns the whole map.
        interval: Seconds between checks; 0 for none but those after a reconnect.
        max_tolerated_misses: How many lost invalidations of a partition may wait for the next check.
        """
        self._name = name
        self._cache = cache
        self._runtime = runtime
        self._invocations = invocations
        self._listeners = listeners
        self._members = members
        self._partition_id = partition_id
        self._name_data = name_data
        self._interval = interval
        self._counts = InvalidationCounts(max_tolerated_misses, cache.invalidate_partition)
        self._registration_id = ""
        self._strict = False
        self._pause: Waiter[None] | None = None
        self._checks: Any = None

    async def start(self, local_only: bool) -> None:
        """Begins to listen, and to check.

        Args:
            local_only: Whether each member tells of its own partitions only: the client is
                connected to all of them.

        Raises:
            HazelcastError: A member refused the listener.
        """
        self._registration_id = await self._listeners.register(
            codec.ADD_NEAR_CACHE_INVALIDATION_LISTENER.encode(self._name, _INVALIDATION, local_only),
            lambda member_id: codec.REMOVE_ENTRY_LISTENER.encode(self._name, member_id),
            self.handle,
            on_registered_again=self._registered_again,
        )
        await self.check(strict=True)
        self._checks = self._runtime.spawn(self._keep_checking(), f"near-cache-{self._name}")

    def stop(self) -> None:
        """Ends listening and checking. Members are told without waiting for them."""
        if self._checks is not None:
            self._checks.cancel()
        self._runtime.spawn(self._listeners.deregister(self._registration_id), "near-cache-listener")

    # ------------------------------------------------------------------------------------- events

    def handle(self, event: InvalidationEvent) -> None:
        """Obeys an event of a member; at once, as each moment of delay is one of stale reads."""
        if isinstance(event, codec.IMapInvalidationEvent):
            self._invalidated(event.key, event.partition_uuid, event.sequence)
        else:
            for key, uuid, sequence in zip(event.keys, event.partition_uuids, event.sequences, strict=True):
                self._invalidated(key, uuid, sequence)

    def _invalidated(self, key: bytes | None, uuid: UUID | None, sequence: int) -> None:
        if not key:
            self._cache.invalidate_all()
            key = self._name_data
        else:
            self._cache.invalidate(key)
        self._counts.invalidated(self._partition_id(key), uuid, sequence)

    # ------------------------------------------------------------------------------------- checks

    def _registered_again(self) -> None:
        # Only from now on does that member tell of changes; there may have been some before.
        self._strict = True
        if self._pause is not None and not self._pause.done():
            self._pause.set_result(None)

    async def _keep_checking(self) -> None:
        while True:
            if not self._strict:
                self._pause = (
                    self._runtime.sleep(self._interval) if self._interval else self._runtime.pending()
                )
                await self._pause
            strict, self._strict = self._strict, False
            if not await self.check(strict=strict) and strict:
                self._strict = True
                await self._runtime.sleep(1.0)

    async def check(self, *, strict: bool) -> bool:
        """Asks all data members for their counts, and drops what may be wrong.

        Args:
            strict: Tolerate no lost invalidation.

        Returns:
            Whether all members answered.
        """
        asked = [uuid for uuid, member in self._members.members.items() if not member.lite_member]
        return all(await self._runtime.gather(self._check_member(uuid, strict) for uuid in asked))

    async def _check_member(self, member: UUID, strict: bool) -> bool:
        request = codec.FETCH_NEAR_CACHE_INVALIDATION_METADATA.encode([self._name], member)
        try:
            answer = await self._invocations.invoke(request, member=member)
        except CALL_FAILURES as error:
            _logger.debug("Member %s does not tell of invalidations of %s: %s", member, self._name, error)
            return member not in self._members.members
        sequences: dict[int, int] = {}
        for name, of_partitions in answer.name_partition_sequence_list:
            if name == self._name:
                sequences.update(of_partitions)
        for partition_id, uuid in answer.partition_uuid_list:
            self._counts.check(partition_id, uuid, sequences.get(partition_id, 0), strict=strict)
        return True
