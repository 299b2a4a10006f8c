"""The figures of the fault matrix: from pytest's JUnit XML into `docs/reliability.md`.

Usage: python -m tests.faults.report build/faults.xml [FURTHER RESULTS ...]
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.blocks import block_of, replace_block, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
NETWORK = "python -m tests.faults.report"
MEMBERS = "python -m tests.faults.report, members"
_NETWORK_HEADS = ["fault", "failed calls (of 9)", "last outcome after", "all calls work again after"]
_CELL = "cell "


def _lines_of(text: str, name: str) -> list[str]:
    return [line.strip("| ") for line in block_of(text, name).splitlines()]


def rows_of(text: str, name: str = NETWORK) -> list[str]:
    """Return the rows of a table in the document, without their outer bars."""
    return _lines_of(text, name)[2:]


def heads_of(text: str, name: str = NETWORK) -> list[str]:
    """Return the heads of the columns of a table in the document."""
    return _lines_of(text, name)[0].split(" | ")


def _properties(results: Sequence[Path]) -> Iterator[list[tuple[str, str]]]:
    """Yield what each test recorded, in order."""
    for path in results:
        for properties in ET.parse(path).iter("properties"):
            yield [(each.get("name", ""), each.get("value", "")) for each in properties]


def network_table(results: Sequence[Path]) -> str:
    """Return the table of the network faults for the results of a run.

    Args:
        results: Files of JUnit XML, as pytest writes it.

    Returns:
        The table in Markdown; each figure is the largest of all faces.
    """
    worst: dict[str, dict[str, float]] = {}
    for each in _properties(results):
        found = dict(each)
        if "fault" in found:
            figures = worst.setdefault(found.pop("fault"), {})
            for name, value in found.items():
                figures[name] = max(figures.get(name, 0.0), float(value))
    rows = [
        [fault, f"{f['failed']:.0f}", f"{f['slowest']:.1f} s", f"{f['recovery']:.1f} s"]
        for fault, f in worst.items()
    ]
    return table(_NETWORK_HEADS, rows)


def members_table(results: Sequence[Path]) -> str:
    """Return the table of the members' faults for the results of a run.

    Args:
        results: Files of JUnit XML, as pytest writes it.

    Returns:
        The table in Markdown. A cell has the longest time without success, and the share of calls that
        failed. Both are the largest of all faces and clusters.
    """
    faults: dict[str, dict[str, tuple[float, float]]] = {}
    for each in _properties(results):
        cells = faults.setdefault(dict(each).get("member fault", ""), {})
        for name, value in each:
            if name.startswith(_CELL):
                calls, failed, _, outage, _ = map(float, value.split())
                kind = name.removeprefix(_CELL)
                before = cells.get(kind, (0.0, 0.0))
                cells[kind] = max(before[0], outage), max(before[1], failed / max(calls, 1))
    faults.pop("", None)
    kinds = list(dict.fromkeys(kind for cells in faults.values() for kind in cells))
    rows = [[fault, *(_cell(*cells[kind]) for kind in kinds)] for fault, cells in faults.items()]
    return table(["fault", *kinds], rows)


def _cell(outage: float, failed: float) -> str:
    return f"{outage:.1f} s, {100 * failed:.1f} %" if failed else f"{outage:.1f} s"


def main(*results: str) -> None:
    """Write the figures of one or several runs into the document."""
    text = DOCUMENT.read_text()
    paths = [Path(each) for each in results]
    for name, made in ((NETWORK, network_table), (MEMBERS, members_table)):
        text = replace_block(text, name, made(paths))
    DOCUMENT.write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
