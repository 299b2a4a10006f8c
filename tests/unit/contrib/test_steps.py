"""Operations of several steps."""

from __future__ import annotations

import asyncio
import threading

import pytest

from hzclient.contrib._shared import Steps, run_steps
from hzclient.future import Future, ImmediateExceptionFuture, ImmediateFuture


@run_steps
def total(futures: list[Future[int]]) -> Steps[int]:
    result = 0
    for future in futures:
        try:
            result += yield future
        except KeyError:
            result += 100
    return result


def test_of_results_that_are_there_runs_at_once_whatever_their_number() -> None:
    assert total([ImmediateFuture(1)] * 5000).result(0) == 5000


def test_an_error_is_raised_at_its_yield() -> None:
    assert total([ImmediateExceptionFuture(KeyError()), ImmediateFuture(1)]).result(0) == 101
    with pytest.raises(ZeroDivisionError):
        total([ImmediateExceptionFuture(ZeroDivisionError())]).result(0)


def test_waits_for_results_of_other_threads() -> None:
    later: list[Future[int]] = [Future(), Future()]
    outcome = total(later)
    assert not outcome.done()
    for number, future in enumerate(later):
        threading.Thread(target=future.set_result, args=(number + 1,)).start()
    assert outcome.result(10) == 3


async def test_can_be_awaited() -> None:
    later: Future[int] = Future()
    asyncio.get_running_loop().call_soon(later.set_result, 5)
    assert await total([later, ImmediateFuture(2)]) == 7
