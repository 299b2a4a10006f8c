"""Base of everything that calls members: structures, CP, structures of transactions, and SQL."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Self, TypeVar

from hzclient._runtime.faces import Operations, view
from hzclient._runtime.uncopied import twin
from hzclient.errors import OperationTimeoutError

if TYPE_CHECKING:
    from hzclient._runtime.base import Runtime

T = TypeVar("T")


class CallingOperations(Operations):
    """Operations that call members, and whose calls can be given a time limit.

    Attributes:
        name: Name of what is called.
    """

    name: str
    _runtime: Runtime
    _time_limit: float | None = None

    @view
    def with_timeout(self, seconds: float) -> Self:
        """Return the same object with a limit on the duration of each call.

        A call that takes longer, retries included, fails with `OperationTimeoutError`, in SQL with
        `HazelcastSqlError`. The members may still carry it out; a lock or permits that are granted
        too late are given back, and a listener that is registered too late is removed again. The wait of
        a stream for its next event or message has no limit.

        Args:
            seconds: The limit, more than 0.

        Returns:
            A view that shares everything else with this object.

        Raises:
            ValueError: If `seconds` is not more than 0.
        """
        if not seconds > 0:
            raise ValueError(f"a timeout must be more than 0 seconds, not {seconds!r}")
        limited = twin(self)
        limited._time_limit = seconds
        limited._limit_calls(seconds)
        return limited

    def _limit_calls(self, seconds: float) -> None:
        """Limit the duration of each single request from now on."""

    async def _in_time(self, operation: Coroutine[Any, Any, T]) -> T:
        """Hold an operation of several requests to the time limit as a whole."""
        return await self._runtime.within(
            self._time_limit,
            operation,
            lambda: OperationTimeoutError(f"a call of {self!r} took longer than {self._time_limit} s"),
        )

    def __repr__(self) -> str:
        return f'{type(self).__name__.removeprefix("Async")}(name="{self.name}")'
