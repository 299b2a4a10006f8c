"""Count visits with a PN counter, and different visitors with a cardinality estimator.

    python examples/counters.py [HOST:PORT ...]

Both work without a leader, so they go on while members come and go.
"""

import sys

import hzclient


def main() -> None:
    """Count 1,000 visits of 100 visitors."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        visits, visitors = client.get_pn_counter("visits"), client.get_cardinality_estimator("visitors")
        before = visits.blocking().get()
        counting = [visits.add_and_get(10) for _ in range(100)]
        noting = [visitors.add(f"visitor {number % 100}") for number in range(200)]
        for counted in counting:
            counted.result(timeout=60)
        for noted in noting:
            noted.result(timeout=60)
        print("visits:", visits.blocking().get() - before)
        estimate = visitors.blocking().estimate()
        print("visitors: about 100" if 90 <= estimate <= 110 else f"visitors: {estimate}")


if __name__ == "__main__":
    main()
