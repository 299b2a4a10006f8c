"""Histories of CP structures while their leader is paused and killed, checked for linearizability.

Usage: python -m tests.integration.cp.histories [--minutes 10]

Three members with real Raft groups, and one client for each face. Workers call AtomicLong, AtomicReference,
FencedLock, Semaphore and CountDownLatch at the same time, give some calls up, and record each call with its
time and its outcome. A run pauses the leader by SIGSTOP until another one leads, lets it go on, and kills the
leader by SIGKILL. Each object serves a few hundred calls, so that its history is small enough to be searched.

The members use `fail-on-indeterminate-operation-state`. Without it, they repeat a call that may have been
carried out already when the leader changes: a value can be set a second time.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from hzclient.errors import HazelcastError
from hzclient.server import LocalCluster, Member
from tests.integration.cp.linearizability import UNKNOWN, Call, violation
from tests.integration.cp.sequential import MODELS, PERMITS
from tests.integration.faces import FACES, Face, Seen, end_client, eventually, make_client, unique_name

CONFIG = """
hazelcast:
  cp-subsystem:
    cp-member-count: 3
    fail-on-indeterminate-operation-state: true
    raft-algorithm:
      leader-election-timeout-in-millis: 1000
      leader-heartbeat-period-in-millis: 1000
      max-missed-leader-heartbeat-count: 3
