"""Show results as a table with ratios to the official client, as goals, or as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.cases import Case, Client, Loop, Participant, baseline
from benchmarks.measure import Sample
from benchmarks.runner import Result, middle

COLUMNS = (
    "in flight",
    "client",
    "loop",
    "calls/s",
    "p50 µs",
    "p99 µs",
    "CPU µs",
    "× calls/s",
    "× p50",
    "× CPU",
)


@dataclass(frozen=True, slots=True)
class Ratios:
    """Median ratios of one participant to the official client in the same round.

    Within a round, both find the machine in the same state. From one round to the next, other load may
    change its speed by a factor of two, so a ratio of medians would compare different machines.
    """

    throughput: float
    cpu: float
    p50: float | None


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


GOALS = (
    Goal(
        "asyncio, 128 in flight: calls/s", Case("asyncio", "get", 100, 128), Loop.STOCK, "throughput", 4, True
    ),
    Goal("asyncio, 128 in flight: CPU", Case("asyncio", "get", 100, 128), Loop.STOCK, "cpu", 0.3, False),
    Goal(
        "Future, 128 in flight: calls/s", Case("future", "get", 100, 128), Loop.STOCK, "throughput", 2.5, True
    ),
    Goal("Future, 128 in flight: CPU", Case("future", "get", 100, 128), Loop.STOCK, "cpu", 0.45, False),
    Goal("blocking: p50", Case("blocking", "get", 100, 1), Loop.STOCK, "p50", 0.8, False),
    Goal("blocking, uvloop: p50", Case("blocking", "get", 100, 1), Loop.UVLOOP, "p50", 0.65, False),
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
        return Ratios(
            throughput=median(mine.throughput / theirs.throughput for mine, theirs in rounds),
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
            figures = (sample.throughput, sample.p50, sample.p99, sample.cpu)
            compared = (ratios.throughput, ratios.p50, ratios.cpu) if ratios else (None, None, None)
            yield row(
                (
                    str(case.in_flight),
                    participant.client,
                    participant.loop,
                    *(_number(figure) for figure in figures),
                    *("" if figure is None else f"{figure:.2f}" for figure in compared),
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
    return f"{case.face}, Map.{case.operation}, {size} strings"


def head() -> tuple[str, str]:
    """Return the head of the table."""
    rule = ["---:" if number == 0 or number > 2 else "---" for number in range(len(COLUMNS))]
    return row(COLUMNS), "|" + "|".join(rule) + "|"


def row(cells: Sequence[str]) -> str:
    """Return a row of the table."""
    widths = (9, 8, 6, 8, 8, 9, 7, 9, 6, 6)
    padded = (
        cell.ljust(width) if number in (1, 2) else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join(padded) + " |"


def _number(figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}"
