"""A replicated map: every member has all entries. For data that is small, read often and changed rarely.

python examples/replicated_map.py [HOST:PORT ...]
"""

import sys
import time

import hzclient


def main() -> None:
    """Store exchange rates, and read them."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        rates = client.get_replicated_map("rates").blocking()
        rates.put_all({"EUR": 1.0, "USD": 1.1, "JPY": 160.0})
        # Members copy changes to each other in the background, so a read may be a moment behind.
        deadline = time.monotonic() + 30
        while rates.get("JPY") is None and time.monotonic() < deadline:
            time.sleep(0.01)
        print("1 EUR is", rates.get("JPY"), "JPY")


if __name__ == "__main__":
    main()
