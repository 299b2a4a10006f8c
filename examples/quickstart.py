"""Call hzclient in its three faces, on a map and with a listener.

python examples/quickstart.py                    # with a cluster on this machine, port 5701
python examples/quickstart.py HOST:PORT ...      # with that cluster
python examples/quickstart.py --start-member     # starts a real member first (needs the extra `server`)
"""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Iterator

import hzclient
import hzclient.asyncio
from hzclient.future import Future
from hzclient.proxy.base import EntryEvent


def blocking(addresses: list[str]) -> None:
    """Call in the blocking face: each call returns its value. For scripts, Django, Celery."""
    with hzclient.HazelcastClient(cluster_members=addresses) as client:
        capitals = client.get_map("capitals").blocking()
        capitals.clear()

        heard = threading.Event()

        def on_added(event: EntryEvent[str, str]) -> None:
            print(f"  listener: {event.key} was added with the value {event.value}")
            heard.set()

        capitals.add_entry_listener(include_value=True, added_func=on_added)
        capitals.put("France", "Paris")
        print(f"  get:      the capital of France is {capitals.get('France')}")
        print(f"  size:     {capitals.size()} entry")
        if not heard.wait(timeout=10):
            raise TimeoutError("the listener was not told of the new entry")


def futures(addresses: list[str]) -> None:
    """Call in the Future face: each call returns at once, so many calls run at the same time."""
    with hzclient.HazelcastClient(cluster_members=addresses) as client:
        squares = client.get_map("squares")

        stored = [squares.put(number, number * number) for number in range(100)]
        for future in stored:
            future.result(timeout=10)
        print("  put:      100 entries, all under way at once")

        called = threading.Event()

        def on_value(done: Future[int | None]) -> None:
            print(f"  callback: 12 squared is {done.result()}")
            called.set()

        squares.get(12).add_done_callback(on_value)
        if not called.wait(timeout=10):
            raise TimeoutError("the callback was not called")


async def on_asyncio(addresses: list[str]) -> None:
    """Call in the asyncio face: each call is a coroutine on your own loop, without any thread."""
    async with await hzclient.asyncio.HazelcastClient.create_and_start(cluster_members=addresses) as client:
        cubes = await client.get_map("cubes")
        async with asyncio.timeout(10):
            await asyncio.gather(*(cubes.set(number, number**3) for number in range(100)))
            values = await asyncio.gather(*(cubes.get(number) for number in (3, 4, 5)))
        print(f"  gather:   3, 4 and 5 cubed are {values}")


@contextlib.contextmanager
def cluster(arguments: list[str]) -> Iterator[list[str]]:
    """Yield the addresses to connect to; with `--start-member`, that of a member that runs in the block."""
    if arguments != ["--start-member"]:
        yield arguments or ["127.0.0.1:5701"]
        return
    from hzclient.server import LocalCluster

    with LocalCluster(members=1) as started:
        print(f"A Hazelcast {started.version} member runs at {started.addresses[0]}")
        yield started.addresses


def main() -> None:
    """Run the example in all faces."""
    with cluster(sys.argv[1:]) as addresses:
        print("Blocking calls:")
        blocking(addresses)
        print("Futures:")
        futures(addresses)
        print("asyncio:")
        asyncio.run(on_asyncio(addresses))


if __name__ == "__main__":
    main()
