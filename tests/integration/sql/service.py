"""SQL seen through one of the faces, so that one test body serves them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from hzclient.sql import SqlRow
from tests.integration.faces import Face


class Sql:
    """The service through a face, with results that are iterated alike.

    Attributes:
        face: The face.
        service: `client.sql` as the face has it.
    """

    def __init__(self, face: Face) -> None:
        self.face = face
        self.service: Any = face.client.sql.blocking() if face.name == "blocking" else face.client.sql

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Executes a statement; gives its result."""
        return await self.face.result(self.service.execute(*args, **kwargs))

    async def close(self, result: Any) -> None:
        """Closes a result."""
        await self.face.result(result.close())

    async def each(self, result: Any) -> AsyncIterator[SqlRow]:
        """Iterates the rows of a result, page by page as they come."""
        if self.face.name == "blocking":
            for row in result:
                yield row
        else:
            async for row in result:
                yield row

    async def rows(self, result: Any) -> list[SqlRow]:
        """All rows of a result."""
        return [row async for row in self.each(result)]

    async def query(self, *args: Any, **kwargs: Any) -> list[SqlRow]:
        """All rows of a statement."""
        return await self.rows(await self.execute(*args, **kwargs))
