"""Run a plan: each participant in a process of its own, in turn; results are medians of the rounds."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from benchmarks import official
from benchmarks.cases import Case, Client, Participant, Plan
from benchmarks.measure import Job, Sample
from benchmarks.process import Worker

MODULES = {Client.OFFICIAL: "hazelcast", Client.HZCLIENT: "hzclient"}
WARM_UP = (Case("asyncio", "get", 100, 128), Case("asyncio", "set", 100, 128))
WARM_UP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Result:
    """Results of one participant in one case, round by round."""

    case: Case
    participant: Participant
    rounds: Sequence[Sample]


class CaseWorker(Worker):
    """Process that measures cases."""

    def __init__(self, command: Sequence[str]) -> None:
        super().__init__(command)
        self.version: str = json.loads(self.receive())["version"]

    def run(self, case: Case, seconds: float, members: tuple[int, ...] = ()) -> Sample:
        """Let the process do one job.

        Args:
            case: The case to measure.
            seconds: Seconds to measure.
            members: Process ids of the members, if their processor time can be measured.

        Returns:
            The result.
        """
        job = Job(case.face, case.operation, case.size, case.in_flight, seconds, members)
        return Sample.from_json(self.ask(job.to_json(), seconds))


class Runner:
    """Keeps the workers between cases, so that each of them connects once.

    Args:
        addresses: Addresses of the members, as "host:port".
        processes: Process ids of the members, if they run on this machine.

    Attributes:
        addresses: Addresses of the members.
        versions: Version of each client, by its name.
    """

    def __init__(self, addresses: Sequence[str], processes: Iterable[int] = ()) -> None:
        self.addresses = addresses
        self._processes = tuple(processes)
        self._workers: dict[tuple[str, ...], CaseWorker] = {}
        self._stack = ExitStack()
        self.versions: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def warm_up(self, participant: Participant) -> None:
        """Warm up the just-in-time compiler of the members before anything is timed."""
        for case in WARM_UP:
            self._worker(case, participant).run(case, WARM_UP_SECONDS)

    def run(self, plan: Plan, case: Case) -> list[Result]:
        """Run all rounds of a case: A, B, C, A, B, C, ... so that other load affects all participants."""
        participants = plan.participants(case)
        samples: dict[Participant, list[Sample]] = {participant: [] for participant in participants}
        for _ in range(plan.rounds):
            for participant in participants:
                worker = self._worker(case, participant)
                samples[participant].append(worker.run(case, plan.seconds, self._processes))
        return [Result(case, participant, samples[participant]) for participant in participants]

    def _worker(self, case: Case, participant: Participant) -> CaseWorker:
        command = self._command(case, participant)
        if command not in self._workers:
            self._workers[command] = worker = self._stack.enter_context(CaseWorker(command))
            self.versions[str(participant.client)] = worker.version
        return self._workers[command]

    def _command(self, case: Case, participant: Participant) -> tuple[str, ...]:
        if participant.client is Client.LIMIT:
            return (sys.executable, "-m", "benchmarks.limit", *self.addresses)
        runtime = "asyncio" if case.face == "asyncio" else "threads"
        module = MODULES[participant.client]
        return (
            official.python_of(module),
            "-m",
            "benchmarks.worker",
            module,
            participant.loop,
            runtime,
            *self.addresses,
        )


def middle(rounds: Sequence[Sample]) -> Sample:
    """Return the median of each figure."""

    def median(figure: Callable[[Sample], float | None]) -> float | None:
        known = [number for sample in rounds if (number := figure(sample)) is not None]
        return statistics.median(known) if known else None

    return Sample(
        throughput=statistics.median(sample.throughput for sample in rounds),
        cpu=statistics.median(sample.cpu for sample in rounds),
        p50=median(lambda sample: sample.p50),
        p99=median(lambda sample: sample.p99),
        member_cpu=median(lambda sample: sample.member_cpu),
    )
