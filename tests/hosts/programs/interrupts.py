"""Interrupts calls at random moments, then checks that the client still works and that nothing is left.

Usage: python interrupts.py ADDRESS CLUSTER_NAME signals|threads INTERRUPTS SEED [FACET ...]

With `signals`, a signal handler raises in the main thread. With `threads`, everything runs in another thread,
and `PyThreadState_SetAsyncExc` raises there.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import os
import queue
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import hzclient
from hzclient.config import NearCacheConfig  # noqa: F401  (the import itself must work)
from tests.internals import engine_of

WATCHDOG_SECONDS = 60.0


class Interruption(BaseException):
    """Raised by a signal handler in the middle of whatever the thread does, as Ctrl-C is."""


class Storm:
    """Interrupts the main thread at random moments while it runs a body again and again."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._armed = False
        self.hits = 0
        signal.signal(signal.SIGALRM, self._interrupt)

    def _interrupt(self, *_: object) -> None:
        if self._armed:
            self._armed = False
            self.hits += 1
            raise Interruption

    def strike(self, body: Callable[[], object], longest: float) -> None:
        """Run `body` until it is interrupted once, after a random time up to `longest` seconds."""
        faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True)
        before = self.hits
        try:
            self._armed = True
            signal.setitimer(signal.ITIMER_REAL, self._random.uniform(1e-5, longest))
            while self.hits == before:
                body()
        except Interruption:
            pass
        self._armed = False


