"""Draw the ratios of all operations to the official client, as PNG and SVG.

    python -m benchmarks.plot RESULTS.json [--output docs/_static]

`RESULTS.json` is written by `python -m benchmarks --table --output RESULTS.json`. Bars show the median of the
rounds, and whiskers the interquartile range. Needs matplotlib (extra `benchmarks`).
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def draw(results: dict[str, Any], folder: Path) -> list[Path]:
    """Draw a bar for each case of hzclient on the stock loop.

    Args:
        results: What `python -m benchmarks --json` prints.
        folder: Where the files go.

    Returns:
        The files.
    """
    pyplot = load_pyplot()
    rows = [
        row
        for row in results["results"]
        if row["client"] == "hzclient" and row["loop"] == "stock" and row["ratios"]
    ]
    names = [f"{row['operation']} ({row['face']})" for row in rows]
    figure, (left, right) = pyplot.subplots(1, 2, sharey=True, figsize=(11, 1 + 0.3 * len(rows)))
    faster = [row["ratios"]["throughput"] for row in rows]
    noise = [row["ratios"]["throughput"] * row["ratios"]["noise"] / 2 for row in rows]
    left.barh(names, faster, xerr=noise, color="#2a7f9e")
    left.axvline(1, color="black", linewidth=1)
    left.set_xlabel("calls per second, × official client (more is better)")
    right.barh(names, [row["ratios"]["cpu"] for row in rows], color="#c8772e")
    right.axvline(1, color="black", linewidth=1)
    right.set_xlabel("processor time per call, × official client (less is better)")
    left.invert_yaxis()
    figure.tight_layout()
    return save(pyplot, figure, folder, "performance")


def load_pyplot() -> Any:
    """Return matplotlib's pyplot, which draws into files, or end the program if it is not installed."""
    try:
        matplotlib: Any = importlib.import_module("matplotlib")
    except ModuleNotFoundError:
        sys.exit('matplotlib is not installed: run pip install -e ".[benchmarks]"')
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "hzclient"  # the same figures make the same file
    return importlib.import_module("matplotlib.pyplot")


def save(pyplot: Any, figure: Any, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and SVG, and close it.

    Args:
        pyplot: What `load_pyplot` returned.
        figure: The figure.
        folder: Where the files go. It is made if it does not exist.
        name: Name of the files, without suffix.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.{kind}" for kind in ("png", "svg")]
    for path in files:
        figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)
    return files


def run(draw: Callable[[Any, Path], list[Path]], doc: str | None) -> None:
    """Draw what the command line names.

    Args:
        draw: Draws results, which were read from JSON, into a folder.
        doc: What the help says.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("results", type=Path, help="results as JSON")
    parser.add_argument("--output", type=Path, default=Path("docs/_static"), help="folder of the pictures")
    options = parser.parse_args()
    for path in draw(json.loads(options.results.read_text()), options.output):
        print(path)


if __name__ == "__main__":
    run(draw, __doc__)
