"""What callers do while a fault lasts: one class for each kind of operation, with its facts.

All calls of a class run in one task or thread, which owns the locks and transactions. Each checks only what
the client or Hazelcast promises:

- a result belongs to its own call: values carry their key;
- a change that was acknowledged survives as long as the cluster keeps a copy of its data. Clients use
  `fail_on_indeterminate_operation_state` for that, and members the property of the same meaning;
- an item is removed from a queue once;
- after the recovery, each event is reported once.
"""

from __future__ import annotations

import asyncio
import functools
import time
import uuid
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from hzclient.errors import HazelcastError
from hzclient.transaction import TWO_PHASE
from tests.faults.world import DEADLINE, CallFailed, Phase, Tally, World
from tests.integration.faces import Face, Seen, eventually
from tests.integration.sql.service import Sql
from tests.integration.twins import Echo
from tests.internals import engine_of

PAUSE = 0.05
"""Seconds between the steps of a caller, so that all callers together leave the members time to work."""

PATIENCE = 40.0
"""Seconds in which background work of the client and of the members must be over."""

KEYS = 50


def value_of(key: str) -> str:
    return f"value of {key}"


class Work(ABC):
    """Calls of one kind in one face.

    Args:
        world: The run.
        face: How calls are made.

    Attributes:
        kind: Name of the kind.
        tally: What was found out.
    """

    kind: ClassVar[str]

    def __init__(self, world: World, face: Face) -> None:
        self.world = world
        self.face = face
        self.tally = Tally(world, self.kind, face.name)
        self.name = f"{world.name}-{face.name}"
        self.steps = 0

    async def run(self) -> None:
        """Go through the phases of the run."""
        await self.prepare()
        await self.world.reach(Phase.WORK)
        while self.world.phase < Phase.REST:
            self.steps += 1
            try:
                await self.step()
            except CallFailed:
                pass
            else:
                self.tally.step_was_good()
            await asyncio.sleep(PAUSE)
        await self.world.reach(Phase.CHECK)
        await self.check()
        await self.world.reach(Phase.LEAVE)
        await self.leave()

    async def prepare(self) -> None:  # noqa: B027
        """Make the structures, before the fault."""

    @abstractmethod
    async def step(self) -> None:
        """Make some calls."""

    async def check(self) -> None:  # noqa: B027
        """Check the facts, when the fault is over and no caller works any more."""

    async def leave(self) -> None:  # noqa: B027
        """Remove listeners."""

    async def get(self, kind: str, name: str | None = None) -> Any:
        """Return a structure whose calls have a deadline."""
        found = await self.face.get(kind, name or self.name)
        return Seen(found.target.with_timeout(DEADLINE))

    async def call(self, make: Callable[[], Awaitable[Any]], deadline: float | None = DEADLINE) -> Any:
        """Make a call as `Tally.call` does."""
        return await self.tally.call(make, deadline)

    def expect(self, fact: bool, text: str) -> None:
        """Note a problem unless something is a fact."""
        if not fact:
            self.tally.problem(text)

    async def finally_true(self, what: str, fact: Callable[[], Any]) -> None:
        """Wait for something that must become true."""
        try:
            await eventually(fact, PATIENCE)
        except AssertionError:
            self.tally.problem(f"{what} did not become true in {PATIENCE:.0f} s")


class Reads(Work):
    """`get`, `get_all` and `contains_key` of entries that nobody changes."""

    kind = "reads"

    async def prepare(self) -> None:
        self._map = await self.get("map", f"{self.name}-reads")
        self._keys = [f"k{n}" for n in range(KEYS)]
        entries = {key: value_of(key) for key in self._keys}
        await self.world.helper.get_map(f"{self.name}-reads").put_all(entries)

    async def step(self) -> None:
        key = self._keys[self.steps % KEYS]
        value = await self.call(lambda: self._map.get(key))
        if value is None and self.world.losses:
            await self.call(lambda: self._map.set(key, value_of(key)))
        else:
            self.expect(value == value_of(key), f"get({key!r}) returned {value!r}")
        some = self._keys[self.steps % KEYS :][:5]
        for key, value in (await self.call(lambda: self._map.get_all(some))).items():
            self.expect(key in some and value == value_of(key), f"get_all returned {key!r}: {value!r}")
        found = await self.call(lambda: self._map.contains_key(key))
        self.expect(found is True or bool(self.world.losses), f"contains_key({key!r}) returned {found!r}")


