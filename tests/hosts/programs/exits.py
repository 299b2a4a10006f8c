"""Uses clients while the interpreter exits.

Usage: python exits.py ADDRESS CLUSTER_NAME
"""

from __future__ import annotations

import atexit
import sys
import threading
from typing import Any

import hzclient

options: dict[str, Any] = {"cluster_members": [sys.argv[1]], "cluster_name": sys.argv[2]}


class Holder:
    """Shuts its client down when it is finalized, which is after the last thread has stopped."""

    def __init__(self) -> None:
        self.client = hzclient.HazelcastClient(**options)

    def __del__(self) -> None:
        self.client.shutdown()
        print("finalized", flush=True)


def use(where: str) -> None:
    with hzclient.HazelcastClient(**options) as client:
        print(where, client.get_map("exits").blocking().get(1), flush=True)


def after_main_thread() -> None:
    threading.main_thread().join()
    use("worker")


holder = Holder()
sys.modules["holder"] = holder  # type: ignore[assignment]
numbers = holder.client.get_map("exits").blocking()
numbers.put_all({i: i for i in range(200)})
unfinished = iter(numbers.keys())
atexit.register(use, "atexit")
threading.Thread(target=after_main_thread).start()
