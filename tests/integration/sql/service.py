"""SQL through one of the faces, so that one test body covers all of them."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from typing import Any

from hzclient import db
from hzclient.sql import SqlRow
from tests.integration.faces import Face


class Sql:
    """SQL service of a client in one of its faces, with the same iteration in all of them.

    Attributes:
        face: The face.
        service: `client.sql` in that face.
    """

    def __init__(self, face: Face) -> None:
        self.face = face
        self.service: Any = face.client.sql.blocking() if face.name == "blocking" else face.client.sql

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Execute a statement and return its result."""
        return await self.face.result(self.service.execute(*args, **kwargs))

    async def close(self, result: Any) -> None:
        """Close a result."""
        await self.face.result(result.close())

    def each(self, result: Any) -> AsyncIterator[SqlRow]:
        """Iterate over the rows of a result as its pages arrive."""
        return self.face.each(result)

    async def rows(self, result: Any) -> list[SqlRow]:
        """Return all rows of a result."""
        return [row async for row in self.each(result)]

    async def query(self, *args: Any, **kwargs: Any) -> list[SqlRow]:
        """Execute a statement and return all its rows."""
        return await self.rows(await self.execute(*args, **kwargs))


async def close_quietly(connection: Any) -> None:
    """Close a connection of the DB-API, in threads or tasks, unless the test has closed it."""
    try:
        closed = connection.close()
        if inspect.isawaitable(closed):
            await closed
    except db.InterfaceError:
        pass
