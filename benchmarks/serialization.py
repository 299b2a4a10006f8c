"""Compare encoding and decoding with the official client: `python -m benchmarks.serialization`.

Both clients work in turn, each in its own process, on the same objects. The result is the processor time of
the best turn. No member is needed. The operations are those that a map calls for a key or a value.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import official

CASES = ("str", "int", "json", "portable", "compact")
DIRECTIONS = ("encode", "decode")
CLIENTS = {"hazelcast": "official 5.7.0", "hzclient": "hzclient"}


class Worker:
    """Process that times one client."""

    def __init__(self, module: str) -> None:
        python = sys.executable if module == "hzclient" else str(official.interpreter())
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.serialization_worker", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parent.parent,
        )

    def nanoseconds(self, case: str, direction: str, seconds: float) -> float:
        """Time one operation."""
        assert self._process.stdin and self._process.stdout
        print(case, direction, seconds, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker ended with {self._process.wait()}")
        return float(line)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def measure(rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """Return nanoseconds by "case direction" and client."""
    workers = {module: Worker(module) for module in CLIENTS}
    results: dict[str, dict[str, float]] = {}
    try:
        for case in CASES:
            for direction in DIRECTIONS:
                best = dict.fromkeys(workers, math.inf)
                for _ in range(rounds):
                    for module, worker in workers.items():
                        best[module] = min(best[module], worker.nanoseconds(case, direction, seconds))
                results[f"{case} {direction}"] = best
    finally:
        for worker in workers.values():
            worker.close()
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
