"""Load many entries from one thread: a window of futures keeps the members busy and memory bounded.

python examples/pipelining.py [HOST:PORT ...]
"""

import sys
import time
from collections import deque

import hzclient
from hzclient.future import Future
from hzclient.proxy.map import Map

ENTRIES = 10_000
WINDOW = 256


def load(client: hzclient.HazelcastClient) -> int:
    """Store the entries and return the size of the map afterwards."""
    words: Map[int, str] = client.get_map("words")
    window: deque[Future[None]] = deque()
    for number in range(ENTRIES):
        if len(window) == WINDOW:
            window.popleft().result(timeout=30)
        window.append(words.set(number, f"word {number}"))
    while window:
        window.popleft().result(timeout=30)
    return words.size().result(timeout=30)


def main() -> None:
    """Run the example."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:] or ["127.0.0.1:5701"]) as client:
        started = time.perf_counter()
        size = load(client)
        print(
            f"{size} entries in {time.perf_counter() - started:.2f} s, {WINDOW} calls under way at any time"
        )


if __name__ == "__main__":
    main()