class Writes(Work):
    """`set` and `put` of new keys. What was acknowledged must be there in the end."""

    kind = "writes"

    async def prepare(self) -> None:
        self._map = await self.get("map", f"{self.name}-writes")
        self._acknowledged: dict[str, int] = {}

    async def step(self) -> None:
        for write in (self._map.set, self._map.put):
            key, losses = f"{uuid.uuid4().hex}", self.world.losses
            await self.call(functools.partial(write, key, value_of(key)))
            self._acknowledged[key] = losses

    async def check(self) -> None:
        kept = [key for key, losses in self._acknowledged.items() if losses == self.world.losses]
        found = await self.world.helper.get_map(f"{self.name}-writes").get_all(kept)
        lost = [key for key in kept if key not in found]
        self.expect(not lost, f"{len(lost)} of {len(kept)} acknowledged writes are lost")
        self.expect(all(found[key] == value_of(key) for key in found), "a key has the value of another")
        self.expect(bool(kept), "nothing was acknowledged")


class Locks(Work):
    """Two owners compete for a lock with a lease; in the end nobody holds it."""

    kind = "locks"
    LEASE = 8.0
    STALE = 2.0
    """Seconds in which a read may be stale: the old owner of a partition that moves still serves reads."""

    async def prepare(self) -> None:
        self._map = await self.get("map", f"{self.name}-locks")
        self._holder: tuple[str, float, int] | None = None

    async def step(self) -> None:
        # A new owner each time: members may carry out an `unlock` that has failed later on, and it would
        # release what the same owner has taken meanwhile.
        await self._as_somebody_else("one")
        await self._as_somebody_else("other")

    async def _as_somebody_else(self, name: str) -> None:
        failure: list[CallFailed] = []

        async def body() -> None:
            try:
                await self._take_and_release(name)
            except CallFailed as error:
                failure.append(error)

        await self.face.as_somebody_else(body)
        if failure:
            raise failure[0]

    async def _take_and_release(self, owner: str) -> None:
        began, losses = time.monotonic(), self.world.losses
        if not await self.call(lambda: self._map.try_lock("l", self.LEASE, 0.2)):
            return
        held = self._holder
        if held is not None and time.monotonic() < held[1] and held[2] == self.world.losses == losses:
            self.tally.problem(f"{owner!r} got the lock that {held[0]!r} holds")
        self._holder = owner, began + self.LEASE, losses
        locked = await self._is_locked()
        in_lease = time.monotonic() < began + self.LEASE and losses == self.world.losses
        self.expect(locked or not in_lease, "the lock that was taken is free")
        self._holder = None
        await self.call(lambda: self._map.unlock("l"))

    async def _is_locked(self) -> bool:
        until: float | None = None
        while not (locked := await self.call(lambda: self._map.is_locked("l"))):
            # From the first response on: the call itself may have waited for the end of a fault.
            until = until or time.monotonic() + self.STALE
            if time.monotonic() > until:
                break
            await asyncio.sleep(PAUSE)
        return bool(locked)

    async def check(self) -> None:
        helper = self.world.helper.get_map(f"{self.name}-locks")

        async def is_free() -> bool:
            return not await helper.is_locked("l")

        await self.finally_true("the lock is free", is_free)


class Listening(Work):
    """Registrations of listeners, and their events after the recovery."""

    async def prepare(self) -> None:
        self._structure = await self.get(self.structure, f"{self.name}-{self.kind}")
        self._seen: list[Any] = []
        self._id = await self.listen(self._seen.append)

    structure: ClassVar[str]

    @abstractmethod
    async def listen(self, callback: Callable[[Any], None]) -> str:
        """Register a listener that is called with what `cause` was called with, or with `last`."""

    @abstractmethod
    async def cause(self, name: str, last: bool) -> None:
        """Cause the event `(name, last)`."""

    @abstractmethod
    async def remove(self, registration: str) -> Any:
        """Remove a listener."""

    async def step(self) -> None:
        await self.call(lambda: self.cause(uuid.uuid4().hex, False))
        if self.steps % 5 == 0:
            registration = await self.call(lambda: self.listen(lambda _: None))
            await self.call(lambda: self.remove(registration))

    async def check(self) -> None:
        await self.finally_true("one registration per member", lambda: registered_once(self.face, self.world))
        # Events are delivered at most once. If a connection was replaced meanwhile, or a call took too long,
        # which a busy machine may cause, the attempt says nothing.
        failure: Exception | None = None
        for _ in range(5):
            before = connections_of(self.face)
            names = [uuid.uuid4().hex for _ in range(20)]
            try:
                came = await self._events_come_once(names)
            except (HazelcastError, OSError) as error:
                failure = error
                continue
            if came or connections_of(self.face) == before:
                break
        else:
            self.expect(failure is None, f"calls failed after the recovery, at last with {failure!r}")
            return
        counts = Counter(self._seen)
        wrong = {name: counts[name, False] for name in names if counts[name, False] != 1}
        self.expect(not wrong, f"events were not reported exactly once: {wrong}")

    async def _events_come_once(self, names: list[str]) -> bool:
        for name in names:
            await self.cause(name, False)
        # Events of one key, and messages of one topic, come in order: a second report of the first event
        # would come before this one.
        for name in names:
            await self.cause(name, True)
        last = {(name, True) for name in names}
        try:
            await eventually(lambda: last <= set(self._seen), 10)
        except AssertionError:
            return False
        return all(self._seen.count((name, False)) == 1 for name in names)

    async def leave(self) -> None:
        await self.remove(self._id)


