"""What a connection and its cursors share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hzclient.db._errors import InterfaceError

if TYPE_CHECKING:
    from hzclient._runtime.base import Runtime
    from hzclient.sql import AsyncSqlResult, AsyncSqlService


class Session:
    """A client's SQL service, used by one connection and its cursors.

    Args:
        sql: Executes statements.
        shut_down: Shuts the client down.

    Attributes:
        sql: Executes statements.
        runtime: Runs several executions at the same time.
        closed: True once the connection is closed.
    """

    def __init__(self, sql: AsyncSqlService[AsyncSqlResult], shut_down: Callable[[], Any]) -> None:
        self.sql = sql
        self.runtime: Runtime = sql.runtime
        self.closed = False
        self._shut_down = shut_down

    def check_open(self) -> None:
        """Raise `InterfaceError` if the connection is closed."""
        if self.closed:
            raise InterfaceError("the connection is closed")

    async def close(self) -> None:
        """Shut the client down.

        Raises:
            InterfaceError: If the connection is closed already.
        """
        self.check_open()
        self.closed = True
        ended = self._shut_down()
        if inspect.isawaitable(ended):
            await ended
