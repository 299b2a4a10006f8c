"""Operations of several calls, written once for synchronous and asynchronous use."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, ParamSpec, TypeVar

from hzclient.future import Future

P = ParamSpec("P")
T = TypeVar("T")

Steps = Generator[Future[Any], Any, T]
"""An operation of several calls: a generator that yields each `Future`, is sent its result, and returns the
result of the whole."""


def run_steps(steps: Callable[P, Steps[T]]) -> Callable[P, Future[T]]:
    """Decorate a generator function that yields futures, and make it return a `Future` of what it returns.

    The steps before the first `yield` run in the calling thread, later steps on the thread on which the
    awaited result arrives: they must not block. The error of a future is raised at its `yield`.

    Args:
        steps: The generator function.

    Returns:
        A function with the same parameters, which returns a `Future`.
    """

    def start(*args: P.args, **kwargs: P.kwargs) -> Future[T]:
        outcome: Future[T] = Future()
        _Run(steps(*args, **kwargs), outcome).go_on(None)
        return outcome

    start.__name__ = steps.__name__
    start.__qualname__ = steps.__qualname__
    start.__doc__ = steps.__doc__
    return start


class _Run:
    """One run of an operation."""

    def __init__(self, steps: Steps[Any], outcome: Future[Any]) -> None:
        self._steps = steps
        self._outcome = outcome

    def go_on(self, done: Future[Any] | None) -> None:
        """Take all steps that need not wait."""
        while True:
            try:
                done = self._step(done)
            except StopIteration as stop:
                self._outcome.set_result(stop.value)
                return
            except BaseException as error:
                self._outcome.set_exception(error)
                return
            if not done.done():
                done.add_done_callback(self.go_on)
                return

    def _step(self, done: Future[Any] | None) -> Future[Any]:
        error = None if done is None else done.exception()
        if error is not None:
            return self._steps.throw(error)
        return self._steps.send(None if done is None else done.outcome())
