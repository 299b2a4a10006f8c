"""SQL through the Python Database API 2.0 (PEP 249).

    with connect(dsn="hz://localhost:5701?cluster.name=dev") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM people WHERE age > ?", (30,))
        for row in cursor:
            print(row["name"])

In tasks, use `await connect_async(...)` and await the operations of its cursors.
"""

from hzclient.db._connection import AsyncConnection, Connection, connect, connect_async
from hzclient.db._cursor import AsyncCursor, Cursor
from hzclient.db._errors import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,
)
from hzclient.db._types import (
    BINARY,
    DATETIME,
    NUMBER,
    ROWID,
    STRING,
    Binary,
    ColumnDescription,
    Date,
    DateFromTicks,
    DBAPIType,
    Time,
    TimeFromTicks,
    Timestamp,
    TimestampFromTicks,
    Type,
)

apilevel = "2.0"
threadsafety = 2
paramstyle = "qmark"

__all__ = (
    "BINARY",
    "DATETIME",
    "NUMBER",
    "ROWID",
    "STRING",
    "AsyncConnection",
    "AsyncCursor",
    "Binary",
    "ColumnDescription",
    "Connection",
    "Cursor",
    "DBAPIType",
    "DataError",
    "DatabaseError",
    "Date",
    "DateFromTicks",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "Type",
    "Warning",
    "apilevel",
    "connect",
    "connect_async",
    "paramstyle",
    "threadsafety",
)
