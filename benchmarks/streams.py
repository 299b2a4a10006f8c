"""Compare what comes many at once: messages, events, and misses of a near cache; in one run.

    python -m benchmarks.streams [--rounds 5] [--count 5000]

Both clients receive the same messages and events, which a third client causes, with the same code. Their
processes take turns. The processor time of what arrives is the figure to read: how much arrives in a second
depends on the client that sends, too. `map.events()` exists in hzclient only.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from benchmarks.blocks import number
from benchmarks.process import Worker

VALUE: Final = "x" * 100
LISTENERS: Final = 10
WINDOW: Final = 128
"""Calls in flight of the client that causes messages and events."""

_PATIENCE = 120.0


class Receiver:
    """Counts what arrives.

    Args:
        count: How much must arrive.
    """

    def __init__(self, count: int) -> None:
        self._left = count
        self._all = threading.Event()

    def receive(self, _: object) -> None:
        """Count one arrival. Called by one thread."""
        self._left -= 1
        if not self._left:
            self._all.set()

    def wait(self) -> None:
        """Wait until all have arrived."""
        if not self._all.wait(_PATIENCE):
            raise RuntimeError(f"{self._left} did not arrive in {_PATIENCE:.0f} s")


@contextmanager
def messages(client: Any, name: str, count: int) -> Iterator[Callable[[], None]]:
    """Listen to a topic, several times."""
    receiver = Receiver(count * LISTENERS)
    topic = client.get_topic(name).blocking()
    for _ in range(LISTENERS):
        topic.add_listener(receiver.receive)
    yield receiver.wait
    topic.destroy()


@contextmanager
def entry_events(client: Any, name: str, count: int) -> Iterator[Callable[[], None]]:
    """Listen to the entries of a map."""
    receiver = Receiver(count)
    found = client.get_map(name).blocking()
    registration = found.add_entry_listener(include_value=True, added_func=receiver.receive)
    yield receiver.wait
    found.remove_entry_listener(registration)
    found.destroy()


@contextmanager
def stream_of_events(client: Any, name: str, count: int) -> Iterator[Callable[[], None]]:
    """Iterate over the events of a map."""
    found = client.get_map(name).blocking()
    events = found.events(include_value=True)
    # The listener is registered with the first step, so cause events until one has arrived.
    first = threading.Thread(target=next, args=(events,))
    first.start()
    while first.is_alive():
        found.set("first", VALUE)
        first.join(0.05)

    def wait() -> None:
        left = count
        while left:
            left -= next(events).key != "first"

    yield wait
    events.close()
    found.destroy()


@contextmanager
def misses(client: Any, name: str, count: int) -> Iterator[Callable[[], None]]:
    """Read entries that the near cache does not hold, all at once."""
    found = client.get_map(name)

    def wait() -> None:
        for future in [found.get(f"key-{n}") for n in range(count)]:
            if future.result() != VALUE:
                raise RuntimeError("an entry is missing")

    yield wait
    found.blocking().destroy()


CASES: Final[dict[str, Callable[[Any, str, int], Any]]] = {
    f"topic, {LISTENERS} listeners": messages,
    "map, entry listener": entry_events,
    "map.events()": stream_of_events,
    "near cache, misses at once": misses,
}
OWN: Final = ("map.events()",)
"""Cases that the official client does not have."""


def serve(module: str, address: str) -> None:
    """Carry out the jobs on standard input, one line of JSON each: case, name and count."""
    client: Any = importlib.import_module(module).HazelcastClient(
        cluster_members=[address], near_caches={"near-*": {"invalidate_on_change": False}}
    )
    for line in sys.stdin:
        case, name, count = json.loads(line)
        with CASES[case](client, name, count) as wait:
            print("ready", flush=True)
            sys.stdin.readline()
            cpu, wall = time.process_time(), time.perf_counter()
            wait()
            took = time.process_time() - cpu, time.perf_counter() - wall
        print(json.dumps(took), flush=True)
    client.shutdown()


class StreamsWorker(Worker):
    """Process with a client of one package.

    Args:
        module: The package.
        address: Address of the member.
    """

    def __init__(self, module: str, address: str) -> None:
        from benchmarks.official import python_of  # not above: see `compare`

        super().__init__([python_of(module), "-m", "benchmarks.streams", "--serve", module, address])

    def measure(self, case: str, name: str, count: int, cause: Callable[[], None]) -> tuple[float, float]:
        """Let a case take place.

        Args:
            case: Name of the case.
            name: Name of its structure.
            count: Number of messages, events or entries.
            cause: Causes messages or events, when the client listens.

        Returns:
            Processor time of one arrival in microseconds, and arrivals in a second.
        """
        self.ask(json.dumps([case, name, count]))
        self.send("")
        cause()
        cpu, wall = json.loads(self.receive(_PATIENCE))
        arrivals = count * (LISTENERS if CASES[case] is messages else 1)
        return cpu / arrivals * 1e6, arrivals / wall


class Cause:
    """Client that causes messages and events, and fills maps.

    Args:
        client: An asyncio client.
        run: Runs a coroutine on its loop.
    """

    def __init__(self, client: Any, run: Callable[[Any], Any]) -> None:
        self._client = client
        self._run = run

    def prepare(self, case: str, name: str, count: int) -> Callable[[], None]:
        """Fill the map that a case reads, and return what causes the case's messages or events."""
        if CASES[case] is misses:
            self._run(self._fill(name, count))
            return lambda: None
        return lambda: self._run(self._many(case, name, count))

    async def _fill(self, name: str, count: int) -> None:
        await (await self._client.get_map(name)).put_all({f"key-{n}": VALUE for n in range(count)})

    async def _many(self, case: str, name: str, count: int) -> None:
        if CASES[case] is messages:
            topic = await self._client.get_topic(name)
            await _in_flight(lambda _: topic.publish(VALUE), count)
        else:
            found = await self._client.get_map(name)
            await _in_flight(lambda key: found.set(key, VALUE), count)


