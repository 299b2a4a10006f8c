"""Write the figures of `python -m benchmarks.table` into the documents.

    python -m benchmarks.document [FOLDER]

`FOLDER` (default: `build/benchmarks`) is where `python -m benchmarks.table` wrote its results. The tables of
`docs/performance.md` and the one of `README.md` come from there, so that all figures are of one run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.blocks import number, replace_block, table

ROOT = Path(__file__).resolve().parent.parent
PERFORMANCE = "docs/performance.md"
COMMAND = "python -m benchmarks.document"

COPIED = ("near-cache", "streams", "sql", "serialization", "startup", "peers")
"""Parts whose output goes into `docs/performance.md` as it is."""

Row = dict[str, Any]


def headline(results: list[Row]) -> str:
    """Return the table of `Map.get` in each face, on both loops."""
    heads = ["face", "in flight", "loop", "calls/s", "p50 µs", "CPU µs", "× calls/s", "× p50", "× CPU", "IQR"]
    rows = [
        [
            _face(row),
            str(row["in_flight"]),
            row["loop"],
            number(row["throughput"]),
            number(row["p50"]),
            number(row["cpu"]),
            *_ratios(row, "throughput", "p50", "cpu"),
            f"{row['ratios']['noise']:.0%}",
        ]
        for row in results
        if row["client"] == "hzclient" and row["operation"] == "get"
    ]
    return table(heads, rows, ["---", "---:", "---", *["---:"] * 7])


def operations(results: list[Row]) -> str:
    """Return the table of all operations in asyncio, on the stock loop."""
    heads = ["operation", "calls/s", "CPU µs", "official, CPU µs", "members, CPU µs", "cores in use"]
    heads += ["limit, × calls/s", "× calls/s", "× CPU", "IQR"]
    rows = [
        [
            own["operation"],
            number(own["throughput"]),
            number(own["cpu"]),
            number(official["cpu"]),
            number(own["member_cpu"]),
            f"{own['throughput'] * (own['cpu'] + own['member_cpu']) / 1e6:.1f}",
            *(_ratios(limit, "throughput") if limit else [""]),
            *_ratios(own, "throughput", "cpu"),
            f"{own['ratios']['noise']:.0%}",
        ]
        for own, official, limit in _compared(results)
    ]
    return table(heads, rows, ["---", *["---:"] * (len(heads) - 1)])


def summary(results: list[Row]) -> str:
    """Return the short table of the README: `Map.get` in each face on the stock loop."""
    heads = ["", "calls/s", "× calls/s", "processor time of a call, × official"]
    rows = [
        [
            f"{_face(row)}, {row['in_flight']} in flight",
            number(row["throughput"]),
            *_ratios(row, "throughput", "cpu"),
        ]
        for row in results
        if row["client"] == "hzclient" and row["operation"] == "get" and row["loop"] == "stock"
    ]
    return table(heads, rows, ["---", *["---:"] * 3])


def _compared(results: list[Row]) -> Iterator[tuple[Row, Row, Row | None]]:
    """Yield the rows of hzclient, of the official client and of the limit for each asyncio case."""
    cases: dict[tuple[str, int], dict[str, Row]] = {}
    for row in results:
        if row["face"] == "asyncio" and row["loop"] in {"stock", "own"}:
            cases.setdefault((row["operation"], row["in_flight"]), {})[row["client"]] = row
    for case in cases.values():
        if "hzclient" in case and "official" in case:
            yield case["hzclient"], case["official"], case.get("limit")


def _face(row: Row) -> str:
    return "Future" if row["face"] == "future" else str(row["face"])


def _ratios(row: Row, *names: str) -> list[str]:
    return [f"{row['ratios'][name]:.2f}" for name in names]


def write(folder: Path, root: Path = ROOT) -> None:
    """Write the figures of a run into the documents.

    Args:
        folder: Results of `python -m benchmarks.table`.
        root: Where the documents are.
    """
    run = json.loads((folder / "operations.json").read_text(encoding="utf-8"))
    results: list[Row] = run["results"]
    blocks = {
        (PERFORMANCE, "get"): headline(results),
        (PERFORMANCE, "operations"): operations(results),
        ("README.md", "get"): summary(results),
        **{(PERFORMANCE, name): _output(folder / f"{name}.md") for name in COPIED},
    }
    for (name, block), content in blocks.items():
        path = root / name
        text = path.read_text(encoding="utf-8")
        path.write_text(
            replace_block(text, f"{COMMAND}, {block}", f"\n{content.strip()}\n\n"), encoding="utf-8"
        )


def _output(path: Path) -> str:
    """Return the output of a part; its lines that are no table become one paragraph each."""
    lines = path.read_text(encoding="utf-8").strip().splitlines()
    return "".join(line + ("\n" if line.startswith("|") else "\n\n") for line in lines if line)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "benchmarks")
