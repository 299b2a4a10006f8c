# The types of SQLAlchemy name the parameters of hooks, and leave visitors untyped: these rules cannot hold.
# pyright: reportIncompatibleMethodOverride=false
"""The dialect, over the DB-API for threads."""

from __future__ import annotations

from types import ModuleType
from typing import Any, ClassVar, Literal

from sqlalchemy import Column, Index, Table, exc, pool
from sqlalchemy.engine import URL, default
from sqlalchemy.engine.interfaces import BindTyping

import hzclient.db
from hzclient.contrib.sqlalchemy._clients import SharedClient
from hzclient.contrib.sqlalchemy._compiler import HazelcastCompiler, HazelcastTypeCompiler
from hzclient.contrib.sqlalchemy._ddl import HazelcastDDLCompiler
from hzclient.contrib.sqlalchemy._names import HazelcastIdentifierPreparer
from hzclient.contrib.sqlalchemy._reflection import Reflection
from hzclient.contrib.sqlalchemy._types import COLSPECS
from hzclient.contrib.sqlalchemy._url import client_options


class ExecutionContext(default.DefaultExecutionContext):
    """Execution of a statement."""

    def create_cursor(self) -> Any:
        """Return a cursor that gives rows as tuples, as SQLAlchemy expects them."""
        return TupleCursor(super().create_cursor())

    def create_server_side_cursor(self) -> Any:
        """Return a cursor for tasks that fetches rows as they are needed; those for threads always do."""
        return self._dbapi_connection.cursor(server_side=True)


class TupleCursor:
    """Cursor whose rows are tuples.

    Args:
        cursor: Cursor of the DB-API.
    """

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def fetchone(self) -> Any:
        """Fetch the next row."""
        row = self._cursor.fetchone()
        return None if row is None else tuple(row)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Fetch the next rows."""
        return [tuple(row) for row in self._cursor.fetchmany(size)]

    def fetchall(self) -> list[Any]:
        """Fetch all remaining rows."""
        return [tuple(row) for row in self._cursor.fetchall()]


class HazelcastDialect(Reflection, default.DefaultDialect):
    """Dialect `hazelcast`, over `hzclient.db`.

    Args:
        json_serializer: Turns a value of a JSON column into text; `json.dumps` if left out.
        json_deserializer: Turns the text of a JSON column into a value; `json.loads` if left out.
        unenforced_constraints: Whether a table with a constraint that members do not enforce, which are
            UNIQUE and CHECK, is an error or is created without it.
        **kwargs: Arguments of every dialect.
    """

    name = "hazelcast"
    driver = "hzclient"
    default_paramstyle = "qmark"
    supports_statement_cache = True

    statement_compiler = HazelcastCompiler
    ddl_compiler = HazelcastDDLCompiler
    type_compiler_cls = HazelcastTypeCompiler
    preparer = HazelcastIdentifierPreparer
    colspecs = COLSPECS
    bind_typing = BindTyping.RENDER_CASTS

    supports_alter = False
    supports_comments = False
    supports_sequences = False
    supports_native_boolean = True
    supports_native_decimal = True
    supports_native_enum = False
    supports_native_uuid = False
    supports_multivalues_insert = True
    supports_default_values = False
    supports_default_metavalue = False
    supports_empty_insert = False
    supports_sane_rowcount = False
    supports_sane_multi_rowcount = False
    supports_is_distinct_from = True
    postfetch_lastrowid = False
    use_insertmanyvalues = False
    requires_name_normalize = False
    max_identifier_length = 128
    execution_ctx_cls = ExecutionContext

    construct_arguments: ClassVar[Any] = [
        (Table, {"type": "IMap", "options": None, "external_name": None}),
        (Column, {"external_name": None}),
        (Index, {"type": "SORTED"}),
    ]

    def __init__(
        self,
        json_serializer: Any = None,
        json_deserializer: Any = None,
        unenforced_constraints: Literal["error", "ignore"] = "error",
        **kwargs: Any,
    ) -> None:
        if unenforced_constraints not in ("error", "ignore"):
            raise exc.ArgumentError(
                f'unenforced_constraints must be "error" or "ignore", not {unenforced_constraints!r}'
            )
        super().__init__(**kwargs)
        self.unenforced_constraints = unenforced_constraints
        self._json_serializer = json_serializer
        self._json_deserializer = json_deserializer
        self._shared: Any = self._make_shared()

    def _make_shared(self) -> Any:
        return SharedClient()

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Return the DB-API."""
        return hzclient.db

    @classmethod
    def get_pool_class(cls, url: URL) -> Any:
        """Return the class of the pool."""
        return pool.QueuePool

    def create_connect_args(self, url: URL) -> tuple[Any, Any]:
        """Return the options of the client."""
        return (), client_options(url)

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Return a connection. All connections of an engine share one client."""
        return self._shared.connect(cparams)

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Ask a member for a row; raises an error if it cannot answer."""
        cursor = dbapi_connection.cursor()
        try:
            cursor.execute("SELECT 1")
            cursor.fetchall()
        finally:
            cursor.close()
        return True

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """Return whether a connection cannot be used any more.

        The client reconnects by itself after a lost connection; only a client that is shut down is lost.
        """
        if isinstance(e, hzclient.db.InterfaceError) and "connection is closed" in str(e):
            return True
        if connection is None:
            # The pool has closed it after a failed ping, and with it the client if it was the last one.
            return False
        return isinstance(e, hzclient.db.OperationalError) and not self._shared.is_running

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Do nothing: every statement has taken effect already."""

    def do_savepoint(self, connection: Any, name: str) -> None:
        """Refuse savepoints."""
        raise exc.InvalidRequestError("Hazelcast's SQL has no transactions, so it has no savepoints")

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        """Return AUTOCOMMIT."""
        return "AUTOCOMMIT"

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        """Return AUTOCOMMIT."""
        return "AUTOCOMMIT"

    def get_isolation_level_values(self, dbapi_conn: Any) -> Any:
        """Return the only isolation level."""
        return ["AUTOCOMMIT"]

    def set_isolation_level(self, dbapi_connection: Any, level: Any) -> None:
        """Do nothing: AUTOCOMMIT is the only level, and the caller has checked that."""

    def _get_server_version_info(self, connection: Any) -> Any:
        return None

    def _get_default_schema_name(self, connection: Any) -> str:
        return "public"
