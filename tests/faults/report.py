"""The figures of the fault matrix: from pytest's JUnit XML into `docs/reliability.md`.

Usage: python -m tests.faults.report build/faults.xml
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
_BEGIN = "<!-- begin: python -m tests.faults.report -->\n"
_END = "<!-- end -->\n"
_HEAD = """| fault | failed calls (of 9) | last outcome after | all calls work again after |
|---|---|---|---|
"""


def rows_of(text: str) -> list[str]:
    """Return the rows of the table in the document, without their outer bars."""
    table = text.partition(_BEGIN)[2].partition(_END)[0]
    return [line.strip("| ") for line in table.splitlines()[2:]]


def table_of(results: Path) -> str:
    """Return the table for the results of a run.

    Args:
        results: JUnit XML, as pytest writes it.

    Returns:
        The table in Markdown; each figure is the largest of all faces.
    """
    worst: dict[str, dict[str, float]] = {}
    for properties in ET.parse(results).iter("properties"):
        found = {each.get("name", ""): each.get("value", "") for each in properties}
        if "fault" in found:
            figures = worst.setdefault(found.pop("fault"), {})
            for name, value in found.items():
                figures[name] = max(figures.get(name, 0.0), float(value))
    return _HEAD + "".join(
        f"| {fault} | {f['failed']:.0f} | {f['slowest']:.1f} s | {f['recovery']:.1f} s |\n"
        for fault, f in worst.items()
    )


def main(results: str) -> None:
    """Write the figures of a run into the document."""
    text = DOCUMENT.read_text()
    head, _, rest = text.partition(_BEGIN)
    tail = rest.partition(_END)[2]
    DOCUMENT.write_text(head + _BEGIN + table_of(Path(results)) + _END + tail)


if __name__ == "__main__":
    main(sys.argv[1])