class Listeners(Listening):
    """Entry listeners of a map."""

    kind = "listeners"
    structure = "map"

    async def listen(self, callback: Callable[[Any], None]) -> str:
        def notify(event: Any) -> None:
            callback((event.key, event.value))

        registration: str = await self._structure.add_entry_listener(
            include_value=True, added_func=notify, updated_func=notify
        )
        return registration

    async def cause(self, name: str, last: bool) -> None:
        await self._structure.set(name, last)

    async def remove(self, registration: str) -> Any:
        return await self._structure.remove_entry_listener(registration)


class Topics(Listening):
    """Messages of a topic, and its listeners."""

    kind = "topics"
    structure = "topic"

    async def listen(self, callback: Callable[[Any], None]) -> str:
        registration: str = await self._structure.add_listener(
            lambda message: callback(tuple(message.message))
        )
        return registration

    async def cause(self, name: str, last: bool) -> None:
        await self._structure.publish([name, last])

    async def remove(self, registration: str) -> Any:
        return await self._structure.remove_listener(registration)


class Queues(Work):
    """`offer`, `poll` and `take`: no item comes twice, and none is lost but to a call that failed."""

    kind = "queues"

    async def prepare(self) -> None:
        self._queue = await self.get("queue")
        self._offered: dict[str, int] = {}
        self._acknowledged: set[str] = set()
        self._received: Counter[str] = Counter()
        self._failed = 0

    async def step(self) -> None:
        for _ in range(2):
            item = uuid.uuid4().hex
            self._offered[item] = self.world.losses
            if await self.call(functools.partial(self._queue.offer, item)):
                self._acknowledged.add(item)
        await self._receive(lambda: self._queue.poll(0.2))
        await self._receive(self._queue.take)

    async def _receive(self, make: Callable[[], Awaitable[Any]]) -> None:
        try:
            item = await self.call(make)
        except CallFailed:
            self._failed += 1
            raise
        if item is not None:
            self._received[item] += 1

    async def check(self) -> None:
        rest = self.world.helper.get_queue(self.name)
        while (item := await rest.poll()) is not None:
            self._received[item] += 1
        twice = [item for item, count in self._received.items() if count > 1]
        self.expect(not twice, f"{len(twice)} items came twice")
        self.expect(not self._received.keys() - self._offered.keys(), "an item came that was not offered")
        kept = {item for item in self._acknowledged if self._offered[item] == self.world.losses}
        lost = kept - self._received.keys()
        self.expect(
            len(lost) <= self._failed,
            f"{len(lost)} items are lost, but only {self._failed} calls that remove one have failed",
        )


class NearCache(Work):
    """Reads and writes of a map with a near cache, which equals the map in the end."""

    kind = "near cache"

    async def prepare(self) -> None:
        self._name = f"near-{self.world.name}"  # one map for all faces: they invalidate each other
        self._map = await self.get("map", self._name)

    async def step(self) -> None:
        key = f"k{self.steps % 10}"
        await self.call(lambda: self._map.set(key, f"{key}:{self.face.name}:{self.steps}"))
        for n in range(10):
            value = await self.call(functools.partial(self._map.get, f"k{n}"))
            self.expect(value is None or value.startswith(f"k{n}:"), f"get('k{n}') returned {value!r}")

    async def check(self) -> None:
        helper = self.world.helper.get_map(self._name)

        async def is_equal() -> bool:
            keys = [f"k{n}" for n in range(10)]
            wanted = await helper.get_all(keys)
            return all([await self._map.get(key) == wanted.get(key) for key in keys])

        await self.finally_true("the near cache is equal to the map", is_equal)


