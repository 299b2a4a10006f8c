"""Read the same entries again and again, from the memory of this process.

python examples/near_cache.py [HOST:PORT ...]
"""

import sys
import time

import hzclient


def main() -> None:
    """Read 10,000 times, and see a change by another client."""
    with (
        hzclient.HazelcastClient(cluster_members=sys.argv[1:], near_caches={"cached-*": {}}) as client,
        hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as other,
    ):
        prices = client.get_map("cached-prices").blocking()
        prices.put_all({number: number for number in range(100)})
        for _ in range(100):
            for number in range(100):
                prices.get(number)
        statistics = prices.near_cache_statistics() or {}
        print(f"more than 95 % hits: {statistics['hits'] > 9500}")

        other.get_map("cached-prices").blocking().set(7, 70)
        deadline = time.monotonic() + 30
        while prices.get(7) != 70 and time.monotonic() < deadline:
            time.sleep(0.001)  # the members' message is on its way
        print("7 costs", prices.get(7))


if __name__ == "__main__":
    main()