"""

OPTIONS: dict[str, Any] = {
    "heartbeat_interval": 0.5,
    "heartbeat_timeout": 2.0,
    "connection_timeout": 5.0,
    "invocation_timeout": 60.0,
    "retry_initial_backoff": 0.1,
    "retry_max_backoff": 0.5,
}

WORKERS = 2
"""Workers for each kind of structure in each face."""

CALLS_PER_OBJECT = 200
"""Calls after which workers move to the next object of a kind."""

LIMIT = 15.0
"""Seconds after which every call is given up."""

IMPATIENCE = 0.02
"""Seconds after which some calls that wait are given up."""

PATIENCE = 120.0
"""Seconds in which each worker must have made progress, whatever happens. Machines may be busy."""

STEPS = 5
"""Steps of each worker before, between and after the faults."""


class Recorder:
    """What all workers called.

    Attributes:
        calls: The calls of each object, by kind and name.
        problems: Errors that no call may have.
        in_flight: The calls that have begun and not ended, as texts.
    """

    def __init__(self) -> None:
        self.calls: defaultdict[tuple[str, str], list[Call]] = defaultdict(list)
        self.problems: list[str] = []
        self.in_flight: set[str] = set()

    async def call(self, thing: Thing, name: str, *args: Any, make: Callable[[], Awaitable[Any]]) -> Any:
        """Make a call and record it.

        Args:
            thing: The object.
            name: Name of the operation, and
            *args: its arguments, for the sequential object.
            make: Makes the call.

        Returns:
            The result, or `UNKNOWN` if it ended with an error.
        """
        calls = self.calls[thing.kind, thing.name]
        began = time.monotonic_ns()
        text = f"{thing} {name}{args}, begun at {began}"
        self.in_flight.add(text)
        try:
            result = await make()
        except (HazelcastError, OSError) as error:
            self._check(error)
            calls.append(Call(name, args, UNKNOWN, began, None))
            return UNKNOWN
        finally:
            self.in_flight.discard(text)
        calls.append(Call(name, args, result, began, time.monotonic_ns()))
        return result

    def _check(self, error: Exception) -> None:
        """Note errors that say that a lock or permits were lost: sessions outlive these faults."""
        if type(error).__name__ in {
            "LockOwnershipLostError",
            "IllegalMonitorStateError",
            "IllegalStateError",
        }:
            self.problems.append(repr(error))

    def may_happen(self, thing: Thing, name: str, *args: Any) -> None:
        """Record what the client may do in the background from now on, such as the release of a lock."""
        now = time.monotonic_ns()
        self.calls[thing.kind, thing.name].append(Call(name, args, UNKNOWN, now, None))


class Thing:
    """An object as one worker sees it.

    Args:
        kind: Kind of structure.
        name: Name of the object.
        worker: Number of the worker.
        seen: The structure.

    Attributes:
        worker: Number of the worker, which is the owner of its locks.
        kind: Kind of structure.
        name: Name of the object.
        seen: The structure. Its calls are given up after `LIMIT`.
        hasty: The same; its calls are given up after `IMPATIENCE`.
    """

    def __init__(self, kind: str, name: str, worker: int, seen: Seen) -> None:
        self.kind = kind
        self.name = name
        self.worker = worker
        self.seen = Seen(seen.target.with_timeout(LIMIT))
        self.hasty = Seen(seen.target.with_timeout(IMPATIENCE))

    def __repr__(self) -> str:
        return f"{self.kind} {self.name}"


class Run:
    """One run.

    Attributes:
        recorder: What was called.
        steps: Number of steps by worker.
        over: True if workers are to end.

    Args:
        seed: Of the random choices of all workers.
    """

    def __init__(self, seed: int) -> None:
        self.recorder = Recorder()
        self.steps: Counter[str] = Counter()
        self.over = False
        self._seed = seed
        self._prefix = unique_name("history")
        self._turns = {kind: itertools.count() for kind in MODELS}
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """Return a number that nobody has had: a value, or an acquisition."""
        return next(self._numbers)

    async def work(self, face: Face, kind: str, worker: int) -> None:
        """Make calls of one kind until the run is over."""
        label = f"{kind}, {worker}, {face.name}"
        source = random.Random(f"{self._seed} {label}")
        things: dict[str, Thing] = {}
        self.steps[label] = 0
        while not self.over:
            name = f"{self._prefix}-{next(self._turns[kind]) // CALLS_PER_OBJECT}"
            if name not in things:
                things.clear()
                things[name] = await self._thing(face, kind, name, worker)
            await WORK[kind](self, things[name], source)
            self.steps[label] += 1
            await asyncio.sleep(source.random() / 50)

    async def _thing(self, face: Face, kind: str, name: str, worker: int) -> Thing:
        while True:
            try:
                thing = Thing(kind, name, worker, await face.get(kind, name))
                if kind == "semaphore":
                    await thing.seen.init(PERMITS)  # False if somebody else was faster
                return thing
            except (HazelcastError, OSError):
                continue

    async def all_go_on(self) -> None:
        """Wait until each worker has made a few steps."""
        wanted = {label: steps + STEPS for label, steps in self.steps.items()}

        def behind() -> list[str]:
            return [label for label, steps in wanted.items() if self.steps[label] < steps]

        try:
            await eventually(lambda: not behind(), PATIENCE)
        except AssertionError:
            stuck = "\n".join([*behind(), *sorted(self.recorder.in_flight)])
            raise AssertionError(
                f"no progress in {PATIENCE} s, now at {time.monotonic_ns()}:\n{stuck}"
            ) from None

    def violations(self) -> Iterator[str]:
        """Yield a text for each object whose history is not linearizable, and for each forbidden error."""
        yield from self.recorder.problems
        for (kind, name), calls in self.recorder.calls.items():
            text = violation(calls, *MODELS[kind])
            if text is not None:
                yield f"{kind} {name}: {text}"

    def summary(self) -> str:
        """Return how much was called."""
        objects = self.recorder.calls
        calls = Counter[str]()
        for (kind, _), made in objects.items():
            calls[kind] += len(made)
        unknown = sum(call.ended is None for made in objects.values() for call in made)
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in calls.items())
        return f"{calls.total():,} calls of {len(objects)} objects ({kinds}), {unknown:,} without an outcome"


async def use_register(run: Run, thing: Thing, source: random.Random) -> None:
    """Make a call of an AtomicLong or AtomicReference."""
    value: Any = run.number() * 1000
    if thing.kind == "atomic_reference":
        value = str(value)
    call, seen = run.recorder.call, thing.seen
    choices = ["get", "get", "set", "get_and_set", "compare_and_set"]
    choices += ["contains"] if thing.kind == "atomic_reference" else ["add_and_get", "get_and_add"]
    match source.choice(choices):
        case "get":
            await call(thing, "get", make=seen.get)
        case "compare_and_set":
            before = await call(thing, "get", make=seen.get)
            if before is not UNKNOWN:
                await call(
                    thing, "compare_and_set", before, value, make=lambda: seen.compare_and_set(before, value)
                )
        case "contains":
            await call(thing, "contains", value, make=lambda: seen.contains(value))
        case "add_and_get" | "get_and_add" as name:
            await call(thing, name, 1, make=lambda: getattr(seen, name)(1))
        case name:
            await call(thing, name, value, make=lambda: getattr(seen, name)(value))


async def use_lock(run: Run, thing: Thing, source: random.Random) -> None:
    """Take a lock, perhaps twice, and release it."""
    call, seen, owner = run.recorder.call, thing.seen, thing.worker
    match source.choice(["lock", "lock", "lock", "try", "try", "wait", "hasty"]):
        case "lock":
            fence = await call(thing, "lock", owner, make=seen.lock)
        case "hasty":
            fence = await call(thing, "lock", owner, make=thing.hasty.lock)
        case how:
            wait = 0.1 if how == "wait" else 0
            fence = await call(thing, "try_lock", owner, make=lambda: seen.try_lock(wait))
    if fence is UNKNOWN:
        run.recorder.may_happen(thing, "unlock", owner)
    elif fence:
        held = 1
        if source.random() < 0.2:
            again = await call(thing, "lock", owner, make=seen.lock)
            if again is UNKNOWN:
                run.recorder.may_happen(thing, "unlock", owner)
            else:
                held += 1
        if source.random() < 0.2:
            await call(thing, "is_locked", make=seen.is_locked)
        for _ in range(held):
            await call(thing, "unlock", owner, make=seen.unlock)


async def use_semaphore(run: Run, thing: Thing, source: random.Random) -> None:
    """Acquire permits and release them."""
    call, seen, number = run.recorder.call, thing.seen, run.number()
    permits = source.choice([1, 1, 2])
    match source.choice(["acquire", "acquire", "try", "try", "wait", "hasty", "count", "count"]):
        case "count":
            await call(thing, "available_permits", make=seen.available_permits)
            return
        case "acquire":
            got = await call(thing, "acquire", number, permits, make=lambda: seen.acquire(permits))
        case "hasty":
            got = await call(thing, "acquire", number, permits, make=lambda: thing.hasty.acquire(permits))
        case how:
            wait = 0.1 if how == "wait" else 0
            got = await call(
                thing, "try_acquire", number, permits, make=lambda: seen.try_acquire(permits, wait)
            )
    if got is UNKNOWN:
        run.recorder.may_happen(thing, "release", number, permits)
    elif got is not False:
        await asyncio.sleep(0)
        await call(thing, "release", number, permits, make=lambda: seen.release(permits))


async def use_latch(run: Run, thing: Thing, source: random.Random) -> None:
    """Set a latch, count it down, or wait for it."""
    call, seen, count = run.recorder.call, thing.seen, source.choice([1, 2, 3])
    match source.choice(["set", "down", "down", "down", "get", "await"]):
        case "set":
            await call(thing, "try_set_count", count, make=lambda: seen.try_set_count(count))
        case "down":
            await call(thing, "count_down", make=seen.count_down)
        case "get":
            await call(thing, "get_count", make=seen.get_count)
        case _:
            await call(thing, "await_latch", make=lambda: seen.await_latch(0.05))


WORK: dict[str, Callable[[Run, Thing, random.Random], Awaitable[None]]] = {
    "atomic_long": use_register,
    "atomic_reference": use_register,
    "lock": use_lock,
    "semaphore": use_semaphore,
    "count_down_latch": use_latch,
}

_LEADS = re.compile(
    r"groupId: default\(\d+\), size:\d+, term:(\d+), [^\n]*\n"
    r"(?:\tCPMember[^\n]*\n)*?\tCPMember[^\n]*- LEADER this"
)
"""A group with its term, as a leader logs it."""


def leader_of(cluster: LocalCluster) -> Member:
    """Return the member that leads the default group in its latest term, according to the logs."""
    terms = {
        int(term): member
        for member in cluster.members
        if member.is_alive
        for term in _LEADS.findall(member.log.text())
    }
    return terms[max(terms)]


async def pause_leader(cluster: LocalCluster, run: Run) -> None:
    """Pause the leader until another one is elected, and let it go on.

    Meanwhile most calls hang, since the other members pass them on to the paused leader. When it goes on, it
    still takes itself for the leader.
    """
    leader = leader_of(cluster)
    await asyncio.to_thread(leader.pause)
    try:
        await eventually(lambda: leader_of(cluster) is not leader, PATIENCE)
    finally:
        await asyncio.to_thread(leader.resume)
    await run.all_go_on()


async def kill_leader(cluster: LocalCluster, run: Run) -> None:
    """Kill the leader while calls are in flight, and wait until all workers have gone on."""
    leader = leader_of(cluster)
    await eventually(lambda: run.recorder.in_flight, PATIENCE)
    await asyncio.to_thread(leader.kill)
    await run.all_go_on()


@asynccontextmanager
async def faces_of(cluster: LocalCluster) -> AsyncIterator[list[Face]]:
    """Start a client for each face, and yield their CP subsystems."""
    clients: dict[str, Any] = {}
    try:
        for name in FACES:
            clients[name] = await make_client(name, cluster_members=cluster.addresses, **OPTIONS)
        yield [Face(name, client.cp_subsystem) for name, client in clients.items()]
    finally:
        for client in clients.values():
            await end_client(client)


@asynccontextmanager
async def working(run: Run, faces: list[Face]) -> AsyncIterator[None]:
    """Let workers of all kinds make calls in all faces during the block."""
    workers: list[Awaitable[None]] = []
    for kind in MODELS:
        for number in range(WORKERS * len(faces)):
            face = faces[number % len(faces)]
            workers.append(face.start(partial(run.work, face, kind, number)))
    try:
        await eventually(lambda: len(run.steps) == len(workers), PATIENCE)
        yield
    finally:
        run.over = True
        await asyncio.wait_for(asyncio.gather(*workers), PATIENCE)


async def record(seed: int = 0, pauses: int = 1) -> Run:
    """Start a cluster, let workers call while its leader is paused and at last killed, and return the run.

    Args:
        seed: Of the random choices of all workers.
        pauses: How often the leader is paused before it is killed.

    Returns:
        The run, with all calls.
    """
    run = Run(seed)
    with LocalCluster(members=3, version="5.3.8", config=CONFIG) as cluster:
        async with faces_of(cluster) as faces:
            await (await faces[0].get("atomic_long", "first")).get()  # creates the group
            async with working(run, faces):
                await run.all_go_on()
                for _ in range(pauses):
                    await pause_leader(cluster, run)
                await kill_leader(cluster, run)
    return run


def main() -> None:
    """Make runs until the time is over, and print what was found."""
    parser = argparse.ArgumentParser(description="Check histories of CP structures for linearizability.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pauses", type=int, default=4)
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    for seed in itertools.count():
        run = asyncio.run(record(seed, arguments.pauses))
        found = list(run.violations())
        print(f"run {seed}: {run.summary()}, {len(found)} violations", flush=True)  # noqa: T201
        for text in found:
            print(text, flush=True)  # noqa: T201
        if found:
            raise SystemExit(1)
        if time.monotonic() > until:
            break


if __name__ == "__main__":
    main()
