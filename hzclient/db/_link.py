"""What cursors use of their connection."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hzclient.db._errors import InterfaceError

if TYPE_CHECKING:
    from hzclient._runtime.base import Runtime
    from hzclient.sql import AsyncSqlResult, AsyncSqlService


class Link:
    """What cursors use of their connection.

    Attributes:
        sql: Executes statements.
        runtime: Runs several at the same time.
        closed: True when the connection is closed.
    """

    def __init__(self, sql: AsyncSqlService[AsyncSqlResult], shut_down: Callable[[], Any]) -> None:
        self.sql = sql
        self.runtime: Runtime = sql.runtime
        self.closed = False
        self._shut_down = shut_down

    def check_open(self) -> None:
        """Raises `InterfaceError` where the connection is closed."""
        if self.closed:
            raise InterfaceError("the connection is closed")

    async def close(self) -> None:
        """Shuts the client down."""
        self.check_open()
        self.closed = True
        ended = self._shut_down()
        if inspect.isawaitable(ended):
            await ended
