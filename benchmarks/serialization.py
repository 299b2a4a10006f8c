"""Compare encoding and decoding with the official client: `python -m benchmarks.serialization`.

Both clients work in turn, each in its own process, on the same objects. The result is the processor time of
the best turn. No member is needed. The operations are those that a map calls for a key or a value.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks import official
from benchmarks.process import Worker

CASES = ("str", "int", "json", "portable", "compact")
DIRECTIONS = ("encode", "decode")
CLIENTS = {"hazelcast": "official 5.7.0", "hzclient": "hzclient"}


def worker_of(module: str) -> Worker:
    """Start the process that times one client."""
    return Worker([official.python_of(module), "-m", "benchmarks.serialization_worker", module])


def measure(rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """Return nanoseconds by "case direction" and client."""
    results: dict[str, dict[str, float]] = {}
    with ExitStack() as stack:
        workers = {module: stack.enter_context(worker_of(module)) for module in CLIENTS}
        for case in CASES:
            for direction in DIRECTIONS:
                best = dict.fromkeys(workers, math.inf)
                for _ in range(rounds):
                    for module, worker in workers.items():
                        figure = float(worker.ask(f"{case} {direction} {seconds}", seconds))
                        best[module] = min(best[module], figure)
                results[f"{case} {direction}"] = best
    return results


def report(results: dict[str, dict[str, float]]) -> str:
    """Return the results as a table."""
    lines = [
        "| case | " + " | ".join(f"{name}, ns" for name in CLIENTS.values()) + " | ratio |",
        "|---|---|---|---|",
    ]
    for case, times in results.items():
        columns = " | ".join(f"{times[module]:,.0f}" for module in CLIENTS)
        lines.append(f"| {case} | {columns} | {times['hazelcast'] / times['hzclient']:.1f}x |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serialization", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of each client in each case")
    parser.add_argument("--seconds", type=float, default=0.2, help="length of a turn")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    results = measure(options.rounds, options.seconds)
    print(json.dumps(results, indent=1) if options.json else report(results))


if __name__ == "__main__":
    main()
