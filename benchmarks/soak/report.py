"""The result of a soak, for readers and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.soak.samples import Sample
from benchmarks.soak.verdict import Finding, Run, passed

_MARKS = {True: "good", False: "BAD", None: "-"}


def summary(run: Run, findings: Sequence[Finding], setting: dict[str, Any]) -> str:
    """Return the result for readers."""
    return "\n".join(_lines(run, findings, setting))


def _lines(run: Run, findings: Sequence[Finding], setting: dict[str, Any]) -> Iterator[str]:
    yield ", ".join(f"{name} {value}" for name, value in setting.items())
    yield ""
    yield f"faults: {_counts(Counter(fault.name for fault in run.faults))}"
    if run.samples:
        yield from _figures(run.samples)
    if run.outcome is not None:
        yield f"errors of calls: {_counts(run.outcome['failed'])}"
        yield from (f"{name}: {number}" for name, number in run.outcome["figures"].items())
        for kind in ("problems", "hung"):
            yield from (f"  {kind}: {text}" for text in run.outcome[kind][:20])
    yield ""
    width = max(len(finding.fact) for finding in findings)
    for finding in findings:
        yield f"{finding.fact:{width}}  {_MARKS[finding.good]:4}  {finding.figure}"
    yield ""
    yield "PASSED" if passed(findings) else "FAILED"


def _figures(samples: Sequence[Sample]) -> Iterator[str]:
    last = samples[-1]
    minutes = last.seconds / 60
    share = 100 * last.failed / max(last.calls, 1)
    yield f"calls: {last.calls} in {minutes:.1f} minutes, {last.failed} failed ({share:.2f} %)"
    ordered = sorted(sample.p50 for sample in samples)
    yield (
        f"duration of calls: p50 {ordered[len(ordered) // 2]:.1f} ms (median of the samples), "
        f"longest {max(sample.longest for sample in samples) / 1000:.1f} s"
    )
    yield f"memory: {samples[0].rss:.1f} MiB at first, {last.rss:.1f} MiB in the end"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items()) or "none"


def to_json(run: Run, findings: Sequence[Finding], setting: dict[str, Any]) -> str:
    """Return everything, as JSON."""
    return json.dumps(
        {
            "setting": setting,
            "passed": passed(findings),
            "findings": [{"fact": each.fact, "good": each.good, "figure": each.figure} for each in findings],
            "outcome": run.outcome,
            "faults": [fault.to_dict() for fault in run.faults],
            "samples": [sample.to_dict() for sample in run.samples],
        },
        indent=1,
    )
