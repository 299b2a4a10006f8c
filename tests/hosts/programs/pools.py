"""Uses clients in the processes of a pool, while the parent has a client too.

Usage: python pools.py ADDRESS CLUSTER_NAME multiprocessing|concurrent.futures fork|forkserver|spawn
"""

from __future__ import annotations

import concurrent.futures
import faulthandler
import multiprocessing
import os
import sys
from typing import Any

import hzclient

options: dict[str, Any] = {"cluster_members": [sys.argv[1]], "cluster_name": sys.argv[2]}
name = f"pools-{sys.argv[3]}-{sys.argv[4]}"
own: hzclient.HazelcastClient | None = None


def work(number: int) -> int:
    """Use the client of this process, which its first task makes."""
    global own
    if own is None:
        own = hzclient.HazelcastClient(**options)
    numbers = own.get_map(name).blocking()
    numbers.put(number, number * number)
    assert numbers.get("parent") == os.getppid() or sys.argv[4] == "forkserver"
    return number


def main() -> None:
    faulthandler.dump_traceback_later(50, exit=True)
    context = multiprocessing.get_context(sys.argv[4])
    with hzclient.HazelcastClient(**options) as client:
        numbers = client.get_map(name).blocking()
        numbers.put("parent", os.getpid())
        if sys.argv[3] == "multiprocessing":
            with context.Pool(2) as pool:
                done = pool.map(work, range(6))
                pool.close()
                pool.join()
        else:
            with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
                done = list(executor.map(work, range(6)))
        assert done == list(range(6))
        assert [numbers.get(number) for number in range(6)] == [0, 1, 4, 9, 16, 25]
    assert not multiprocessing.active_children()
    print("ok")


if __name__ == "__main__":
    main()
