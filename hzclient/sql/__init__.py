"""SQL: execute statements and iterate over their results.

    with client.sql.execute("SELECT name, age FROM people WHERE age > ?", 30).result() as result:
        for row in result:
            print(row["name"], row["age"])

With the asyncio client, use `async with await client.sql.execute(...) as result` and
`async for row in result`.
"""

from hzclient.errors import HazelcastError as HazelcastError
from hzclient.future import Future as Future
from hzclient.sql._result import AsyncSqlResult, BlockingSqlResult, SqlResult
from hzclient.sql._row import SqlRow
from hzclient.sql._service import AsyncSqlService, BlockingSqlService, SqlService
from hzclient.sql._types import (
    HazelcastSqlError,
    SqlColumnMetadata,
    SqlColumnType,
    SqlErrorCode,
    SqlExpectedResultType,
    SqlRowMetadata,
    SqlStatement,
)

__all__ = (
    "AsyncSqlResult",
    "AsyncSqlService",
    "BlockingSqlResult",
    "BlockingSqlService",
    "HazelcastSqlError",
    "SqlColumnMetadata",
    "SqlColumnType",
    "SqlErrorCode",
    "SqlExpectedResultType",
    "SqlResult",
    "SqlRow",
    "SqlRowMetadata",
    "SqlService",
    "SqlStatement",
)