async def _in_flight(call: Callable[[int], Any], count: int) -> None:
    keys = iter(range(count))

    async def caller() -> None:
        for key in keys:
            await call(key)

    await asyncio.gather(*(caller() for _ in range(WINDOW)))


def compare(address: str, rounds: int, count: int) -> None:
    """Print the figures of both clients."""
    # Not above: the official client's interpreter runs this module too, and has nothing that hzclient needs.
    from benchmarks.report import interquartile_range
    from hzclient.asyncio import HazelcastClient

    heads = ["case", "official, CPU µs", "hzclient, CPU µs", "× CPU", "official, 1/s", "hzclient, 1/s", "IQR"]
    print(f"| {' | '.join(heads)} |\n|---|{'---:|' * (len(heads) - 1)}")
    with ExitStack() as stack:
        workers = {
            "official": stack.enter_context(StreamsWorker("hazelcast", address)),
            "hzclient": stack.enter_context(StreamsWorker("hzclient", address)),
        }
        runner = stack.enter_context(asyncio.Runner())
        client = runner.run(HazelcastClient.create_and_start(cluster_members=[address]))
        cause = Cause(client, runner.run)
        for case in CASES:
            found: dict[str, list[tuple[float, float]]] = {}
            for turn in range(rounds + 1):  # the first is a warm-up
                for package, worker in workers.items():
                    if package == "official" and case in OWN:
                        continue
                    name = f"near-{package}-{turn}-{case}"
                    figures = worker.measure(case, name, count, cause.prepare(case, name, count))
                    found.setdefault(package, []).append(figures)
            ours, theirs = found["hzclient"][1:], found.get("official", [])[1:]
            ratios = [own[0] / other[0] for own, other in zip(ours, theirs, strict=False)]
            middle = statistics.median(ratios) if ratios else 0.0
            cells = [
                case,
                *(_median(figures, 0) for figures in (theirs, ours)),
                f"{middle:.2f}" if ratios else "",
                *(_median(figures, 1) for figures in (theirs, ours)),
                f"{interquartile_range(ratios) / middle:.0%}" if ratios else "",
            ]
            print(f"| {' | '.join(cells)} |", flush=True)
        runner.run(client.shutdown())


def _median(figures: list[tuple[float, float]], which: int) -> str:
    return number(statistics.median(each[which] for each in figures) if figures else None)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each case; the median counts")
    parser.add_argument("--count", type=int, default=5000, help="messages, events or entries of a case")
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(*arguments.serve)
        return
    from hzclient.server import LocalCluster

    with LocalCluster(members=1) as cluster:
        compare(cluster.addresses[0], arguments.rounds, arguments.count)


if __name__ == "__main__":
    main()
