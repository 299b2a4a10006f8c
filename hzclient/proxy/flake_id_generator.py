"""FlakeIdGenerator: unique ids, fetched from the members in batches."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hzclient._codec import flake_id_generator as codec
from hzclient._runtime.base import Runtime
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient._runtime.pending import Waiter
from hzclient._services.call import Invoker
from hzclient.config import FlakeIdGeneratorConfig
from hzclient.proxy.base import Proxy, ProxyContext, ProxyOperations

__all__ = (
    "AsyncFlakeIdGenerator",
    "BlockingFlakeIdGenerator",
    "FlakeIdGenerator",
    "FlakeIdGeneratorOperations",
)


@dataclass(slots=True)
class _Block:
    """Ids that a member has given to this client.

    Attributes:
        next: The next one to give away.
        increment: From one to the next.
        left: How many there are left.
        expires: Monotonic time after which they are not given away any more.
    """

    next: int
    increment: int
    left: int
    expires: float


class _Ids:
    """The ids of one generator, and who waits for some. Used from any thread.

    A fetch is for all who wait, and goes on where the caller that began it stops waiting.
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
        """Begins anew, without any ids."""
        self._block = _Block(0, 0, 0, 0.0)
        self._fetching = False
        self._waiting: list[Waiter[None]] = []

    def take(self) -> int | Waiter[None] | None:
        """The next id; or where there is none, what to wait for; or None for who has to fetch some."""
        with self._lock:
            block = self._block
            if block.left and time.monotonic() <= block.expires:
                id_ = block.next
                block.next += block.increment
                block.left -= 1
                return id_
            if not self._fetching:
                self._fetching = True
                return None
            waiter: Waiter[None] = self._runtime.pending()
            self._waiting.append(waiter)
            return waiter

    async def wait(self, found: Waiter[None] | None) -> int:
        """Waits for an id. To be awaited inside an operation.

        Args:
            found: What `take` gave.
        """
        while True:
            if found is None:
                await self._runtime.to_the_end(self._fetch())
            else:
                await found
            taken = self.take()
            if isinstance(taken, int):
                return taken
            found = taken

    async def _fetch(self) -> None:
        block: _Block | None = None
        failure: Exception | None = None
        try:
            batch = await self._invoke(codec.NEW_ID_BATCH.encode(self._name, self._batch_size))
            block = _Block(batch.base, batch.increment, batch.batch_size, time.monotonic() + self._validity)
        except Exception as error:
            failure = error
            raise
        finally:
            self._fetched(block, failure)

    def _fetched(self, block: _Block | None, error: Exception | None) -> None:
        """Ends what `take` has begun: all who wait try again, or fail with `error`."""
        with self._lock:
            self._fetching = False
            if block is not None:
                self._block = block
            waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)


class FlakeIdGeneratorOperations(ProxyOperations):
    """Gives ids with 64 bits that are unique in the cluster, and grow roughly with time.

    They are fetched in batches, whose size and validity `FlakeIdGeneratorConfig` tells; most calls
    are answered without asking a member.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        config = context.config.flake_id_generators.get(name) or FlakeIdGeneratorConfig()
        self._ids = _Ids(name, config, context.runtime, context.invocations)

    def forget_in_child(self) -> None:
        # The parent gives the ids of this batch to others.
        self._ids.forget()

    @operation
    async def new_id(self) -> int:
        """Gives an id that nobody else gets.

        Raises:
            NodeIdOutOfRangeError: No member can make ids, as too many have joined since the cluster
                was started.
        """
        found = self._ids.take()
        return found if isinstance(found, int) else await self._in_time(self._ids.wait(found))


class AsyncFlakeIdGenerator(FlakeIdGeneratorOperations, AsyncioFace):
    """A generator of ids; its operations are coroutine methods."""


class FlakeIdGenerator(Proxy["BlockingFlakeIdGenerator"], FlakeIdGeneratorOperations):
    """A generator of ids; its operations each give a `Future`."""


class BlockingFlakeIdGenerator(BlockingFace, FlakeIdGenerator):
    """A generator of ids; its operations return when they are done."""
