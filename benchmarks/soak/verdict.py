"""Judges a run by its samples and by what the workers found."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.soak.faults import Fault
from benchmarks.soak.samples import Sample

SLOPE_LIMIT = 1.0
"""MiB an hour by which the memory may grow."""

LEAST_MINUTES = 20.0
"""Minutes after the warm-up from which on the growth of memory is judged."""

_CALM_AFTER = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact that the verdict depends on.

    Attributes:
        fact: What is judged.
        good: Whether it is as it should be; None if the run was too short to say.
        figure: What was found.
    """

    fact: str
    good: bool | None
    figure: str


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a run.

    Attributes:
        samples: All samples.
        faults: All faults.
        outcome: What the workers found; None if the process of the clients did not get that far.
        exit_code: Exit code of that process; None if it did not end.
        workers: Number of workers.
        connections: Connections of all clients if no member is missing.
    """

    samples: Sequence[Sample]
    faults: Sequence[Fault]
    outcome: Mapping[str, Any] | None
    exit_code: int | None
    workers: int
    connections: int

    @property
    def steady(self) -> list[Sample]:
        """The samples after the warm-up: the first quarter of the time, but at most 15 minutes."""
        if not self.samples:
            return []
        warm = min(self.samples[-1].seconds / 4, 900)
        return [sample for sample in self.samples if sample.seconds >= warm]

    @property
    def calm(self) -> list[Sample]:
        """Those of `steady` without a fault, at which all clients were connected to all members."""
        return [
            sample
            for sample in self.steady
            if sample.connections == self.connections
            and not any(f.began <= sample.seconds <= f.ended + _CALM_AFTER for f in self.faults)
        ]


def judge(run: Run) -> list[Finding]:
    """Return the findings about a run, in the order in which they are shown."""
    return [
        _ended(run),
        _all_worked(run),
        _none("wrong results", run, "problems", "wrong"),
        _none("hung calls", run, "hung", None),
        _memory(run.steady),
        *(_constant(name, run.calm) for name in ("descriptors", "threads", "tasks")),
    ]


def passed(findings: Sequence[Finding]) -> bool:
    """Return whether nothing is wrong."""
    return all(finding.good is not False for finding in findings)


def _ended(run: Run) -> Finding:
    good = run.exit_code == 0 and run.outcome is not None
    figure = "did not end" if run.exit_code is None else f"exit code {run.exit_code}"
    return Finding("the clients end by themselves", good, figure)


def _all_worked(run: Run) -> Finding:
    good: Mapping[str, int] = (run.outcome or {}).get("good", {})
    idle = run.workers - sum(steps > 0 for steps in good.values())
    return Finding("all workers succeed", idle == 0, f"{run.workers - idle} of {run.workers}")


def _none(fact: str, run: Run, texts: str, count: str | None) -> Finding:
    if run.outcome is None:
        last = run.samples[-1] if run.samples else None
        known = 0 if last is None else last.wrong if count else last.hung
        return Finding(f"no {fact}", False, f"at least {known}; the workers did not report")
    number = run.outcome[count] if count else len(run.outcome[texts])
    first = f": {run.outcome[texts][0]}" if run.outcome[texts] else ""
    return Finding(f"no {fact}", number == 0, f"{number}{first}")


def _memory(samples: Sequence[Sample]) -> Finding:
    fact = f"memory grows by at most {SLOPE_LIMIT:g} MiB an hour"
    minutes = (samples[-1].seconds - samples[0].seconds) / 60 if samples else 0.0
    if minutes < LEAST_MINUTES:
        return Finding(
            fact, None, f"not judged: {minutes:.1f} of {LEAST_MINUTES:g} minutes after the warm-up"
        )
    slope = slope_of([(each.seconds / 3600, each.rss) for each in samples])
    return Finding(fact, slope <= SLOPE_LIMIT, f"{slope:+.2f} MiB an hour, in {minutes:.0f} minutes")


def slope_of(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of a line through points: the median over all pairs, which outliers do not move."""
    return statistics.median(
        (y2 - y1) / (x2 - x1)
        for number, (x1, y1) in enumerate(points)
        for x2, y2 in points[number + 1 :]
        if x2 > x1
    )


def _constant(name: str, calm: Sequence[Sample]) -> Finding:
    """Compare the median of the first third of the calm samples with that of the last third."""
    fact, third = f"{name} stay constant", len(calm) // 3
    if third < 3:
        return Finding(fact, None, f"not judged: only {len(calm)} samples without a fault")
    get: Callable[[Sample], int] = lambda sample: getattr(sample, name)  # noqa: E731
    first, last = (statistics.median(map(get, part)) for part in (calm[:third], calm[-third:]))
    return Finding(fact, last <= first, f"{first:g} at first, {last:g} in the end")
