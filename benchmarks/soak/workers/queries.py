"""SQL."""

from __future__ import annotations

from typing import Any

from benchmarks.faces import Face
from benchmarks.soak.ledger import DEADLINE, Ledger
from benchmarks.soak.workers.base import Entries


class Queries(Entries):
    """Rows that are written and read by SQL, and a result of several pages, which is complete or fails.

    While members hand a partition over, the old owner still serves reads for an instant, also those of SQL.
    """

    kind = "SQL"
    stale_for = 10.0
    pause = 1.5

    def __init__(self, face: Face, ledger: Ledger) -> None:
        super().__init__(face, ledger)
        self._table = f"soak_sql_{face.name}"
        service = face.client.sql
        self._service = (service.blocking() if face.name == "blocking" else service).with_timeout(DEADLINE)

    async def prepare(self) -> None:
        mapping = f"CREATE OR REPLACE MAPPING {self._table} (__key VARCHAR, this VARCHAR) TYPE IMap "
        await self.insist(
            lambda: self._query(mapping + "OPTIONS ('keyFormat'='varchar', 'valueFormat'='varchar')"), 60
        )

    async def step(self) -> None:
        await super().step()
        rows = await self.call(
            lambda: self._query("SELECT v FROM TABLE(generate_series(1, 20))", cursor_buffer_size=7),
            4 * DEADLINE,  # each page has its own
        )
        self.expect([row["v"] for row in rows] == list(range(1, 21)), f"a series has {len(rows)} rows")

    async def write(self, key: str, value: str, old: str | None) -> None:
        statement = f"SINK INTO {self._table} VALUES (?, ?)"
        await self.call(lambda: self._query(statement, key, value), 2 * DEADLINE)

    async def read(self, key: str, value: str) -> str | None:
        rows = await self._query(f"SELECT this FROM {self._table} WHERE __key = ?", key)
        return rows[0]["this"] if len(rows) == 1 else None

    async def remove(self, key: str, values: tuple[str, ...]) -> None:
        await self._query(f"DELETE FROM {self._table} WHERE __key = ?", key)

    async def _query(self, *args: Any, **kwargs: Any) -> list[Any]:
        result = await self.face.result(self._service.execute(*args, **kwargs))
        try:
            if not result.is_row_set():
                return []
            return [row async for row in self.face.each(result)]
        finally:
            await self.face.result(result.close())
