"""Numbers of callers: one for each thread and each task, never used twice."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from hzclient._runtime import identity
from hzclient._runtime.identity import calling, next_number, task_number
from tests.internals import private


def number_in_new_thread() -> int:
    numbers: list[int] = []
    thread = threading.Thread(target=lambda: numbers.append(calling.thread.number))
    thread.start()
    thread.join()
    return numbers[0]


def test_a_thread_keeps_its_number() -> None:
    assert calling.thread.number == calling.thread.number


def test_numbers_of_dead_threads_are_not_given_again() -> None:
    numbers = [number_in_new_thread() for _ in range(100)]
    assert len({*numbers, calling.thread.number, next_number()}) == 102


async def test_a_task_keeps_its_number_wherever_it_is() -> None:
    async def ask_deeper() -> int:
        await asyncio.sleep(0)
        return task_number(asyncio.get_running_loop())

    mine = task_number(asyncio.get_running_loop())
    assert await ask_deeper() == mine
    assert await asyncio.create_task(ask_deeper()) != mine
    assert mine != calling.thread.number


async def test_numbers_of_dead_tasks_are_not_given_again() -> None:
    loop = asyncio.get_running_loop()
    seen: set[int] = set()
    ids: set[int] = set()

    async def ask() -> None:
        task = asyncio.current_task()
        ids.add(id(task))
        seen.add(task_number(loop))

    for _ in range(500):
        await asyncio.create_task(ask())
    assert len(seen) == 500
    assert len(ids) < 500, "no identifier was used again, so this proves nothing"


async def test_dead_tasks_leave_nothing_behind() -> None:
    loop = asyncio.get_running_loop()

    async def ask() -> int:
        return task_number(loop)

    gc.collect()
    before = len(private(identity, "_task_numbers")), len(private(identity, "_task_ends"))
    await asyncio.gather(*(asyncio.create_task(ask()) for _ in range(100)))
    await asyncio.sleep(0)  # the turn that resumed this task still held them
    gc.collect()
    assert (len(private(identity, "_task_numbers")), len(private(identity, "_task_ends"))) == before


async def test_outside_of_tasks_the_thread_counts() -> None:
    loop = asyncio.get_running_loop()
    seen = loop.create_future()
    loop.call_soon(lambda: seen.set_result(task_number(loop)))
    assert await seen == calling.thread.number


def test_numbers_of_threads_and_tasks_differ() -> None:
    async def ask() -> int:
        return task_number(asyncio.get_running_loop())

    numbers = [asyncio.run(ask()) for _ in range(20)] + [number_in_new_thread() for _ in range(20)]
    assert len(set(numbers)) == 40


def test_loop_threads_must_not_block() -> None:
    identity.check_may_block()
    identity.calling.thread.on_loop = True
    try:
        with pytest.raises(RuntimeError, match="own loop thread"):
            identity.check_may_block()
    finally:
        identity.calling.thread.on_loop = False
    identity.check_may_block()
