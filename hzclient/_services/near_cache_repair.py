"""Keeps a near cache consistent with the cluster, even if members' invalidations get lost.

Theory. Each member numbers the invalidations of each partition that it owns, 1, 2, 3, and so on, under a UUID
of the partition. Every invalidation event carries both. Three things can go wrong, and all end with dropping
what the near cache has of the partition, which is always safe:

* *A gap.* Numbers 5 and 7 arrived, 6 did not. Either 6 is late, because members batch events and several
  connections deliver them, or it is lost, for example because a connection closed. `InvalidationCounts`
  counts the missing numbers. More of them than `max_tolerated_misses` drop the partition at once; fewer may
  still arrive before the next check.
* *Silence.* The last invalidation is lost, and no later one shows the gap. Therefore a check asks every data
  member for the last number of each partition, once per `reconciliation_interval` and after each reconnect. A
  number ahead of ours is not a loss yet, since the events may still be in a member's batch: it becomes *due*,
  and must have been reached by the next check.
* *Another counter.* The UUID of a partition changes if its counter starts anew, for example because the
  partition was lost. Numbers of different UUIDs cannot be compared.

While a connection is down, the events of its member reach nobody. Once the listener has been registered on a
new connection, the next check is *strict*: it tolerates no missing number.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from hzclient._codec import map as codec
from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter, resolve
from hzclient._services.invocation import CALL_FAILURES, InvocationService
from hzclient._services.listeners import ListenerService
from hzclient._services.members import MemberList
from hzclient.errors import ProtocolError

_logger = logging.getLogger("hzclient.near_cache")

_INVALIDATION = 256
"""The bit of invalidations in `EntryEventType`."""

InvalidationEvent = codec.IMapInvalidationEvent | codec.IMapBatchInvalidationEvent


class InvalidatedCache(Protocol):
    """The part of a near cache that is notified of changes."""

    def invalidate(self, key: bytes) -> None:
        """Drop one key."""

    def invalidate_all(self) -> None:
        """Drop all keys."""

    def invalidate_partition(self, partition_id: int) -> None:
        """Drop the keys of one partition."""


class _Partition:
    """What is known about the invalidations of one partition.

    Args:
        uuid: Identifies the counter.
        sequence: The highest number seen.

    Attributes:
        uuid: Identifies the counter.
        sequence: The highest number seen.
        missed: How many lower numbers have not been seen.
        due: The number that the next check must find reached, with none missed; None if the last check found
            nothing missing.
    """

    __slots__ = ("due", "missed", "sequence", "uuid")

    def __init__(self, uuid: UUID | None, sequence: int) -> None:
        self.uuid = uuid
        self.sequence = sequence
        self.missed = 0
        self.due: int | None = None


class InvalidationCounts:
    """Detects lost invalidations by their numbers. Performs no I/O, and is used on the loop only.

    Args:
        max_tolerated_misses: How many missing invalidations of a partition may wait for the next check.
        drop: Called with each partition whose cached values may be stale.
    """

    def __init__(self, max_tolerated_misses: int, drop: Callable[[int], None]) -> None:
        self._max_tolerated = max_tolerated_misses
        self._drop = drop
        self._partitions: dict[int, _Partition] = {}

    def invalidated(self, partition_id: int, uuid: UUID | None, sequence: int) -> None:
        """Record an invalidation that arrived.

        Args:
            partition_id: The partition.
            uuid: Identifies the counter.
            sequence: The number of the invalidation.
        """
        known = self._same_count(partition_id, uuid, sequence)
        if known is None:
            return
        if sequence <= known.sequence:
            known.missed = max(known.missed - 1, 0)  # it was delayed, not lost
            return
        known.missed += sequence - known.sequence - 1
        known.sequence = sequence
        if known.missed > self._max_tolerated:
            self._start_anew(partition_id, known, sequence)

    def check(self, partition_id: int, uuid: UUID, sequence: int, *, strict: bool) -> None:
        """Compare with what the owner of a partition reports.

        Args:
            partition_id: The partition.
            uuid: Identifies the counter.
            sequence: The last number that the owner assigned. It may be ahead of what arrived although
                nothing was lost, because members batch invalidations; hence the tolerance.
            strict: Tolerate nothing, because for some time no invalidation could arrive.
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
        """Return what is known of a partition; None after adopting another counter."""
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
    """Subscribes to the invalidations of one map, and detects lost ones. Used on the loop only.

    Invalidations that this client caused itself are obeyed like all others: changes by a transaction, an SQL
    statement, or a call that timed out do not pass through the near cache.

    Args:
        name: Name of the map.
        cache: Its near cache.
        runtime: Runs the checks.
        invocations: Sends the checks' requests.
        listeners: Keeps the invalidation listener registered.
        members: The members to check.
        partition_id: Returns the partition of a serialized key.
        name_data: The serialized name; its partition counts invalidations of the whole map.
        interval: Seconds between checks; 0 checks only after a reconnect.
        max_tolerated_misses: How many missing invalidations of a partition may wait for the next check.
    """

    def __init__(
        self,
        name: str,
        cache: InvalidatedCache,
        *,
        runtime: Runtime,
        invocations: InvocationService,
        listeners: ListenerService,
        members: MemberList,
        partition_id: Callable[[bytes], int],
        name_data: bytes,
        interval: float,
        max_tolerated_misses: int,
    ) -> None:
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
        """Subscribe to invalidations, and start the checks.

        Args:
            local_only: True if each member reports only its own partitions, because the client is connected
                to all members.

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
        """Unsubscribe and stop the checks, without waiting for members."""
        checks, self._checks = self._checks, None
        self._pause = None
        if checks is not None:
            checks.cancel()
        self._runtime.spawn(self._listeners.deregister(self._registration_id), "near-cache-listener")

    # ------------------------------------------------------------------------------------- events

    def handle(self, event: InvalidationEvent) -> None:
        """Apply an invalidation event at once, since any delay would prolong stale reads.

        Args:
            event: The event.

        Raises:
            ProtocolError: The event is malformed.
        """
        if isinstance(event, codec.IMapInvalidationEvent):
            self._invalidated(event.key, event.partition_uuid, event.sequence)
        else:
            keys, uuids, sequences = event.keys, event.partition_uuids, event.sequences
            if not len(keys) == len(uuids) == len(sequences):
                raise ProtocolError(f"invalidations of {self._name!r}: lists of different lengths")
            for key, uuid, sequence in zip(keys, uuids, sequences, strict=True):
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
        # That member reports changes from now on; earlier ones may have been missed.
        self._strict = True
        if self._pause is not None:
            resolve(self._pause, None)

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
        """Ask all data members for their counters, and drop what may be stale.

        Args:
            strict: Tolerate no missing invalidation.

        Returns:
            True if all members responded.
        """
        asked = [uuid for uuid, member in self._members.members.items() if not member.lite_member]
        return all(await self._runtime.gather(self._check_member(uuid, strict) for uuid in asked))

    async def _check_member(self, member: UUID, strict: bool) -> bool:
        request = codec.FETCH_NEAR_CACHE_INVALIDATION_METADATA.encode([self._name], member)
        try:
            response = await self._invocations.invoke(request, member=member)
        except CALL_FAILURES as error:
            _logger.debug("Member %s does not report its invalidations of %s: %s", member, self._name, error)
            return member not in self._members.members
        sequences: dict[int, int] = {}
        for name, of_partitions in response.name_partition_sequence_list:
            if name == self._name:
                sequences.update(of_partitions)
        for partition_id, uuid in response.partition_uuid_list:
            self._counts.check(partition_id, uuid, sequences.get(partition_id, 0), strict=strict)
        return True
