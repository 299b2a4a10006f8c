"""Cancels asyncio calls at random moments, and checks that nothing is left and nothing is wrong.

Usage: python -m tests.faults.cancellations [--calls 1000000]

One real member (5.3.8, whose structures of the CP subsystem work without groups) and two clients: one with a
limit of calls in flight, and one without. Callers read and write maps, take locks of maps and of the CP
subsystem, and acquire permits, all contended. Each call ends by `Task.cancel()`, `asyncio.timeout()`,
`asyncio.wait_for()` or the failure of a `TaskGroup`, after a random number of turns of the loop or a random
time, unless it is faster. From Python 3.12 on, some tasks start eagerly. Afterwards:

- no call was answered with the value of another one, and no two callers were inside a lock;
- no call is in flight, no place of the limit is taken, no task is left, no CP session is in use;
- no lock is held, and all permits are free.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from hzclient.asyncio import HazelcastClient
from hzclient.server import LocalCluster
from tests.integration.faces import eventually, unique_name
from tests.internals import engine_of, private

DRIVERS = 48
"""How many ends of calls are prepared at the same time."""

LIMIT = 16
"""Calls in flight of the client that limits them: fewer than are made."""

PERMITS = 3
KEYS = 40

LONGEST = 0.004
"""Seconds after which a call is cancelled at the latest."""

STEP = 20_000
"""Cancelled calls between two lines of progress."""

PATIENCE = 120.0
"""Seconds in which the client must have tidied up, on a busy machine too."""

Body = Callable[[], Coroutine[Any, Any, None]]


class SiblingError(Exception):
    """Fails a task group."""


class Structures:
    """Structures of one client, and calls of them that check what they get.

    Args:
        client: The client.
        name: Name of the structures.
        inside: Who is inside a lock, by lock; shared by all clients.
        problems: Gets what is wrong.
    """

    def __init__(self, client: HazelcastClient, name: str, inside: Counter[str], problems: list[str]) -> None:
        self.client = client
        self._name = name
        self._inside = inside
        self._problems = problems

    async def prepare(self) -> None:
        """Make the structures and their values."""
        cp = self.client.cp_subsystem
        self.map = await self.client.get_map(self._name)
        self.lock = await cp.get_lock(self._name)
        self.semaphore = await cp.get_semaphore(self._name)
        await self.semaphore.init(PERMITS)
        await self.map.put_all({key: f"0 of {key}" for key in range(KEYS)})
        await self._lock()  # begins the session, whose heartbeat is a task

    def any_call(self, source: random.Random) -> Body:
        """Return a call that is chosen by chance."""
        key, number = source.randrange(KEYS), source.randrange(1, 1000)
        choices: list[tuple[float, Body]] = [
            (6, lambda: self._get(key)),
            (4, lambda: self._put(key, number)),
            (2, lambda: self._get_all(key)),
            (1, lambda: self._lock_key(key % 3)),
            (1, self._lock),
            (1, self._permit),
        ]
        return source.choices([body for _, body in choices], [weight for weight, _ in choices])[0]

    def _check(self, key: int, value: Any) -> None:
        if not isinstance(value, str) or value.partition(" of ")[2] != str(key):
            self._problems.append(f"the value of {key} is {value!r}")

    async def _get(self, key: int) -> None:
        self._check(key, await self.map.get(key))

    async def _put(self, key: int, number: int) -> None:
        self._check(key, await self.map.put(key, f"{number} of {key}"))

    async def _get_all(self, key: int) -> None:
        for each, value in (await self.map.get_all([key, (key + 1) % KEYS])).items():
            self._check(each, value)

    @asynccontextmanager
    async def _alone(self, lock: str) -> AsyncIterator[None]:
        self._inside[lock] += 1
        try:
            if self._inside[lock] != 1:
                self._problems.append(f"{self._inside[lock]} callers are inside the lock {lock}")
            await asyncio.sleep(0)
            yield
        finally:
            self._inside[lock] -= 1

    async def _lock_key(self, key: int) -> None:
        async with self.map.lock_context(f"lock {key}"), self._alone(f"key {key}"):
            pass

    async def _lock(self) -> None:
        async with self.lock, self._alone("CP"):
            pass

    async def _permit(self) -> None:
        async with self.semaphore.permits():
            await asyncio.sleep(0)

    async def left(self) -> dict[str, Any]:
        """Return what is left of calls that have ended: all of it must be empty."""
        engine = engine_of(self.client)
        sessions, in_flight = engine.cp_proxies.context.sessions, private(engine.invocations, "_in_flight")
        group_id = self.lock.get_group_id()
        found: dict[str, Any] = {
            "calls in flight": engine.router.calls_in_flight(),
            "backups": len(engine.invocations.backups),
            "places": in_flight is not None and dict(private(in_flight, "_counts")),
            "who waits for places": in_flight is not None and len(private(in_flight, "_waiting")),
            "uses of the session": sessions.in_use(group_id),
            "lock": await self.lock.is_locked(),
            "permits": PERMITS - await self.semaphore.available_permits(),
            "locked keys": [key for key in range(3) if await self.map.is_locked(f"lock {key}")],
        }
        return {name: value for name, value in found.items() if value}


class Run:
    """One run.

    Attributes:
        cancelled: Number of calls that were cancelled.
        completed: Number of calls that were faster.
        problems: What was wrong.

    Args:
        calls: How many calls to cancel.
        structures: What to call.
        problems: Gets what is wrong.
        seed: Of the random choices.
        progress: Called with the number of cancelled calls after every `STEP` of them.
    """

    def __init__(
        self,
        calls: int,
        structures: list[Structures],
        problems: list[str],
        seed: int = 0,
        progress: Callable[[int], None] = lambda cancelled: None,
    ) -> None:
        self.cancelled = 0
        self.completed = 0
        self.problems = problems
        self._calls = calls
        self._structures = structures
        self._source = random.Random(seed)
        self._progress = progress
        self._ends = (self._cancel, self._timeout, self._wait_for, self._fail_a_group)

    async def drive(self) -> None:
        """Make calls and cancel them until there have been enough."""
        while self.cancelled < self._calls:
            await self._source.choice(self._ends)()

    def _call(self) -> Coroutine[Any, Any, None]:
        return self._counted(self._source.choice(self._structures).any_call(self._source))

    async def _counted(self, body: Body) -> None:
        try:
            await body()
        except asyncio.CancelledError:
            self.cancelled += 1
            if self.cancelled % STEP == 0:
                self._progress(self.cancelled)
            raise
        except Exception as error:
            self.problems.append(repr(error))
        else:
            self.completed += 1

    def _task(self) -> asyncio.Task[None]:
        """Start a call as a task, eagerly now and then."""
        if sys.version_info >= (3, 12) and self._source.random() < 0.5:
            return asyncio.Task(self._call(), loop=asyncio.get_running_loop(), eager_start=True)
        return asyncio.create_task(self._call())

    async def _some_time(self) -> None:
        """Wait for a few turns of the loop, or for a random time."""
        if self._source.random() < 0.5:
            for _ in range(self._source.randrange(6)):
                await asyncio.sleep(0)
        else:
            await asyncio.sleep(self._source.random() * LONGEST)

    async def _cancel(self) -> None:
        tasks = [self._task() for _ in range(4)]
        for task in tasks:
            await self._some_time()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _timeout(self) -> None:
        try:
            async with asyncio.timeout(self._source.random() * LONGEST):
                while True:
                    await self._call()
        except TimeoutError:
            pass

    async def _wait_for(self) -> None:
        try:
            await asyncio.wait_for(self._call(), self._source.random() * LONGEST)
        except TimeoutError:
            pass

    async def _fail_a_group(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(4):
                    group.create_task(self._call())
                await self._some_time()
                raise SiblingError
        except* SiblingError:
            pass


@asynccontextmanager
async def prepared(addresses: list[str], problems: list[str]) -> AsyncIterator[list[Structures]]:
    """Start both clients, and yield their structures, which have the same name."""
    name, inside = unique_name("cancelled"), Counter[str]()
    async with (
        HazelcastClient(cluster_members=addresses) as free,
        HazelcastClient(cluster_members=addresses, max_in_flight_invocations=LIMIT) as limited,
    ):
        found = [Structures(client, name, inside, problems) for client in (free, limited)]
        for each in found:
            await each.prepare()
        yield found


async def cancel(
    addresses: list[str], calls: int, seed: int = 0, progress: Callable[[int], None] = lambda cancelled: None
) -> Run:
    """Cancel calls, and wait until nothing of them is left.

    Args:
        addresses: Of a member whose CP structures work.
        calls: How many calls to cancel.
        seed: Of the random choices.
        progress: Called with the number of cancelled calls after every `STEP` of them.

    Returns:
        The run. What was left in the end is among its problems.
    """
    problems: list[str] = []
    async with prepared(addresses, problems) as structures:
        tasks = len(asyncio.all_tasks())
        run = Run(calls, structures, problems, seed, progress)
        async with asyncio.TaskGroup() as group:
            for _ in range(DRIVERS):
                group.create_task(run.drive())
        left: dict[str, Any] = {}

        async def is_tidy() -> bool:
            nonlocal left
            left = {
                str(number): found for number, each in enumerate(structures) if (found := await each.left())
            }
            if len(asyncio.all_tasks()) > tasks:
                left["tasks"] = len(asyncio.all_tasks()) - tasks
            return not left

        try:
            await eventually(is_tidy, PATIENCE)
        except AssertionError:
            problems.append(f"left: {left}")
    return run


def main() -> None:
    """Cancel calls and print what was found."""
    parser = argparse.ArgumentParser(description="Cancel asyncio calls at random moments.")
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    def progress(cancelled: int) -> None:
        print(f"{cancelled:,} of {arguments.calls:,}", file=sys.stderr, flush=True)  # noqa: T201

    with LocalCluster(members=1, version="5.3.8") as cluster:
        began = time.monotonic()
        run = asyncio.run(cancel(cluster.addresses, arguments.calls, arguments.seed, progress))
    for text in run.problems[:50]:
        print(text)  # noqa: T201
    took = time.monotonic() - began
    print(f"{run.cancelled:,} calls cancelled, {run.completed:,} were faster, in {took:.0f} s")  # noqa: T201
    print(f"{len(run.problems)} problems")  # noqa: T201
    raise SystemExit(bool(run.problems))


if __name__ == "__main__":
    main()
