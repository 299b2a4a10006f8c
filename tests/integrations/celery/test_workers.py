"""Real workers of Celery, with pools of processes, whose broker and results are in a real cluster."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from celery import chain, chord, group
from celery.exceptions import ChordError, TaskRevokedError

from tests.integration.faces import unique_name
from tests.integrations.celery.kill_run import Run, wait_until
from tests.integrations.celery.workers import Worker

TIMEOUT = 60


@pytest.fixture(scope="module")
def worker(
    tasks: Any, celery_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    with Worker(celery_environment, tmp_path_factory.mktemp("worker"), "one") as started:
        wait_until(lambda: started.ready)
        yield started
        started.stop()
        log = started.log.read_text()
        assert "CRITICAL" not in log, log


def test_results_errors_and_retries(tasks: Any, worker: Worker) -> None:
    result = tasks.add.delay(1, 2)
    assert result.get(timeout=TIMEOUT) == 3
    assert result.successful()
    with pytest.raises(ValueError, match="no luck"):
        tasks.fail.delay("no luck").get(timeout=TIMEOUT)
    assert tasks.succeed_at_third.delay().get(timeout=TIMEOUT) == 2
    result.forget()
    assert tasks.app.AsyncResult(result.id).state == "PENDING"


def test_groups_chains_and_chords(tasks: Any, worker: Worker) -> None:
    numbers = [tasks.number.s(number) for number in range(30)]
    assert group(numbers)().get(timeout=TIMEOUT) == list(range(30))
    assert chain(tasks.add.s(1, 2), tasks.add.s(3))().get(timeout=TIMEOUT) == 6
    assert chord(numbers, tasks.total.s())().get(timeout=TIMEOUT) == 435
    # A chord whose header has chords, and one whose body is a chord.
    inner = chord([tasks.number.s(1), tasks.number.s(2)], tasks.total.s())
    assert chord([inner, tasks.number.s(4)], tasks.total.s())().get(timeout=TIMEOUT) == 7
    failing = chord([tasks.number.s(1), tasks.fail.s("no luck")], tasks.total.s())()
    with pytest.raises((ChordError, ValueError), match="no luck"):
        failing.get(timeout=TIMEOUT)


def test_countdown(tasks: Any, worker: Worker) -> None:
    """Longer than the lease of the message, which the worker renews: the task runs once."""
    key = unique_name("list")
    started = time.monotonic()
    late = tasks.note.apply_async((key, "late"), countdown=7)
    tasks.note.delay(key, "early").get(timeout=TIMEOUT)
    late.get(timeout=TIMEOUT)
    assert time.monotonic() - started >= 6.5
    assert sorted(tasks.notes(key).get_all().result()) == ["early", "late"]


def test_control_by_fan_out(tasks: Any, worker: Worker) -> None:
    control = tasks.app.control
    assert control.ping(timeout=10, limit=1) == [{worker.name: {"ok": "pong"}}]
    unwanted = unique_name("task")
    assert control.revoke(unwanted, reply=True, timeout=10, limit=1)
    with pytest.raises(TaskRevokedError):
        tasks.add.apply_async((1, 1), task_id=unwanted).get(timeout=TIMEOUT)


def test_a_worker_whose_processes_are_all_busy_responds(tasks: Any, worker: Worker) -> None:
    key = unique_name("list")
    control = tasks.app.control
    waiting = [tasks.wait_for.delay(key) for _ in range(6)]
    try:
        inspect = control.inspect(timeout=10, limit=1)
        wait_until(lambda: len((inspect.active() or {}).get(worker.name, ())) == 2)
        unwanted = {each.id for each in waiting} - {each["id"] for each in inspect.active()[worker.name]}
        assert control.revoke([*unwanted], reply=True, timeout=10, limit=1)
    finally:
        tasks.notes(key).add("go").result()
    for result in waiting:
        if result.id in unwanted:
            with pytest.raises(TaskRevokedError):
                result.get(timeout=TIMEOUT)
        else:
            result.get(timeout=TIMEOUT)


def test_priorities(tasks: Any, worker: Worker) -> None:
    key = unique_name("list")
    queue, control = tasks.app.conf.task_default_queue, tasks.app.control
    assert control.cancel_consumer(queue, reply=True, timeout=10, limit=1)
    low = [tasks.note.apply_async((key, "low"), priority=0) for _ in range(20)]
    high = tasks.note.apply_async((key, "high"), priority=9)
    assert control.add_consumer(queue, reply=True, timeout=10, limit=1)
    for result in (high, *low):
        result.get(timeout=TIMEOUT)
    # The worker takes it first, but has two processes, and gives each of them some tasks at once.
    assert tasks.notes(key).get_all().result().index("high") < 12


def test_no_task_is_lost_when_a_worker_is_killed(
    tasks: Any, worker: Worker, celery_environment: dict[str, str], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        run = Run(tasks, celery_environment, tmp_path, 400)
        report = run.go(stack, 1, [run.kill_worker])
    assert not report.lost
    assert report.results == report.tasks
    assert len(report.killed) == 1
