"""Show results as a table with ratios to the official client, as goals, or as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles

from benchmarks.blocks import number
from benchmarks.cases import Case, Client, Loop, Participant, baseline
from benchmarks.measure import Sample
from benchmarks.operations import BULK, OPERATIONS
from benchmarks.runner import Result, middle

COLUMNS = (
    "in flight",
    "client",
    "loop",
    "calls/s",
    "p50 µs",
    "p99 µs",
    "CPU µs",
    "members",
    "× calls/s",
    "× p50",
    "× CPU",
    "IQR",
)


@dataclass(frozen=True, slots=True)
class Ratios:
    """Median ratios of one participant to the official client in the same round, and their noise.

    Attributes:
        throughput: Ratio of the calls per second.
        cpu: Ratio of the processor time per call.
        p50: Ratio of the median times of a call; None if they were not measured.
        noise: Interquartile range of the ratios of the calls per second, as a part of their median.

    Within a round, both find the machine in the same state. From one round to the next, other load may
    change its speed by a factor of two, so a ratio of medians would compare different machines.
    """

    throughput: float
    cpu: float
    p50: float | None
    noise: float


@dataclass(frozen=True, slots=True)
class Goal:
    """Goal of the design, as a ratio to the official client.

    Attributes:
        title: Title of the goal.
        case: The case that measures it.
        loop: The loop of hzclient in that case.
        figure: Name of the attribute of `Ratios`.
        bound: The ratio to reach.
        at_least: Whether `bound` is a lower bound; otherwise it is an upper bound.
    """

    title: str
    case: Case
    loop: Loop
    figure: str
    bound: float
    at_least: bool


_GET_128 = {face: Case(face, "get", 100, 128) for face in ("asyncio", "future")}
_BLOCKING = Case("blocking", "get", 100, 1)

GOALS = (
    Goal("asyncio, 128 in flight: calls/s", _GET_128["asyncio"], Loop.STOCK, "throughput", 5, True),
    Goal("asyncio, 128 in flight: CPU", _GET_128["asyncio"], Loop.STOCK, "cpu", 0.15, False),
    Goal(
        "asyncio, 128 in flight, uvloop: calls/s", _GET_128["asyncio"], Loop.UVLOOP, "throughput", 4.5, True
    ),
    Goal("asyncio, 128 in flight, uvloop: CPU", _GET_128["asyncio"], Loop.UVLOOP, "cpu", 0.15, False),
    Goal("Future, 128 in flight: calls/s", _GET_128["future"], Loop.STOCK, "throughput", 4.5, True),
    Goal("Future, 128 in flight: CPU", _GET_128["future"], Loop.STOCK, "cpu", 0.16, False),
    Goal("blocking: calls/s", _BLOCKING, Loop.STOCK, "throughput", 2, True),
    Goal("blocking: p50", _BLOCKING, Loop.STOCK, "p50", 0.45, False),
    *(
        Goal(
            f"{name}: {label}",
            Case("asyncio", name, 100, 1 if name in BULK else 128),
            Loop.STOCK,
            figure,
            bound,
            more,
        )
        for name in OPERATIONS
        if name != "get"
        for label, figure, bound, more in (("calls/s", "throughput", 3.5, True), ("CPU", "cpu", 0.25, False))
    ),
)


class Report:
    """Results, collected case by case.

    Args:
        setting: Facts about machine, versions and plan, shown with the results.
    """

    def __init__(self, setting: Mapping[str, object]) -> None:
        self.setting = dict(setting)
        self._results: dict[tuple[Case, Participant], Sequence[Sample]] = {}

    def add(self, results: Sequence[Result]) -> None:
        """Add results."""
        self._results.update({(result.case, result.participant): result.rounds for result in results})

    def ratios(self, case: Case, participant: Participant) -> Ratios | None:
        """Return the ratios to the official client; None for itself, and if it was not measured."""
        official = self._results.get((case, baseline(case, participant)))
        own = self._results.get((case, participant))
        if participant.client is Client.OFFICIAL or official is None or own is None:
            return None
        rounds = list(zip(own, official, strict=True))
        halves = [mine.p50 / theirs.p50 for mine, theirs in rounds if mine.p50 and theirs.p50]
        faster = [mine.throughput / theirs.throughput for mine, theirs in rounds]
        return Ratios(
            throughput=median(faster),
            noise=interquartile_range(faster) / median(faster),
            cpu=median(mine.cpu / theirs.cpu for mine, theirs in rounds),
            p50=median(halves) if halves else None,
        )

    def table(self, case: Case) -> Iterator[str]:
        """Return the rows of one case, as lines of a Markdown table."""
        for (measured, participant), rounds in self._results.items():
            if measured != case:
                continue
            sample = middle(rounds)
            ratios = self.ratios(case, participant)
            figures = (sample.throughput, sample.p50, sample.p99, sample.cpu, sample.member_cpu)
            compared = (ratios.throughput, ratios.p50, ratios.cpu) if ratios else (None, None, None)
            noise = f"{ratios.noise:.0%}" if ratios else ""
            yield row(
                (
                    str(case.in_flight),
                    participant.client,
                    participant.loop,
                    *(number(figure) for figure in figures),
                    *("" if figure is None else f"{figure:.2f}" for figure in compared),
                    noise,
                )
            )

    def goals(self) -> Iterator[str]:
        """Return one line per goal whose case was measured. A missed goal is no failure."""
        for goal in GOALS:
            ratios = self.ratios(goal.case, Participant(Client.HZCLIENT, goal.loop))
            ratio = getattr(ratios, goal.figure, None)
            if not isinstance(ratio, float):
                continue
            reached = ratio >= goal.bound if goal.at_least else ratio <= goal.bound
            sign = "≥" if goal.at_least else "≤"
            yield f"{goal.title}: × {ratio:.2f} (goal {sign} {goal.bound}){'' if reached else ', missed'}"

    def to_json(self) -> str:
        """Return all results as JSON."""
        rows = [
            {
                **asdict(case),
                **asdict(participant),
                **asdict(middle(rounds)),
                "ratios": asdict(ratios) if (ratios := self.ratios(case, participant)) else None,
            }
            for (case, participant), rounds in self._results.items()
        ]
        return json.dumps({"setting": self.setting, "results": rows, "goals": list(self.goals())}, indent=1)


def interquartile_range(figures: Sequence[float]) -> float:
    """Return the distance between the first and the third quartile; 0 for a single figure."""
    if len(figures) < 2:
        return 0.0
    first, _, third = quantiles(figures, n=4, method="inclusive")
    return third - first


def machine() -> dict[str, object]:
    """Return facts about machine, versions and plan."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


def title(case: Case) -> str:
    """Return the title of a case."""
    size = f"{case.size // 1000}-kB" if case.size >= 1000 else f"{case.size}-byte"
    name = f"Map.{case.operation}" if OPERATIONS[case.operation].structure == "map" else case.operation
    return f"{case.face}, {name}, {size} strings"


def head() -> tuple[str, str]:
    """Return the head of the table."""
    rule = ["---:" if place == 0 or place > 2 else "---" for place in range(len(COLUMNS))]
    return row(COLUMNS), "|" + "|".join(rule) + "|"


def row(cells: Sequence[str]) -> str:
    """Return a row of the table."""
    widths = (9, 8, 6, 8, 8, 9, 7, 7, 9, 6, 6, 5)
    padded = (
        cell.ljust(width) if place in (1, 2) else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join(padded) + " |"
