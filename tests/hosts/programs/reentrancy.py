"""Uses and ends clients from code that interrupts the client: handlers of signals and logging, finalizers.

Usage: python reentrancy.py ADDRESS CLUSTER_NAME ROUNDS SEED
"""

from __future__ import annotations

import faulthandler
import gc
import itertools
import logging
import random
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import hzclient
from hzclient.errors import HazelcastError
from tests.internals import engine_of, private

WATCHDOG_SECONDS = 60.0
address, cluster_name = sys.argv[1:3]
rounds, seed = map(int, sys.argv[3:])
random.seed(seed)
options: dict[str, Any] = {"cluster_members": [address], "cluster_name": cluster_name}
REFUSAL = "waits for a call on a thread that it interrupted inside the client"

refused = 0
answered = 0


class Cycle:
    """Garbage with a finalizer, which only the collector finds."""

    def __init__(self, finalize: Callable[[], object]) -> None:
        self.itself = self
        self.finalize = finalize

    def __del__(self) -> None:
        self.finalize()


class Watched:
    """Something to be watched by a weak reference."""


def attempt(call: Callable[[], object]) -> None:
    """Make a call that either works or is refused with a clear error."""
    global refused, answered
    try:
        call()
        answered += 1
    except RuntimeError as error:
        if "own loop thread" not in str(error):  # where the collector has called a finalizer
            assert REFUSAL in str(error), error
            refused += 1
    except HazelcastError:
        pass  # the client is shut down


def work(client: hzclient.HazelcastClient, until: Callable[[], bool]) -> None:
    """Use the client with calls of all kinds, in which it is interrupted."""
    plain = client.get_map("reentrancy").blocking()
    near = client.get_map("near-reentrancy").blocking()
    ids = client.get_flake_id_generator("reentrancy").blocking()
    later = client.get_map("reentrancy")
    for number in itertools.count():
        if until():
            return
        key = number % 10
        plain.put(key, "x" * (number % 3000))
        near.get(key)
        near.put(key, number)
        later.set(key, 1)
        ids.new_id()
        plain.remove_entry_listener(plain.add_entry_listener(added_func=lambda _: None))


def calls_from_signal_handlers(client: hzclient.HazelcastClient) -> None:
    plain = client.get_map("reentrancy").blocking()
    near = client.get_map("near-reentrancy").blocking()
    ids = client.get_flake_id_generator("reentrancy").blocking()
    struck = 0

    def handle(*_: object) -> None:
        nonlocal struck
        struck += 1
        attempt(lambda: plain.put("handler", struck))
        attempt(lambda: near.get(struck % 10))
        attempt(lambda: client.get_map("reentrancy").get(1).result())
        attempt(ids.new_id)
        if struck < rounds:
            signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-4, 3e-3))

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    work(client, lambda: struck >= rounds)


def calls_from_finalizers(client: hzclient.HazelcastClient) -> None:
    plain = client.get_map("reentrancy").blocking()
    finalized = 0

    def call(*_: object) -> None:
        nonlocal finalized
        finalized += 1
        attempt(lambda: plain.get("finalizer"))

    def until() -> bool:
        Cycle(call)
        watched = Watched()
        watched.reference = weakref.ref(watched, call)  # type: ignore[attr-defined]
        references.append(weakref.ref(watched, call))
        watched.itself = watched  # type: ignore[attr-defined]
        return finalized >= rounds

    references: list[Any] = []
    before = gc.get_threshold()
    gc.set_threshold(40, 2, 2)  # the collector runs in the midst of everything
    try:
        work(client, until)
    finally:
        gc.set_threshold(*before)


def calls_from_logging(client: hzclient.HazelcastClient) -> None:
    plain = client.get_map("reentrancy").blocking()
    emitted = 0

    class ToMap(logging.Handler):
        inside = threading.local()

        def emit(self, record: logging.LogRecord) -> None:
            nonlocal emitted
            if getattr(self.inside, "yes", False):
                return
            self.inside.yes = True
            try:
                emitted += 1
                plain.put("log", record.getMessage())
            except RuntimeError as error:
                assert "own loop thread" in str(error), error
            except HazelcastError:
                pass
            finally:
                self.inside.yes = False

    handler = ToMap(level=logging.DEBUG)
    logging.getLogger().addHandler(handler)
    logging.getLogger("hzclient").setLevel(logging.DEBUG)
    application = logging.getLogger("application")
    application.setLevel(logging.INFO)
    try:
        started = time.monotonic()
        for number in range(50):
            application.info("number %s", number)
        with hzclient.HazelcastClient(**options) as second:  # its loop logs to the same handler
            second.get_map("reentrancy").blocking().get(1)
            application.info("second")
        assert time.monotonic() - started < 20, time.monotonic() - started
        assert emitted > 50
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger("hzclient").setLevel(logging.NOTSET)


