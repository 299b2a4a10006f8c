"""FlakeIdGenerator: unique ids, fetched from the members in batches."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hzclient._codec import flake_id_generator as codec
from hzclient._runtime.base import Runtime
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient._services.call import Invoker
from hzclient.config import FlakeIdGeneratorConfig
from hzclient.future import OperationFuture
from hzclient.proxy.base import Proxy, ProxyContext, ProxyOperations

__all__ = (
    "AsyncFlakeIdGenerator",
    "BlockingFlakeIdGenerator",
    "FlakeIdGenerator",
    "FlakeIdGeneratorOperations",
)


@dataclass(slots=True)
class _Block:
    """Ids that a member has assigned to this client.

    Attributes:
        next: The next id to return.
        increment: Difference between consecutive ids.
        left: Number of ids left.
        expires: Monotonic time after which the ids are no longer used.
    """

    next: int
    increment: int
    left: int
    expires: float


class _Ids:
    """The ids of one generator, and the callers who wait for some. Used from any thread.

    One fetch serves all waiting callers, and goes on if the caller that started it stops waiting.
    """

    def __init__(self, name: str, config: FlakeIdGeneratorConfig, runtime: Runtime, invoker: Invoker) -> None:
        self._name = name
        self._batch_size = config.prefetch_count
        self._validity = config.prefetch_validity or float("inf")
        self._runtime = runtime
        self._invoke = invoker.invoke
        self._lock = runtime.lock
        self.forget()

    def forget(self) -> None:
        """Start again without any ids."""
        self._block = _Block(0, 0, 0, 0.0)
        # Others rely on it, so it is set when nothing can keep it from its end any more, such as an interrupt
        # of its first step. Threads that need ids at the same moment may therefore start one each.
        self._fetching: OperationFuture[None] | None = None

    def forget_block(self) -> None:
        """Drop the ids that were fetched. Callers that wait for a fetch go on waiting."""
        with self._lock:
            self._block = _Block(0, 0, 0, 0.0)

    def take(self) -> int | OperationFuture[None] | None:
        """Return the next id, or the fetch to wait for if there is none, or None if the caller must fetch."""
        with self._lock:
            block = self._block
            if block.left and time.monotonic() <= block.expires:
                id_ = block.next
                block.next += block.increment
                block.left -= 1
                return id_
            fetching = self._fetching
        return None if fetching is None or fetching.done() else fetching

    async def wait(self, found: OperationFuture[None] | None) -> int:
        """Wait for an id; an operation.

        Args:
            found: What `take` returned.

        Returns:
            The id.
        """
        while True:
            fetching = OperationFuture(self._fetch()) if found is None else found
            if found is None:
                self._fetching = fetching
            await self._runtime.first_of(fetching)  # a caller that stops waiting does not end it
            fetching.outcome()
            taken = self.take()
            if isinstance(taken, int):
                return taken
            found = taken

    async def _fetch(self) -> None:
        batch = await self._invoke(codec.NEW_ID_BATCH.encode(self._name, self._batch_size))
        block = _Block(batch.base, batch.increment, batch.batch_size, time.monotonic() + self._validity)
        with self._lock:
            self._block = block


class FlakeIdGeneratorOperations(ProxyOperations):
    """Generates 64-bit ids that are unique in the cluster and roughly increase with time.

    Ids are fetched in batches, so most calls ask no member. `FlakeIdGeneratorConfig` sets the size and
    validity of a batch.

    Args:
        service_name: The service of the members that holds the generator.
        name: Name of the generator.
        context: What the generator uses of the client.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        config = context.config.flake_id_generators.get(name) or FlakeIdGeneratorConfig()
        self._ids = _Ids(name, config, context.runtime, context.invocations)

    def forget_cluster(self) -> None:
        """Drop the ids of the other cluster."""
        self._ids.forget_block()

    def forget_in_child(self) -> None:
        """Forget the ids of the parent process."""
        # The parent process uses the ids of this batch.
        self._ids.forget()

    @operation
    async def new_id(self) -> int:
        """Return an id that nobody else gets.

        Returns:
            The id.

        Raises:
            NodeIdOutOfRangeError: No member can generate ids, because too many have joined since the cluster
                was started.
        """
        found = self._ids.take()
        return found if isinstance(found, int) else await self._in_time(self._ids.wait(found))


class AsyncFlakeIdGenerator(FlakeIdGeneratorOperations, AsyncioFace):
    """An id generator whose operations are coroutine methods."""


class FlakeIdGenerator(Proxy["BlockingFlakeIdGenerator"], FlakeIdGeneratorOperations):
    """An id generator whose operations return a `Future`."""


class BlockingFlakeIdGenerator(BlockingFace, FlakeIdGenerator):
    """An id generator whose operations block until they are done."""