class ThreadStorm(Storm):
    """Interrupts the calling thread from another one, as debuggers and time limits of servers do."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._armed = False
        self.hits = 0
        self._requests: queue.SimpleQueue[tuple[int, float]] = queue.SimpleQueue()
        threading.Thread(target=self._raise_in_others, daemon=True).start()

    def _raise_in_others(self) -> None:
        raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
        while True:
            ident, seconds = self._requests.get()
            time.sleep(seconds)
            raise_in(ctypes.c_ulong(ident), ctypes.py_object(Interruption))
            self.hits += 1

    def strike(self, body: Callable[[], object], longest: float) -> None:
        faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True)
        before = self.hits
        try:
            self._requests.put((threading.get_ident(), self._random.uniform(1e-5, longest)))
            while self.hits == before:
                body()
            for _ in range(1000):  # it has been raised, and arrives now, unless a finalizer has swallowed it
                pass
        except Interruption:
            pass
        while self.hits == before:  # it was raised before it was counted
            time.sleep(0)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def settled(count: Callable[[], int], expected: int, seconds: float = 15.0) -> int:
    """Return a count as soon as it is at most `expected`, or after some seconds."""
    end = time.monotonic() + seconds
    while (now := count()) > expected and time.monotonic() < end:
        gc.collect()
        time.sleep(0.01)
    return now


def bodies(client: hzclient.HazelcastClient) -> Iterator[tuple[str, float, Callable[[], object]]]:
    """Yield what is interrupted: name, longest time before the interruption, body."""
    plain = client.get_map("interrupted").blocking()
    near = client.get_map("near-interrupted").blocking()
    future = client.get_map("interrupted")
    plain.put_all({i: str(i) for i in range(50)})
    near.put_all({i: str(i) for i in range(50)})
    numbers = random.Random(1)

    def call() -> None:
        key = numbers.randrange(50)
        plain.put(key, "x")
        plain.get(key)

    def pipeline() -> None:
        for each in [future.get(key) for key in range(10)]:
            each.result()

    def near_cache() -> None:
        for key in range(50):
            near.get(key)
        near.put(numbers.randrange(50), "y")

    def lock() -> None:
        # The lease ends what an interrupt in the last microseconds of `lock` or before `unlock` leaves.
        with plain.lock_context("guarded", lease_time=10):
            plain.get("guarded")

    def transaction() -> None:
        with client.new_transaction(timeout=10) as transaction:
            transaction.get_map("in-transaction").put(numbers.randrange(5), 1)

    def listener() -> None:
        plain.remove_entry_listener(plain.add_entry_listener(added_func=lambda _: None))

    def iterate() -> None:
        for _ in plain.keys():
            pass

    yield "call", 0.002, call
    yield "pipeline", 0.003, pipeline
    yield "near_cache", 0.002, near_cache
    yield "lock", 0.003, lock
    yield "transaction", 0.006, transaction
    yield "listener", 0.004, listener
    yield "iterate", 0.004, iterate

    def sql() -> None:
        with client.sql.execute(
            "SELECT v FROM TABLE(generate_series(1, 30))", cursor_buffer_size=4
        ).result() as rows:
            for _ in rows:
                pass

    yield "sql", 0.010, sql


def with_client(storm: Storm, options: dict[str, Any], count: int, chosen: list[str]) -> None:
    with hzclient.HazelcastClient(near_caches={"near-*": {}}, **options) as client:
        stop = threading.Event()
        answered = [0]

        def background() -> None:  # other threads are not hurt
            mine = client.get_map("background").blocking()
            while not stop.is_set():
                mine.put(1, 1)
                answered[0] += 1
                time.sleep(0.001)

        other = threading.Thread(target=background)
        other.start()
        try:
            for name, longest, body in bodies(client):
                if chosen and name not in chosen:
                    continue
                started = time.monotonic()
                for _ in range(count):
                    storm.strike(body, longest)
                faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True)
                before = answered[0]
                body()
                while answered[0] == before and other.is_alive():
                    time.sleep(0.001)
                assert other.is_alive(), "the other thread has failed"
                left = settled(lambda: in_flight(client), 1)
                assert left <= 1, f"{left} calls are left after {name}"
                print(f"{name}: {count} interrupts, {time.monotonic() - started:.1f} s", flush=True)
        finally:
            stop.set()
            other.join()
        with hzclient.HazelcastClient(**options) as second:
            assert second.get_map("interrupted").blocking().try_lock("guarded", timeout=20), (
                "the lock is held"
            )
            second.get_map("interrupted").blocking().unlock("guarded")
            in_transaction = second.get_map("in-transaction").blocking()
            for key in range(5):
                assert in_transaction.try_lock(key, timeout=20), f"the transaction's key {key} is locked"
                in_transaction.unlock(key)


def in_flight(client: hzclient.HazelcastClient) -> int:
    engine = engine_of(client)
    return sum(len(connection.calls) for connection in engine.manager.connections())


def construction(storm: Storm, options: dict[str, Any], count: int) -> None:
    def start_and_stop() -> None:
        hzclient.HazelcastClient(**options).shutdown()

    started = time.monotonic()
    start_and_stop()
    for _ in range(count):
        storm.strike(start_and_stop, 0.06)
    print(f"construction and shutdown: {count} interrupts, {time.monotonic() - started:.1f} s", flush=True)


def main() -> None:
    warnings.simplefilter("ignore", ResourceWarning)  # an interrupted client is closed by nobody
    address, cluster_name, mode, count, seed, *chosen = sys.argv[1:]
    options: dict[str, Any] = {"cluster_members": [address], "cluster_name": cluster_name}
    storm = Storm(int(seed)) if mode == "signals" else ThreadStorm(int(seed))
    sys.unraisablehook = lambda _: None  # an interrupt in a finalizer reaches nobody
    with hzclient.HazelcastClient(**options):  # loads what is loaded on demand
        pass
    threads = settled(threading.active_count, 1 if mode == "signals" else 3, 11)
    files = descriptors()
    if not chosen or set(chosen) - {"construction"}:
        with_client(storm, options, int(count), chosen)
    if not chosen or "construction" in chosen:
        construction(storm, options, int(count) // 4)
    faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True)
    left = settled(threading.active_count, threads)
    assert left <= threads, f"threads are left: {threading.enumerate()}"
    left = settled(descriptors, files)
    with contextlib.suppress(OSError):
        names = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    assert left <= files, f"{left - files} descriptors are left: {names}"
    with hzclient.HazelcastClient(**options) as client:
        assert client.get_map("interrupted").blocking().get(1) is not None
    faulthandler.cancel_dump_traceback_later()
    print(f"ok: {storm.hits} interrupts", flush=True)


def run() -> None:
    global failed
    try:
        main()
    except BaseException:
        failed = True
        raise


failed = False
if sys.argv[3] == "signals":
    run()
else:
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
sys.exit(failed)