def ends(run: Callable[[hzclient.HazelcastClient], object]) -> None:
    """Check that a client that is ended in the midst of its work ends within a bounded time."""
    client = hzclient.HazelcastClient(near_caches={"near-*": {}}, **options)
    client.get_map("near-reentrancy")
    started = time.monotonic()
    try:
        run(client)
    except HazelcastError:
        pass
    client.shutdown()
    client.shutdown()
    assert time.monotonic() - started < 15
    name = client.name
    del client
    while any(each.name.endswith(name) for each in threading.enumerate()):
        time.sleep(0.01)


def from_signal_handler(client: hzclient.HazelcastClient) -> None:
    def handle(*_: object) -> None:
        client.shutdown()

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-4, 0.03))
    work(client, lambda: False)


def from_nested_signal_handlers(client: hzclient.HazelcastClient) -> None:
    depth = 0

    def handle(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth < 5:
            signal.setitimer(signal.ITIMER_REAL, 0.0005)  # strikes while shutdown() waits
        client.shutdown()

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-4, 0.01))
    work(client, lambda: False)


def from_finalizer(client: hzclient.HazelcastClient) -> None:
    before = gc.get_threshold()
    gc.set_threshold(random.randrange(20, 80), 2, 2)
    Cycle(client.shutdown)
    try:
        work(client, lambda: False)
    finally:
        gc.set_threshold(*before)


def from_weakref_callback(client: hzclient.HazelcastClient) -> None:
    watched = Watched()
    reference = weakref.ref(watched, lambda _: client.shutdown())
    watched.itself = watched  # type: ignore[attr-defined]
    del watched
    before = gc.get_threshold()
    gc.set_threshold(random.randrange(20, 80), 2, 2)
    try:
        work(client, lambda: False)
    finally:
        gc.set_threshold(*before)
    assert reference() is None


def log_through(handler: logging.Handler, level: int) -> None:
    """Let a handler of the root logger handle a record of the application, while the client logs too."""
    logging.getLogger().addHandler(handler)
    logging.getLogger("hzclient").setLevel(level)
    try:
        logging.getLogger("application").warning("end it")
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger("hzclient").setLevel(logging.NOTSET)


def from_logging_handler(client: hzclient.HazelcastClient) -> None:
    class Ends(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name == "application":
                client.shutdown()  # the loop logs to this handler meanwhile, whose lock this thread holds

    log_through(Ends(), logging.DEBUG)


def from_signal_handler_in_logging(client: hzclient.HazelcastClient) -> None:
    class Slow(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name == "application":
                signal.raise_signal(signal.SIGALRM)

    signal.signal(signal.SIGALRM, lambda *_: client.shutdown())
    log_through(Slow(), logging.INFO)


def from_threads_at_once(client: hzclient.HazelcastClient) -> None:
    threads = [threading.Thread(target=client.shutdown) for _ in range(8)]
    for each in threads:
        each.start()
    client.shutdown()
    for each in threads:
        each.join()


def inside_a_lock(client: hzclient.HazelcastClient) -> None:
    """Call and shut down while this thread holds the locks that the loop takes, as a handler would."""
    connection = engine_of(client).manager.connections()[0]
    near = client.get_map("near-reentrancy").blocking()
    near.get(1)
    cache = engine_of(client).near_caches.list_near_caches()[0]
    for lock in (
        private(connection, "_write_lock"),
        private(connection, "_turns_lock"),
        engine_of(client).runtime.lock,
        private(cache, "_lock"),
    ):
        with lock:
            attempt(lambda: near.put(1, 2))
    with (
        private(connection, "_write_lock"),
        private(connection, "_turns_lock"),
        engine_of(client).runtime.lock,
        private(cache, "_lock"),
    ):
        client.shutdown()


def main() -> None:
    logging.getLogger("hzclient.runtime").setLevel(logging.ERROR)
    faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True)
    few = {"prefetch_count": 2}
    more: dict[str, Any] = {"near_caches": {"near-*": {}}, "flake_id_generators": {"reentrancy": few}}
    with hzclient.HazelcastClient(**more, **options) as client:
        for use in (calls_from_signal_handlers, calls_from_finalizers, calls_from_logging):
            started = time.monotonic()
            use(client)
            faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True)
            print(
                f"{use.__name__}: {time.monotonic() - started:.1f} s, {answered} answered, {refused} refused"
            )
        assert refused < rounds // 10, f"{refused} calls were refused"
        client.get_map("reentrancy").blocking().put("after", 1)
        assert client.get_map("reentrancy").blocking().get("after") == 1
    often = (from_signal_handler, from_nested_signal_handlers, from_finalizer, from_weakref_callback)
    once = (from_logging_handler, from_signal_handler_in_logging, from_threads_at_once, inside_a_lock)
    for run, times in [*((each, max(rounds // 20, 3)) for each in often), *((each, 1) for each in once)]:
        started = time.monotonic()
        for _ in range(times):
            faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True)
            ends(run)
        print(f"shutdown {run.__name__}: {times} times, {time.monotonic() - started:.1f} s")
    gc.collect()
    print("ok")


main()
