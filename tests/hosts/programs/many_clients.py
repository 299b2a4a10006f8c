"""Makes and closes many clients, and checks that nothing is left and nothing grows.

Usage: python many_clients.py ADDRESS CLUSTER_NAME CLIENTS
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import os
import sys
import threading
import time
from collections import Counter
from typing import Any

import psutil

import hzclient
import hzclient.asyncio

faulthandler.dump_traceback_later(600, exit=True)
address, cluster_name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
options: dict[str, Any] = {
    "cluster_members": [address],
    "cluster_name": cluster_name,
    "near_caches": {"n": {}},
}
process = psutil.Process()


def use(client: hzclient.HazelcastClient) -> None:
    mine = client.get_map("n").blocking()
    mine.put(1, 1)
    assert mine.get(1) == 1
    mine.remove_entry_listener(mine.add_entry_listener(added_func=lambda _: None))
    with client.new_transaction() as transaction:
        transaction.get_map("in-transaction").get(1)


def threaded() -> None:
    with hzclient.HazelcastClient(**options) as client:
        use(client)


async def attached() -> None:
    async with hzclient.asyncio.HazelcastClient(**options) as client:
        mine = await client.get_map("n")
        await mine.put(1, 1)
        assert await mine.get(1) == 1
        await mine.remove_entry_listener(await mine.add_entry_listener(added_func=lambda _: None))
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


def held() -> tuple[int, int]:
    """Return the numbers of threads and of file descriptors."""
    return threading.active_count(), len(os.listdir("/proc/self/fd"))


def objects() -> Counter[str]:
    """Return how many objects of the package there are, by class."""
    gc.collect()
    kinds = (type(each) for each in gc.get_objects())
    return Counter(each.__qualname__ for each in kinds if str(each.__module__).startswith("hzclient."))


def main() -> None:
    for _ in range(5):  # loads what is loaded on demand
        threaded()
        asyncio.run(attached())
    kept = objects()
    before, resident = held(), process.memory_info().rss
    started = time.monotonic()
    for number in range(count):
        if number % 2:
            threaded()
        else:
            asyncio.run(attached())
        assert held()[0] == before[0], threading.enumerate()
        assert held()[1] <= before[1] + 8, f"{held()[1]} descriptors after {number} clients, not {before[1]}"
    gc.collect()
    assert held() == before, (held(), before)
    grown = (process.memory_info().rss - resident) / 1024
    print(f"{count} clients, {time.monotonic() - started:.1f} s, {held()}, memory grew by {grown:.0f} KiB")
    # The allocator keeps a few MiB after the first clients, whatever their number.
    assert grown < 8000 + 4 * count, f"memory grew by {grown:.0f} KiB"
    left = objects() - kept
    assert not left, left
    print("ok")


main()
