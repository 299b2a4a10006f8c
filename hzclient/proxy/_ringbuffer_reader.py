"""Reads a ringbuffer continuously, across reconnects and lost items."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeVar

from hzclient._codec import ringbuffer as codec
from hzclient._pauses import Pauses
from hzclient._protocol.message import Request
from hzclient._services.call import Terms
from hzclient.errors import (
    ClientOfflineError,
    DistributedObjectDestroyedError,
    HazelcastClientNotActiveError,
    HazelcastError,
    HazelcastInstanceNotActiveError,
    IllegalArgumentError,
    OperationTimeoutError,
    StaleSequenceError,
)
from hzclient.future import OperationFuture
from hzclient.proxy._reading import OnError, read_items
from hzclient.proxy.base import ProxyContext

T = TypeVar("T")
R = TypeVar("R")

_logger = logging.getLogger("hzclient.proxy.ringbuffer")

NOTHING_FOLLOWS: Final = (
    DistributedObjectDestroyedError,
    HazelcastClientNotActiveError,
    HazelcastInstanceNotActiveError,
)
"""Errors that end the reading without being errors to its caller."""

LONGEST_BATCH: Final = 1000
"""Maximum number of items in one response of a member."""

_PAUSES: Final = Pauses(0.1, 2.0)


class ReadingCancelledError(Exception):
    """`RingbufferReader.cancel` was called."""


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """Consecutive items.

    Attributes:
        first: Sequence number of the first item.
        items: The items.
    """

    first: int
    items: list[T]


class RingbufferReader(Generic[T]):
    """Reads one batch after the other, and waits when there are no new items.

    Args:
        context: What the reader uses of the client.
        name: Name of the ringbuffer.
        partition_id: Its partition.
        batch_size: Maximum number of items per batch; the ringbuffer's capacity is a limit, too.
        decode: Deserializes an item.
        is_loss_tolerant: Returns True if the reader is to go on after items were lost.
        on_error: What to do about items that cannot be deserialized.

    Attributes:
        sequence: Sequence number of the next item.
    """

    def __init__(
        self,
        context: ProxyContext,
        name: str,
        partition_id: int,
        *,
        batch_size: int,
        decode: Callable[[Any], T],
        is_loss_tolerant: Callable[[], bool],
        on_error: OnError = "raise",
    ) -> None:
        self.sequence = 0
        self._is_loss_tolerant = is_loss_tolerant
        self._context = context
        self._name = name
        self._partition_id = partition_id
        self._wanted_batch_size = self._batch_size = min(batch_size, LONGEST_BATCH)
        self._moves = context.partitions.moves
        self._decode_all = partial(read_items, decode, on_error=on_error)
        self._call: OperationFuture[Any] | None = None
        self._cancelled = False

    async def start(self, sequence: int | None) -> None:
        """Begin to read; an operation, to be awaited before anything else.

        Args:
            sequence: Sequence number of the first item; -1 for items added from now on, None for the
                oldest item.
        """
        # Sent together in the first step, so that items added after this call count as new.
        requests = [codec.CAPACITY.encode(self._name)]
        if sequence is None:
            requests.append(codec.HEAD_SEQUENCE.encode(self._name))
        elif sequence == -1:
            requests.append(codec.TAIL_SEQUENCE.encode(self._name))
        capacity, *found = await self._ask_all(requests)
        self._batch_size = min(self._wanted_batch_size, capacity)
        if found:
            self.sequence = found[0] + 1 if sequence == -1 else found[0]
        else:
            assert sequence is not None
            self.sequence = sequence

    async def _ask_all(self, requests: list[Request[int]]) -> list[int]:
        """Send requests whose responses must come from one cluster; again if the client moves meanwhile."""
        while True:
            self._moves = moves = self._context.partitions.moves
            try:
                return await self._context.runtime.gather(map(self._ask, requests))
            except StaleSequenceError:
                if moves == self._context.partitions.moves:
                    raise

    async def read(self) -> Batch[T]:
        """Read the next batch; wait for one. An operation.

        Returns:
            The batch.

        Raises:
            ReadingCancelledError: `cancel` was called.
            StaleSequenceError: Items were lost, and the reader does not tolerate that. Also if the client has
                moved to another cluster (the whole cluster was restarted, say).
            IllegalArgumentError: The ringbuffer lost its newest items, and the reader does not tolerate that.
            HazelcastError: One of `NOTHING_FOLLOWS`, or an error that a member reported.
        """
        response = await self._read()
        first = response.next_seq - response.read_count
        lost = first - self.sequence
        if lost:
            if not self._is_loss_tolerant():
                raise StaleSequenceError(
                    f"{lost} items of {self._name!r} from {self.sequence} on gave way before they were read"
                )
            _logger.info("%s items of %r were lost before they were read", lost, self._name)
        items = await self._context.dispatcher.decoded(lambda: self._decode_all(response.items))
        self.sequence = response.next_seq
        return Batch(first, items)

    async def _read(self) -> codec.ReadManyResponse:
        failures = 0
        lost: HazelcastError | None = None
        while True:
            try:
                if lost is not None:
                    await self._interruptible(self.start(None))
                    _logger.info("Reading %r goes on at %s after %r", self._name, self.sequence, lost)
                    lost = None
                request = codec.READ_MANY.encode(self._name, self.sequence, 1, self._batch_size, None)
                return await self._interruptible(self._ask(request))
            except OperationTimeoutError as error:
                _logger.debug("Reading %r goes on after %r", self._name, error)
            except ClientOfflineError:
                _logger.debug("Reading %r goes on when there is a connection again", self._name)
            except (StaleSequenceError, IllegalArgumentError) as error:
                if not self._is_loss_tolerant():
                    raise
                lost = error
            failures += 1
            await self._context.runtime.sleep(_PAUSES.after(failures))

    def _ask(self, request: Request[R]) -> Coroutine[Any, Any, R]:
        return self._context.invocations.invoke(
            request, partition_id=self._partition_id, terms=Terms(check=self._check_cluster)
        )

    def _check_cluster(self) -> None:
        """Refuse to send a sequence number of one cluster to another, where it means another item."""
        if self._moves != self._context.partitions.moves:
            raise StaleSequenceError(
                f"the cluster was restarted, or the client moved to another one: items of {self._name!r} "
                f"from {self.sequence} on may be lost, and sequence numbers begin anew"
            )

    async def _interruptible(self, operation: Coroutine[Any, Any, R]) -> R:
        self._call = call = OperationFuture(operation)
        try:
            if self._cancelled:
                raise ReadingCancelledError
            await self._context.runtime.first_of(call)
            if self._cancelled:
                raise ReadingCancelledError
        finally:
            self._call = None
            call.cancel()
        return call.outcome()

    def cancel(self) -> None:
        """End the reading. May be called from any thread."""
        self._cancelled = True
        call = self._call
        if call is not None:
            call.cancel()