class Transactions(Work):
    """Two entries per transaction. A commit that succeeded keeps both; a rollback keeps none."""

    kind = "transactions"
    TIMEOUT = 5.0

    async def prepare(self) -> None:
        self._map = f"{self.name}-transactions"
        self._committed: dict[str, int] = {}
        self._undone: list[str] = []

    async def step(self) -> None:
        name, losses = uuid.uuid4().hex, self.world.losses
        self._entered = False
        # `begin` and `commit` take part in no `with_timeout`: only tasks can set a limit.
        try:
            await self.call(lambda: self._transact(name), None)
        except CallFailed:
            if not self._entered:
                self._undone.append(name)
            raise
        self._committed[name] = losses

    async def _transact(self, name: str) -> None:
        transaction = self.face.client.new_transaction(self.TIMEOUT, 1, TWO_PHASE)
        async with self.face.entered(transaction) as t:
            m = Seen(t.get_map(self._map).with_timeout(DEADLINE))
            await m.put(f"a{name}", name)
            await m.put(f"b{name}", name)
            self._entered = True  # the commit may be sent from here on

    async def check(self) -> None:
        helper = self.world.helper.get_map(self._map)
        kept = [name for name, losses in self._committed.items() if losses == self.world.losses]
        found = await helper.get_all([f"{half}{name}" for name in kept for half in "ab"])
        self.expect(len(found) == 2 * len(kept), f"only {len(found)} of {2 * len(kept)} entries are there")
        self.expect(bool(kept), "nothing was committed")
        undone = await helper.get_all([f"{half}{name}" for name in self._undone for half in "ab"])
        self.expect(not undone, f"{len(undone)} entries are there though they were never committed")

        async def is_free() -> bool:
            locked = [await helper.is_locked(f"{half}{name}") for name in self._undone for half in "ab"]
            return not any(locked)

        await self.finally_true("no key of a failed transaction is locked", is_free)


class Executors(Work):
    """Tasks on members: each result belongs to its own task."""

    kind = "executor"

    async def prepare(self) -> None:
        self._executor = await self.get("executor")

    async def step(self) -> None:
        text = uuid.uuid4().hex
        found = await self.call(lambda: self._executor.execute_on_key_owner(text, Echo(text)))
        self.expect(found == text, f"the task {text} returned {found!r}")


class Queries(Work):
    """SQL: the row of a key, and results of several pages, which are complete or fail."""

    kind = "SQL"

    async def prepare(self) -> None:
        self._patient, self._sql = Sql(self.face), Sql(self.face)
        self._sql.service = self._sql.service.with_timeout(DEADLINE)
        self._table = f"{self.name}_sql".replace("-", "_")
        self._losses = 0
        await self._fill()

    async def _fill(self) -> None:
        self._losses = self.world.losses
        await self._execute(
            f"CREATE OR REPLACE MAPPING {self._table} (__key INT, this VARCHAR) TYPE IMap "
            "OPTIONS ('keyFormat'='int', 'valueFormat'='varchar')"
        )
        for key in range(10):
            await self._execute(f"SINK INTO {self._table} VALUES (?, ?)", key, value_of(str(key)))

    async def _execute(self, *args: Any) -> None:
        # The first statement takes members long, since they compile a lot.
        await self._patient.close(await self._patient.execute(*args))

    async def step(self) -> None:
        if self.world.losses != self._losses:
            losses = self._losses
            try:
                await self.call(self._fill, None)
            except CallFailed:
                self._losses = losses
                raise
        key = self.steps % 10
        query = f"SELECT this FROM {self._table} WHERE __key = ?"
        losses = self.world.losses
        rows = await self.call(lambda: self._sql.query(query, key))
        if losses == self.world.losses:
            self.expect([row["this"] for row in rows] == [value_of(str(key))], f"key {key} has {rows!r}")
        series = "SELECT v FROM TABLE(generate_series(1, 20))"
        rows = await self.call(lambda: self._sql.query(series, cursor_buffer_size=7), 2 * DEADLINE)
        self.expect([row["v"] for row in rows] == list(range(1, 21)), f"a series of {len(rows)} rows")


class CP(Work):
    """Increments of an atomic long: each result is greater than the one before."""

    kind = "CP"

    async def prepare(self) -> None:
        found = self.face.client.cp_subsystem.get_atomic_long(self.name)
        structure = self.face.of(await found if self.face.name == "asyncio" else found)
        self._long = Seen(structure.target.with_timeout(DEADLINE))
        self._last, self._losses = 0, 0

    async def step(self) -> None:
        losses = self.world.losses
        value = await self.call(self._long.increment_and_get)
        self._compare(value, losses)

    def _compare(self, value: int, losses: int) -> None:
        if losses == self._losses == self.world.losses:
            self.expect(value > self._last, f"{self._last} was incremented to {value}")
        self._last, self._losses = value, losses

    async def check(self) -> None:
        self._compare(await self._long.increment_and_get(), self.world.losses)


KINDS: tuple[type[Work], ...] = (
    Reads,
    Writes,
    Locks,
    Listeners,
    Queues,
    Topics,
    NearCache,
    Transactions,
    Executors,
    Queries,
    CP,
)


def connections_of(face: Face) -> set[Any]:
    """Return the connections of a client."""
    return set(engine_of(face.client).manager.connections())


def registered_once(face: Face, world: World) -> bool:
    """Return whether each listener of a client has one registration with each of the members."""
    live = connections_of(face)
    registrations = list(engine_of(face.client).listeners._registrations.values())
    return len(live) == world.size and all(
        set(each.members) == live and all(isinstance(id_, uuid.UUID) for id_ in each.members.values())
        for each in registrations
    )
