"""The soak can fail: each kind of fault of a client is found by the workers, the ledger or the verdict."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.faces import Face
from benchmarks.soak import report
from benchmarks.soak.deliveries import Deliveries, Sending
from benchmarks.soak.faults import Fault
from benchmarks.soak.lag import Lag
from benchmarks.soak.ledger import CallFailed, Ledger
from benchmarks.soak.samples import Sample, outcome
from benchmarks.soak.verdict import Finding, Run, judge, passed, slope_of
from benchmarks.soak.workers import KINDS, Worker
from benchmarks.soak.workers.collections import MultiMaps
from benchmarks.soak.workers.counters import FlakeIds, PNCounters
from benchmarks.soak.workers.maps import Maps, NearCachedMaps
from benchmarks.soak.workers.streams import Queues, Ringbuffers, Topics
from benchmarks.soak.workers.tasks import Executors, Locks
from hzclient.errors import HazelcastError


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(Lag())


class Structure:
    """A structure in memory."""

    def with_timeout(self, seconds: float) -> Structure:
        return self


class GoodMap(Structure):
    def __init__(self) -> None:
        self.entries: dict[Any, Any] = {}

    async def set(self, key: Any, value: Any) -> None:
        self.entries[key] = value

    async def put(self, key: Any, value: Any) -> Any:
        old = self.entries.get(key)
        await self.set(key, value)
        return old

    async def get(self, key: Any) -> Any:
        return self.entries.get(key)

    async def get_all(self, keys: list[Any]) -> dict[Any, Any]:
        return {key: self.entries[key] for key in keys if key in self.entries}

    async def delete(self, key: Any) -> None:
        self.entries.pop(key, None)


class LosesAWrite(GoodMap):
    async def set(self, key: Any, value: Any) -> None:
        if not value.endswith("=50"):
            await super().set(key, value)


class LosesLater(GoodMap):
    """Loses what was read back before, as a cluster without a backup does."""

    async def set(self, key: Any, value: Any) -> None:
        await super().set(key, value)
        if value.endswith("=30"):
            self.entries.clear()


class ReturnsAnothersResult(GoodMap):
    async def get(self, key: Any) -> Any:
        return next(iter(self.entries.values()))


class GoodMultiMap(Structure):
    def __init__(self) -> None:
        self.entries: dict[Any, set[Any]] = {}

    async def put(self, key: Any, value: Any) -> bool:
        self.entries.setdefault(key, set()).add(value)
        return True

    async def remove(self, key: Any, value: Any) -> bool:
        self.entries[key].discard(value)
        return True

    async def get(self, key: Any) -> Any:
        return self.entries.get(key)


class KeepsOldValues(GoodMultiMap):
    async def remove(self, key: Any, value: Any) -> bool:
        return True


class GoodQueue(Structure):
    def __init__(self) -> None:
        self.items: deque[Any] = deque()

    async def offer(self, item: Any) -> bool:
        self.items.append(item)
        return True

    async def poll(self, seconds: float = 0) -> Any:
        return self.items.popleft() if self.items else None

    async def take(self) -> Any:
        return await self.poll()


class GivesTwice(GoodQueue):
    async def poll(self, seconds: float = 0) -> Any:
        item = await super().poll()
        if item == 8 and seconds:
            self.items.append(item)
        return item


class LosesItems(GoodQueue):
    async def offer(self, item: Any) -> bool:
        return True


class GoodTopic(Structure):
    def __init__(self) -> None:
        self.callbacks: dict[str, Callable[[Any], None]] = {}

    async def add_listener(self, callback: Callable[[Any], None]) -> str:
        registration = str(len(self.callbacks))
        self.callbacks[registration] = callback
        return registration

    async def remove_listener(self, registration: str) -> bool:
        return self.callbacks.pop(registration) is not None

    async def publish(self, message: Any) -> None:
        for callback in list(self.callbacks.values()):
            callback(type("Message", (), {"message": message}))


class ReportsTwice(GoodTopic):
    async def publish(self, message: Any) -> None:
        await super().publish(message)
        await super().publish(message)


class ReportsTheOneBefore(GoodTopic):
    held: Any = None

    async def publish(self, message: Any) -> None:
        if message % 2:
            await super().publish(message)
            await super().publish(self.held)
        self.held = message


class GoodRingbuffer(Structure):
    def __init__(self) -> None:
        self.items: list[Any] = []

    async def add(self, item: Any) -> int:
        self.items.append(item)
        return len(self.items) - 1

    async def read_one(self, sequence: int) -> Any:
        return self.items[sequence]


class ShiftsItems(GoodRingbuffer):
    async def read_one(self, sequence: int) -> Any:
        return self.items[max(sequence - 1, 0)]


class GoodCounter(Structure):
    value = 0

    async def increment_and_get(self) -> int:
        self.value += 1
        return self.value

    async def get(self) -> int:
        return self.value


class GoesBack(GoodCounter):
    async def get(self) -> int:
        return self.value - 1


class GoodIds(Structure):
    def __init__(self) -> None:
        self.numbers = itertools.count()

    async def new_id(self) -> int:
        return next(self.numbers)


class RepeatsAnId(GoodIds):
    async def new_id(self) -> int:
        return await super().new_id() // 2


class GoodExecutor(Structure):
    async def execute_on_key_owner(self, key: str, task: Any) -> Any:
        return task.fields[0]


class MixesResults(GoodExecutor):
    last = ""

    async def execute_on_key_owner(self, key: str, task: Any) -> Any:
        result, self.last = self.last, task.fields[0]
        return result


class GoodLock(Structure):
    held = False

    async def try_lock(self, key: str, lease: float, seconds: float) -> bool:
        if self.held:
            return False
        self.held = True
        return True

    async def is_locked(self, key: str) -> bool:
        return self.held

    async def unlock(self, key: str) -> None:
        self.held = False


class AlwaysFree(GoodLock):
    async def is_locked(self, key: str) -> bool:
        return False


class NeverFree(GoodLock):
    async def is_locked(self, key: str) -> bool:
        return True


def face_with(structure: Structure) -> Face:
    """Return a face whose client has one structure under all names."""

    class Client:
        def __getattr__(self, name: str) -> Any:
            return lambda *_: structure

    return Face("asyncio", Client())


async def work_with(worker: type[Worker], structure: Structure, ledger: Ledger, steps: int = 100) -> None:
    """Let a worker do some steps without pauses, and check in the end."""
    made = worker(face_with(structure), ledger)
    made.pause = 0.0  # type: ignore[misc]
    await made.prepare()
    left = iter(range(steps))
    await made.run(lambda: next(left, None) is not None)


GOOD: list[tuple[type[Worker], type[Structure]]] = [
    (Maps, GoodMap),
    (NearCachedMaps, GoodMap),
    (MultiMaps, GoodMultiMap),
    (Queues, GoodQueue),
    (Topics, GoodTopic),
    (Ringbuffers, GoodRingbuffer),
    (PNCounters, GoodCounter),
    (FlakeIds, GoodIds),
    (Executors, GoodExecutor),
    (Locks, GoodLock),
]
BAD: list[tuple[type[Worker], type[Structure], str]] = [
    (Maps, LosesAWrite, "not 'map/asyncio-10=50'"),
    (Maps, LosesLater, "has None, not"),
    (Maps, ReturnsAnothersResult, "not 'map/asyncio"),
    (NearCachedMaps, ReturnsAnothersResult, "'shared-"),
    (MultiMaps, KeepsOldValues, "not 'multi map"),
    (Queues, GivesTwice, "came twice"),
    (Queues, LosesItems, "items are lost, but only 0 calls"),
    (Topics, ReportsTwice, "came twice"),
    (Topics, ReportsTheOneBefore, "came after"),
    (Ringbuffers, ShiftsItems, "at 1 is "),
    (PNCounters, GoesBack, "1 became 0"),
    (FlakeIds, RepeatsAnId, "the id 0 came twice"),
    (Executors, MixesResults, "returned ''"),
    (Locks, AlwaysFree, "the lock that was taken is free"),
]


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.soak.workers.base.PATIENCE", 0.0)
    monkeypatch.setattr(FlakeIds, "recent", type(FlakeIds.recent)())
    monkeypatch.setattr(Locks, "holder", None)
    monkeypatch.setattr(Locks, "stale_for", 0.0)


@pytest.mark.parametrize(("worker", "structure"), GOOD)
async def test_nothing_is_wrong_with_what_is_right(
    worker: type[Worker], structure: type[Structure], ledger: Ledger
) -> None:
    await work_with(worker, structure(), ledger)
    assert not ledger.problems
    assert ledger.good[f"{worker.kind}/asyncio"] == 100


@pytest.mark.parametrize(("worker", "structure", "text"), BAD)
async def test_what_is_wrong_is_found(
    worker: type[Worker], structure: type[Structure], text: str, ledger: Ledger
) -> None:
    await work_with(worker, structure(), ledger)
    assert ledger.wrong >= 1
    assert any(text in problem for problem in ledger.problems), ledger.problems


async def test_two_holders_of_a_lock_are_found(ledger: Ledger) -> None:
    lock = GoodLock()
    await work_with(Locks, lock, ledger, 3)
    assert not ledger.problems
    Locks.holder = "locks/blocking", float("inf")
    await work_with(Locks, lock, ledger, 1)
    assert "got the lock that 'locks/blocking' holds" in ledger.problems[0]


class FreeAtFirst(GoodLock):
    asked = 0

    async def is_locked(self, key: str) -> bool:
        self.asked += 1
        return self.held and self.asked > 1


async def test_a_stale_read_of_a_lock_is_repeated(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Locks, "stale_for", 10.0)
    await work_with(Locks, FreeAtFirst(), ledger, 1)
    assert not ledger.problems
    assert ledger.figures["locks: reads that were stale at first"] == 1


async def test_a_lock_that_stays_is_found(ledger: Ledger) -> None:
    await work_with(Locks, NeverFree(), ledger, 1)
    assert "the lock is free: not true" in ledger.problems[0]


class FailsAt(GoodMap):
    """A map whose calls fail sometimes, and are carried out nevertheless."""

    async def set(self, key: Any, value: Any) -> None:
        await super().set(key, value)
        if value.endswith("7"):
            raise HazelcastError("no response")


async def test_a_failed_write_is_no_wrong_result_and_its_key_is_not_used_again(ledger: Ledger) -> None:
    await work_with(Maps, FailsAt(), ledger)
    assert not ledger.problems
    assert ledger.failed["HazelcastError"] == 10
    assert ledger.good["map/asyncio"] == 90


class StaleAtFirst(GoodMap):
    """A map whose first read after a write returns the old value, once."""

    stale: Any = None

    async def put(self, key: Any, value: Any) -> Any:
        old = await super().put(key, value)
        self.stale = old
        return old

    async def get(self, key: Any) -> Any:
        stale, self.stale = self.stale, None
        return stale or await super().get(key)


class PatientMaps(Maps):
    stale_for = 0.2


async def test_a_stale_read_is_wrong_for_a_map(ledger: Ledger) -> None:
    await work_with(Maps, StaleAtFirst(), ledger)
    assert ledger.wrong


async def test_a_stale_read_that_becomes_right_is_counted_if_it_is_allowed(ledger: Ledger) -> None:
    await work_with(PatientMaps, StaleAtFirst(), ledger)
    assert not ledger.problems
    assert ledger.figures["map: reads that were stale at first"]


async def test_a_stale_read_that_stays_is_wrong_even_if_it_is_allowed(ledger: Ledger) -> None:
    await work_with(PatientMaps, LosesAWrite(), ledger, 52)
    assert ledger.wrong


class ComesLate(GoodTopic):
    """A topic that fails once, and delivers this message after the next one."""

    held: Any = None

    async def publish(self, message: Any) -> None:
        if message == 7:
            self.held = message
            raise HazelcastError("no response")
        await super().publish(message)
        if self.held is not None:
            held, self.held = self.held, None
            await super().publish(held)


async def test_a_message_whose_publication_failed_may_come_late(ledger: Ledger) -> None:
    await work_with(Topics, ComesLate(), ledger)
    assert ledger.failed["HazelcastError"] == 1
    assert not ledger.problems


class TestHungCalls:
    async def test_a_call_that_ends_in_time(self, ledger: Ledger) -> None:
        assert await ledger.call("w", lambda: asyncio.sleep(0, "result")) == "result"
        assert not ledger.hung
        assert len(ledger.take_durations()) == 1
        assert not ledger.take_durations()

    async def test_a_call_that_ends_too_late(self, ledger: Ledger) -> None:
        await ledger.call("w", lambda: asyncio.sleep(0), limit=-2)
        assert ledger.hung[0].startswith("w: no outcome after")

    async def test_a_call_that_fails_too_late(self, ledger: Ledger) -> None:
        async def fail() -> None:
            raise HazelcastError("too late")

        with pytest.raises(CallFailed):
            await ledger.call("w", fail, limit=-2)
        assert len(ledger.hung) == 1

    async def test_a_call_that_does_not_end_is_reported_once(self, ledger: Ledger) -> None:
        ended = asyncio.Event()
        calling = asyncio.create_task(ledger.call("w", ended.wait, limit=-2))
        await asyncio.sleep(0)
        for _ in range(2):
            ledger.look_for_hung_calls()
        assert len(ledger.hung) == 1
        ended.set()
        await calling
        assert len(ledger.hung) == 1

    async def test_the_time_in_which_the_process_did_not_run_does_not_count(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Lag, "between", lambda *_: 5.0)
        await ledger.call("w", lambda: asyncio.sleep(0), limit=-2)
        assert not ledger.hung


def test_the_lag_of_an_interval_is_the_sum_of_its_delays() -> None:
    lag = Lag()
    for second in range(10_000):
        lag.add(float(second), 0.5)
    assert lag.between(9_990, 9_993) == 2.0
    assert lag.between(10_001, 20_000) == 0.0
    assert lag.between(0, 100) == 0.0, "only the last delays are remembered"


def test_messages_that_are_missing_for_long_are_given_up_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.soak.deliveries._KEPT", 10)
    deliveries = Deliveries()
    for _ in range(30):
        deliveries.acknowledge(deliveries.send())
    assert deliveries.lost == 20
    assert deliveries.missing() == 30
    assert deliveries.receive(0) is None
    assert deliveries.receive(29) is Sending.ACKNOWLEDGED


CALM = Sample(0, 50.0, 144, 45, 31, 9, 0, 10, 0, 0, 0, 1.0, 10.0, 20.0)
HOUR = [replace(CALM, seconds=float(at)) for at in range(0, 3600, 5)]
FAULTS = [Fault("member killed", float(at), at + 10.0) for at in range(0, 3600, 60)]


@pytest.fixture
def good_run(ledger: Ledger) -> Run:
    for worker in range(len(KINDS)):
        ledger.step_was_good(str(worker))
    return Run(HOUR, FAULTS, outcome(ledger), 0, len(KINDS), 9)


def bad_findings(run: Run) -> list[Finding]:
    findings = judge(run)
    assert not passed(findings)
    assert "FAILED" in report.summary(run, findings, {})
    return [finding for finding in findings if finding.good is False]


def changed(run: Run, change: Callable[[Sample], dict[str, Any]]) -> Run:
    return replace(run, samples=[replace(sample, **change(sample)) for sample in run.samples])


class TestVerdict:
    def test_a_good_run_passes(self, good_run: Run) -> None:
        findings = judge(good_run)
        assert passed(findings)
        assert all(finding.good for finding in findings)
        assert report.summary(good_run, findings, {}).endswith("PASSED")

    def test_a_short_run_passes_without_judging_what_needs_time(self, good_run: Run) -> None:
        short = replace(good_run, samples=HOUR[:5], faults=[])
        assert passed(judge(short))
        assert [finding.good for finding in judge(short)].count(None) == 4

    def test_a_wrong_result(self, good_run: Run, ledger: Ledger) -> None:
        ledger.problem("map/future", "'k' has None, not 'v'")
        good = {"good": dict.fromkeys(map(str, range(len(KINDS))), 1)}
        (bad,) = bad_findings(replace(good_run, outcome=outcome(ledger) | good))
        assert bad.fact == "no wrong results"
        assert "'k' has None" in bad.figure

    async def test_a_hung_call(self, good_run: Run, ledger: Ledger) -> None:
        await ledger.call("queue/blocking", lambda: asyncio.sleep(0), limit=-2)
        (bad,) = bad_findings(replace(good_run, outcome=outcome(ledger)))
        assert bad.fact == "no hung calls"

    def test_a_worker_that_never_succeeds(self, good_run: Run) -> None:
        (bad,) = bad_findings(replace(good_run, workers=len(KINDS) + 1))
        assert bad.fact == "all workers succeed"

    @pytest.mark.parametrize("code", [1, -9, None])
    def test_clients_that_do_not_end_by_themselves(self, good_run: Run, code: int | None) -> None:
        (bad,) = bad_findings(replace(good_run, exit_code=code))
        assert bad.fact == "the clients end by themselves"

    def test_clients_that_report_nothing(self, good_run: Run) -> None:
        assert len(bad_findings(replace(good_run, outcome=None))) == 4
        assert bad_findings(Run([], [], None, None, 1, 9))

    def test_memory_that_grows(self, good_run: Run) -> None:
        (bad,) = bad_findings(changed(good_run, lambda s: {"rss": 50 + 1.5 * s.seconds / 3600}))
        assert bad.figure == "+1.50 MiB an hour, in 45 minutes"

    def test_memory_that_grows_in_the_warm_up_only(self, good_run: Run) -> None:
        assert passed(judge(changed(good_run, lambda s: {"rss": 50 + min(s.seconds, 900) / 60})))

    @pytest.mark.parametrize("name", ["descriptors", "threads", "tasks"])
    def test_something_that_is_left_after_each_fault(self, good_run: Run, name: str) -> None:
        (bad,) = bad_findings(changed(good_run, lambda s: {name: getattr(s, name) + int(s.seconds // 1200)}))
        assert bad.fact == f"{name} stay constant"

    def test_descriptors_that_are_more_while_a_fault_happens(self, good_run: Run) -> None:
        assert passed(judge(changed(good_run, lambda s: {"descriptors": 144 + 5 * (s.seconds % 60 <= 10)})))

    def test_the_slope_does_not_follow_outliers(self) -> None:
        points = [(float(x), 2.0 * x) for x in range(20)]
        points[7] = 7.0, 1000.0
        assert slope_of(points) == 2.0
