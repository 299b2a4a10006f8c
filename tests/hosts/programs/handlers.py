"""Shuts clients down from a signal handler, twice, at once and often, and counts what is left.

Usage: python handlers.py ADDRESS CLUSTER_NAME
"""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import sys
import threading
from typing import Any

import hzclient
from hzclient.errors import HazelcastClientNotActiveError

faulthandler.dump_traceback_later(60, exit=True)
options: dict[str, Any] = {"cluster_members": [sys.argv[1]], "cluster_name": sys.argv[2]}

client = hzclient.HazelcastClient(**options)
numbers = client.get_map("numbers").blocking()
signal.signal(signal.SIGALRM, lambda *_: client.shutdown())
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    while True:
        numbers.get(1)
except HazelcastClientNotActiveError:
    print("shut down by a signal handler")
client.shutdown()

client = hzclient.HazelcastClient(**options)
threads = [threading.Thread(target=client.shutdown) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

gc.collect()
before = threading.active_count(), len(os.listdir("/proc/self/fd"))
for _ in range(100):
    hzclient.HazelcastClient(**options).shutdown()
    assert threading.active_count() == before[0], threading.enumerate()
assert len(os.listdir("/proc/self/fd")) == before[1]
print("nothing is left")
