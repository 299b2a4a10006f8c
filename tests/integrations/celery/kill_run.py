"""Tasks of Celery while workers, and members, are killed: whether any is lost, and how many run twice.

python -m tests.integrations.celery.kill_run --tasks 10000 --workers 3 --kill-workers 5
python -m tests.integrations.celery.kill_run --tasks 3000 --members 3 --kill-members 1
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hzclient.contrib._shared import close_shared_clients
from hzclient.server import LocalCluster
from tests.integrations.celery.workers import Worker

PATIENCE = 240.0


@dataclass
class Report:
    """What became of the tasks.

    Attributes:
        tasks: Number of tasks that were published.
        seconds: Time from the first publication until the last task had run.
        killed: What was killed, in this order.
        lost: Tasks that never ran.
        repeated: Number of runs beyond one per task.
        results: Number of tasks with the right result.
        longest: Seconds of the longest publication.
    """

    tasks: int
    seconds: float
    killed: list[str]
    lost: list[int]
    repeated: int
    results: int
    longest: float

    def __str__(self) -> str:
        return (
            f"{self.tasks} tasks, killed: {', '.join(self.killed)}; lost: {len(self.lost)}, run again: "
            f"{self.repeated}, right results: {self.results}, longest publication {self.longest:.2f} s, "
            f"{self.seconds:.1f} s"
        )


class Run:
    """One run.

    Args:
        tasks: The module of the tasks, imported with the environment of the run.
        environment: That environment, for the workers.
        logs: Folder for the logs of the workers.
        count: Number of tasks.
    """

    def __init__(self, tasks: Any, environment: dict[str, str], logs: Path, count: int) -> None:
        self._tasks = tasks
        self._environment = environment
        self._logs = logs
        self._count = count
        self._started = 0
        self._key = f"kill-run-{uuid.uuid4().hex}"
        self._workers: list[Worker] = []
        self._notes = tasks.notes(self._key)
        self._longest = 0.0
        self._sent: list[Any] = []

    def start_worker(self, stack: ExitStack) -> None:
        self._started += 1
        worker = Worker(self._environment, self._logs, f"worker{self._started}")
        self._workers.append(stack.enter_context(worker))

    def kill_worker(self, stack: ExitStack) -> str:
        """Kill the oldest worker."""
        worker = self._workers.pop(0)
        worker.kill()
        return worker.name

    def replace_worker(self, stack: ExitStack) -> str:
        """Kill the oldest worker, and start another one."""
        self.start_worker(stack)
        return self.kill_worker(stack)

    def publish(self) -> None:
        for number in range(self._count):
            started = time.monotonic()
            self._sent.append(self._tasks.note.delay(self._key, number, 0.002))
            self._longest = max(self._longest, time.monotonic() - started)

    def go(self, stack: ExitStack, workers: int, kills: Iterable[Callable[[ExitStack], str]]) -> Report:
        """Publish, kill, and wait until all tasks have run."""
        for _ in range(workers):
            self.start_worker(stack)
        wait_until(lambda: all(worker.ready for worker in self._workers))
        started = time.monotonic()
        publisher = threading.Thread(target=self.publish)
        publisher.start()
        killed: list[str] = []
        todo = list(kills)
        for number, kill in enumerate(todo, 1):
            mark = self._count * number // (len(todo) + 1)
            wait_until(lambda mark=mark: self._notes.size().result() >= mark)  # type: ignore[misc]
            killed.append(kill(stack))
        publisher.join()
        runs: Counter[int] = Counter()

        def all_ran() -> bool:
            if self._notes.size().result() < self._count:
                return False
            runs.clear()
            runs.update(self._notes.get_all().result())
            return len(runs) == self._count

        try:
            wait_until(all_ran)
        except TimeoutError:
            runs.update(self._notes.get_all().result())
        seconds = time.monotonic() - started
        lost = [number for number in range(self._count) if number not in runs]
        results = 0 if lost else sum(sent.get(timeout=30) == number for number, sent in enumerate(self._sent))
        return Report(self._count, seconds, killed, lost, runs.total() - len(runs), results, self._longest)


def wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > ends:
            raise TimeoutError
        time.sleep(0.1)


def main() -> None:
    """Run with members of its own, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--members", type=int, default=1)
    parser.add_argument("--kill-workers", type=int, default=0)
    parser.add_argument("--kill-members", type=int, default=0)
    given = parser.parse_args()
    with ExitStack() as stack:
        cluster = stack.enter_context(LocalCluster(members=given.members))
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {"ADDRESSES": ",".join(cluster.addresses), "PREFIX": "killrun"}
        os.environ.update(environment)
        from tests.integrations.celery import tasks

        run = Run(tasks, environment, logs, given.tasks)
        members = list(cluster.members)

        def kill_member(_: ExitStack) -> str:
            members.pop(0).kill()
            return "a member"

        kills = [*[kill_member] * given.kill_members, *[run.replace_worker] * given.kill_workers]
        report = run.go(stack, given.workers, kills)
        sys.stdout.write(f"{report}\n")
        close_shared_clients()
    sys.exit(bool(report.lost) or report.results != report.tasks)


if __name__ == "__main__":
    main()
