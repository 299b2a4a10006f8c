"""The figures of the fault matrix: from pytest's JUnit XML into `docs/reliability.md`.

Usage: python -m tests.faults.report build/faults.xml [FURTHER RESULTS ...]
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.blocks import block_of, replace_block, table
from tests.faults.catalog import FAULTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
BLOCK = "python -m tests.faults.report"
_CELL = "cell "


def cells_of(text: str) -> list[list[str]]:
    """Return the lines of the table in the document, as lists of their cells."""
    return [line.strip("| ").split(" | ") for line in block_of(text, BLOCK).splitlines()]


def matrix(results: Sequence[Path]) -> str:
    """Return the table of all faults for the results of a run.

    Args:
        results: Files of JUnit XML, as pytest writes it.

    Returns:
        The table in Markdown. A cell has the longest time without success, and the share of calls that
        failed. Both are the largest of all faces and clusters.
    """
    faults: dict[str, dict[str, tuple[float, float]]] = {}
    for each in _properties(results):
        cells = faults.setdefault(dict(each).get("fault", ""), {})
        for name, value in each:
            if name.startswith(_CELL):
                calls, failed, _, outage, _ = map(float, value.split())
                kind = name.removeprefix(_CELL)
                before = cells.get(kind, (0.0, 0.0))
                cells[kind] = max(before[0], outage), max(before[1], failed / max(calls, 1))
    kinds = list(dict.fromkeys(kind for cells in faults.values() for kind in cells))
    rows = [[fault, *(_cell(*faults[fault][kind]) for kind in kinds)] for fault in FAULTS if fault in faults]
    return table(["fault", *kinds], rows)


def _properties(results: Sequence[Path]) -> Iterator[list[tuple[str, str]]]:
    """Yield what each test recorded, in order."""
    for path in results:
        for properties in ET.parse(path).iter("properties"):
            yield [(each.get("name", ""), each.get("value", "")) for each in properties]


def _cell(outage: float, failed: float) -> str:
    return f"{outage:.1f} s, {100 * failed:.1f} %" if failed else f"{outage:.1f} s"


def main(*results: str) -> None:
    """Write the figures of one or several runs into the document."""
    text = replace_block(DOCUMENT.read_text(), BLOCK, matrix([Path(each) for each in results]))
    DOCUMENT.write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
