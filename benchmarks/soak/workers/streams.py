"""Queues, topics, ringbuffers, and listeners of maps."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.soak.deliveries import Deliveries, Sending
from benchmarks.soak.ledger import CallFailed
from benchmarks.soak.workers.base import Worker


class Queues(Worker):
    """No item comes twice. An acknowledged item is lost only if a call that removes one has failed."""

    kind = "queue"

    async def prepare(self) -> None:
        self._queue = await self.get("queue")
        self._items = Deliveries()
        self._failed = 0

    async def step(self) -> None:
        for _ in range(2):
            await self._offer()
        await self._receive(lambda: self._queue.poll(0.2))
        await self._receive(self._queue.take)

    async def _offer(self) -> None:
        item = self._items.send()
        if await self.call(lambda: self._queue.offer(item)):
            self._items.acknowledge(item)

    async def _receive(self, make: Callable[[], Awaitable[Any]]) -> None:
        try:
            item = await self.call(make)
        except CallFailed:
            self._failed += 1
            raise
        if item is not None:
            self._check(item)

    def _check(self, item: int) -> None:
        self.expect(
            self._items.receive(item) is not None, f"the item {item} came twice, or was never offered"
        )

    async def check(self) -> None:
        while (item := await self.insist(self._queue.poll)) is not None:
            self._check(item)
        lost = self._items.missing()
        self.ledger.count("queues: items removed by calls that failed", lost)
        self.expect(
            lost <= self._failed,
            f"{lost} items are lost, but only {self._failed} calls that remove one have failed",
        )


class Published(Worker):
    """Messages that this worker causes and gets. None comes twice or out of order.

    A call that has failed may be carried out later, when a member that was paused goes on. Its message then
    comes after others.
    """

    async def prepare(self) -> None:
        self._structure = await self.get(self.structure)
        self._messages = Deliveries()
        self._last = -1
        await self.insist(lambda: self.listen(self._receive))

    structure: str

    @abstractmethod
    async def listen(self, callback: Callable[[int], None]) -> str:
        """Register a listener that is called with the number of each message."""

    @abstractmethod
    async def publish(self, number: int) -> None:
        """Cause the message with a number."""

    @abstractmethod
    async def unlisten(self, registration: str) -> Any:
        """Remove a listener."""

    def _receive(self, number: int) -> None:
        sending = self._messages.receive(number)
        self.expect(sending is not None, f"the message {number} came twice, or was never sent")
        in_order = number > self._last or sending is Sending.FAILED
        self.expect(in_order, f"the message {number} came after {self._last}")
        self._last = max(self._last, number)

    async def step(self) -> None:
        number = self._messages.send()
        try:
            await self.call(lambda: self.publish(number))
        except CallFailed:
            self._messages.fail(number)
            raise
        self._messages.acknowledge(number)
        if self.steps % 10 == 0:
            registration = await self.call(lambda: self.listen(lambda _: None))
            await self.call(lambda: self.unlisten(registration))

    async def check(self) -> None:
        missing = self._messages.missing()
        for _ in range(5):
            number = self._messages.send()
            await self.insist(lambda number=number: self.publish(number))  # type: ignore[misc]
            self._messages.acknowledge(number)

        async def came() -> bool:
            return self._messages.missing() <= missing

        await self.finally_true("the last messages came", came)
        self.ledger.count(f"{self.kind}: messages lost", self._messages.missing())


class Topics(Published):
    """A topic, which may lose messages while members leave."""

    kind = "topic"
    structure = "topic"

    async def listen(self, callback: Callable[[int], None]) -> str:
        registration: str = await self._structure.add_listener(lambda message: callback(message.message))
        return registration

    async def publish(self, number: int) -> None:
        await self._structure.publish(number)

    async def unlisten(self, registration: str) -> Any:
        return await self._structure.remove_listener(registration)


class ReliableTopics(Topics):
    """A reliable topic, which loses no message."""

    kind = "reliable topic"
    structure = "reliable_topic"

    async def check(self) -> None:
        async def all_came() -> bool:
            return self._messages.missing() == 0

        await self.finally_true("all acknowledged messages came", all_came)


class Listeners(Published):
    """An entry listener of a map, which may miss events while members leave."""

    kind = "listeners"
    structure = "map"

    async def listen(self, callback: Callable[[int], None]) -> str:
        def notify(event: Any) -> None:
            callback(event.value)

        registration: str = await self._structure.add_entry_listener(
            include_value=True, added_func=notify, updated_func=notify
        )
        return registration

    async def publish(self, number: int) -> None:
        await self._structure.set("key", number)

    async def unlisten(self, registration: str) -> Any:
        return await self._structure.remove_entry_listener(registration)


class Ringbuffers(Worker):
    """Items are where they were added, and nowhere else."""

    kind = "ringbuffer"
    REMEMBERED = 50

    async def prepare(self) -> None:
        self._ringbuffer = await self.get("ringbuffer")
        self._known: deque[tuple[int, str]] = deque(maxlen=self.REMEMBERED)

    async def step(self) -> None:
        if self._known:
            await self._read_back(*self._known[0])
        item = f"{self.name}={self.steps}"
        sequence = await self.call(lambda: self._ringbuffer.add(item))
        last = self._known[-1][0] if self._known else -1
        self.expect(sequence > last, f"{item!r} was added at {sequence}, after {last}")
        self._known.append((sequence, item))
        await self._read_back(sequence, item)

    async def _read_back(self, sequence: int, item: str) -> None:
        found = await self.call(lambda: self._ringbuffer.read_one(sequence))
        self.expect(found == item, f"at {sequence} is {found!r}, not {item!r}")

    async def check(self) -> None:
        for sequence, item in self._known:
            found = await self.insist(lambda at=sequence: self._ringbuffer.read_one(at))  # type: ignore[misc]
            self.expect(found == item, f"at {sequence} is {found!r}, not {item!r}")
