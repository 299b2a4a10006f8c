"""Draw a soak: memory, durations, throughput and what may leak, over time, with its faults.

    python -m benchmarks.soak.plot build/soak/soak.json [--output docs/_static]

Needs matplotlib (extra `benchmarks`).
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from benchmarks.plot import load_pyplot, run, save

_COLORS = {
    "member killed": "#c0392b",
    "member paused briefly": "#f0c27b",
    "member paused for long": "#c8772e",
    "member restarted": "#7f8c8d",
    "member added": "#2a9e5c",
}


def draw(results: dict[str, Any], folder: Path) -> list[Path]:
    """Draw the samples of a run.

    Args:
        results: What the run wrote as JSON.
        folder: Where the files go.

    Returns:
        The files.
    """
    pyplot = load_pyplot()
    samples = results["samples"]
    minutes = [sample["seconds"] / 60 for sample in samples]
    figure, axes = pyplot.subplots(4, 1, sharex=True, figsize=(11, 10))
    memory, durations, rate, counts = axes
    memory.plot(minutes, [sample["rss"] for sample in samples], color="#2a7f9e")
    memory.set_ylabel("resident memory, MiB")
    for name, color in (("p50", "#2a7f9e"), ("p99", "#c8772e"), ("longest", "#bbbbbb")):
        values = [max(sample[name], 0.1) for sample in samples]
        durations.plot(minutes, values, color=color, label=name, linewidth=1)
    durations.set_yscale("log")
    durations.set_ylabel("duration of calls, ms")
    pairs = list(itertools.pairwise(samples))
    for name, color in (("calls", "#2a7f9e"), ("failed", "#c0392b")):
        values = [(b[name] - a[name]) / (b["seconds"] - a["seconds"]) for a, b in pairs]
        rate.plot(minutes[1:], values, color=color, label=name, linewidth=1)
    rate.set_ylabel("calls per second")
    for name in ("descriptors", "threads", "tasks", "connections"):
        counts.plot(minutes, [sample[name] for sample in samples], label=name, linewidth=1)
    counts.set_ylabel("number")
    counts.set_xlabel("minutes")
    _mark_faults(axes, results["faults"])
    for axis in (durations, rate, counts):
        axis.legend(loc="upper right", fontsize="small")
    figure.tight_layout()
    return save(pyplot, figure, folder, "soak")


def _mark_faults(axes: Any, faults: list[dict[str, Any]]) -> None:
    labelled: set[str] = set()
    for fault in faults:
        name = fault["name"]
        for axis in axes:
            label = None if name in labelled or axis is not axes[0] else name
            axis.axvspan(
                fault["began"] / 60, fault["ended"] / 60, color=_COLORS[name], alpha=0.2, label=label
            )
        labelled.add(name)
    if faults:
        axes[0].legend(loc="lower right", fontsize="small", ncols=len(labelled))


if __name__ == "__main__":
    run(draw, __doc__)
