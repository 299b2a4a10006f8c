"""Uses a client in green threads.

Usage: python green.py ADDRESS CLUSTER_NAME gevent|eventlet before|after
"""

from __future__ import annotations

import faulthandler
import importlib
import sys
import threading
import time
from typing import Any

faulthandler.dump_traceback_later(60, exit=True)
address, cluster_name, library, order = sys.argv[1:]


def patch() -> None:
    if library == "gevent":
        importlib.import_module("gevent.monkey").patch_all()
    else:
        importlib.import_module("eventlet").monkey_patch()


if order == "before":
    patch()
hzclient: Any = importlib.import_module("hzclient")
if order == "after":
    patch()

ticks = 0
done = False


def tick() -> None:
    global ticks
    while not done:
        ticks += 1
        time.sleep(0.001)


def hold_and_wait(seats: Any) -> None:
    assert not seats.try_lock("1A", timeout=0.2)  # another green thread is another owner


with hzclient.HazelcastClient(cluster_members=[address], cluster_name=cluster_name) as client:
    seats = client.get_map("green-seats").blocking()
    ticker = threading.Thread(target=tick)
    ticker.start()
    with seats.lock_context("1A"):
        waiting = [threading.Thread(target=hold_and_wait, args=(seats,)) for _ in range(3)]
        for each in waiting:
            each.start()
        for each in waiting:
            each.join()
    heard: list[Any] = []
    seats.add_entry_listener(added_func=heard.append)
    for number in range(3):
        seats.delete(number)
        seats.put(number, 1)
    while len(heard) < 3:
        time.sleep(0.01)
    done = True
    ticker.join()
assert ticks > 20, f"other green threads ran {ticks} times only"
print("ok")
