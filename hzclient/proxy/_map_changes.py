"""How the map's operations declare that they change entries."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar, overload

from hzclient._protocol.message import Request
from hzclient.proxy.base import ProxyOperations

R = TypeVar("R")
T = TypeVar("T")


class ChangingOperations(ProxyOperations):
    """Base of the map's operations that change entries.

    An operation that changes what a read of an entry returns awaits its calls through `_change()` or
    `_changing()`. The map with a near cache overrides both, to invalidate the entries around the call.
    """

    @overload
    def _change(self, key_data: bytes, request: Request[R]) -> Coroutine[Any, Any, R]: ...
    @overload
    def _change(
        self, key_data: bytes, request: Request[R], result: Callable[[R], T]
    ) -> Coroutine[Any, Any, T]: ...
    def _change(self, key_data: bytes, request: Request[Any], result: Any = None) -> Coroutine[Any, Any, Any]:
        """Return the call of a request that changes one entry.

        Args:
            key_data: The serialized key of the entry.
            request: The request for the member that owns the key.
            result: Converts the decoded response.

        Returns:
            A coroutine that has not started yet.
        """
        return self._invoke(request, result, partition_id=self._partition_id(key_data))

    def _changing(
        self, key_datas: Iterable[bytes] | None, call: Coroutine[Any, Any, T]
    ) -> Coroutine[Any, Any, T]:
        """Return a call that changes several entries.

        Args:
            key_datas: The serialized keys that the call may change; None if it may change any key.
            call: The call, or several calls gathered into one.

        Returns:
            A coroutine that has not started yet.
        """
        return call
