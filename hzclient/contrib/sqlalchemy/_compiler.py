# The types of SQLAlchemy name the parameters of hooks, and leave visitors untyped: these rules cannot hold.
# pyright: reportIncompatibleMethodOverride=false
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
"""Statements as Hazelcast's SQL."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Insert, Table, exc, func
from sqlalchemy import types as sqltypes
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import GenericTypeCompiler, SQLCompiler

from hzclient.contrib.sqlalchemy._names import (
    VALUE,
    external_name,
    is_map,
    needs_generated_key,
    with_generated_key,
)


class Sink(Insert):
    """SINK INTO: like INSERT, but it replaces entries whose key exists."""

    inherit_cache = True


def sink(table: Any) -> Sink:
    """Return a statement that writes rows, and replaces those whose key exists.

    It is faster than INSERT, which checks that the key is new.

    Args:
        table: Table, or class of the ORM.

    Returns:
        The statement; `.values()` and the parameters of `execute()` work as for `insert()`.
    """
    return Sink(table)


class HazelcastCompiler(SQLCompiler):
    """Compiles statements."""

    def visit_bindparam(self, bindparam: Any, **kwargs: Any) -> str:
        """Render a parameter. In the columns of a SELECT it needs a cast, as members infer no type there."""
        text = str(super().visit_bindparam(bindparam, **kwargs))
        if not kwargs.get("within_columns_clause") or text.startswith(("CAST(", "(__[", "__[")):
            return text
        if kwargs.get("literal_binds") or isinstance(bindparam.type, sqltypes.NullType):
            return text
        if isinstance(bindparam.type, sqltypes.JSON.JSONElementType):
            return text
        return self._cast(text, bindparam.type)

    def render_bind_cast(self, type_: Any, dbapi_type: Any, sqltext: str) -> str:
        """Render the cast of a parameter."""
        return self._cast(sqltext, dbapi_type)

    def _cast(self, text: str, type_: Any) -> str:
        return f"CAST({text} AS {self.dialect.type_compiler_instance.process(type_)})"

    def visit_empty_set_op_expr(self, type_: Any, expand_op: Any, **kw: Any) -> str:
        """Render IN with no values. Members refuse a NULL without a type."""
        nulls = ", ".join(self._cast("NULL", element) for element in type_)
        if len(type_) > 1:
            nulls = f"({nulls})"
        return f"{nulls}) OR (1 = 1" if expand_op is operators.not_in_op else f"{nulls}) AND (1 != 1"

    def visit_empty_set_expr(self, element_types: Any, **kw: Any) -> str:
        """Render a query without rows."""
        return "SELECT 1 FROM (VALUES (1)) AS nothing(x) WHERE 1 != 1"

    def visit_is_distinct_from_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Render IS DISTINCT FROM, which Hazelcast does not have."""
        return f"NOT {self.visit_is_not_distinct_from_binary(binary, operator, **kw)}"

    def visit_is_not_distinct_from_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Render IS NOT DISTINCT FROM, which Hazelcast does not have."""
        left, right = self.process(binary.left, **kw), self.process(binary.right, **kw)
        if "NULL" in (left, right):
            return f"({left if right == 'NULL' else right} IS NULL)"
        return f"(CASE WHEN {left} IS NULL THEN {right} IS NULL ELSE COALESCE({left} = {right}, FALSE) END)"

    def visit_json_getitem_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Render a step into a JSON value."""
        column, path = self.process(binary.left, **kw), self.process(binary.right, **kw)
        if isinstance(binary.type, sqltypes.JSON):
            return f"JSON_QUERY({column}, {path} WITH CONDITIONAL WRAPPER)"  # without it, arrays are errors
        if isinstance(binary.type, sqltypes.String):
            return f"JSON_VALUE({column}, {path})"
        returned = self.dialect.type_compiler_instance.process(
            sqltypes.BigInteger() if isinstance(binary.type, sqltypes.Integer) else binary.type
        )
        return f"JSON_VALUE({column}, {path} RETURNING {returned})"

    visit_json_path_getitem_op_binary = visit_json_getitem_op_binary

    def limit_clause(self, select: Any, **kw: Any) -> str:
        """Render LIMIT and OFFSET; either may stand alone."""
        text = ""
        if select._limit_clause is not None:
            text += "\n LIMIT " + self.process(select._limit_clause, **kw)
        if select._offset_clause is not None:
            text += "\n OFFSET " + self.process(select._offset_clause, **kw)
        return text

    def default_from(self) -> str:
        """Render the FROM of a SELECT without tables: a WHERE needs one."""
        return '\n FROM (VALUES (1)) AS "_one"("x")'

    def visit_true(self, expr: Any, **kw: Any) -> str:
        """Render TRUE."""
        return "TRUE"

    def visit_false(self, expr: Any, **kw: Any) -> str:
        """Render FALSE."""
        return "FALSE"

    def visit_generate_series_func(self, fn: Any, **kw: Any) -> str:
        """Render `generate_series`, which has to stand in TABLE()."""
        return f"TABLE(generate_series{self.function_argspec(fn, **kw)})"

    def visit_now_func(self, fn: Any, **kw: Any) -> str:
        """Refuse `now()`: members do not know the time in SQL."""
        raise exc.CompileError("Hazelcast has no function for the current time: pass it as a parameter")

    visit_current_date_func = visit_now_func
    visit_current_time_func = visit_now_func
    visit_current_timestamp_func = visit_now_func

    def visit_insert(self, insert_stmt: Any, **kw: Any) -> str:
        """Render INSERT INTO, or SINK INTO, with a generated key if the table has no primary key."""
        table = insert_stmt.table
        keyless = isinstance(table, Table) and needs_generated_key(table)
        if keyless:
            if insert_stmt.select is not None:
                raise exc.CompileError(
                    f"INSERT from SELECT needs a primary key, which table {table.name!r} does not have"
                )
            insert_stmt = insert_stmt._clone()
            insert_stmt.table = with_generated_key(table, lambda: uuid4().hex)
        text = str(super().visit_insert(insert_stmt, **kw))
        if isinstance(table, Table) and is_map(table) and not keyless:
            self._check_keys(table, text)
        if isinstance(insert_stmt, Sink):
            text = text.replace("INSERT INTO", "SINK INTO", 1)
        return text

    def _check_keys(self, table: Table, text: str) -> None:
        """Refuse an INSERT without a value for a key; a member would write NULL."""
        head = text.partition(")")[0]
        for column in table.primary_key.columns:
            if self.preparer.format_column(column) not in head:
                raise exc.CompileError(
                    f"column {table.name}.{column.name} is part of the key and needs a value, because "
                    "members generate none: give a value, or give the column a default, such as uuid4"
                )

    def visit_cte(self, cte: Any, **kw: Any) -> Any:
        """Refuse WITH."""
        raise exc.CompileError("Hazelcast has no WITH: use a subquery")


class HazelcastTypeCompiler(GenericTypeCompiler):
    """Names of types. Lengths and precision are left out, as members do not enforce them."""

    def _render_string_type(self, *args: Any, **kw: Any) -> str:
        return "VARCHAR"

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:
        """Render VARCHAR."""
        return "VARCHAR"

    visit_CHAR = visit_NVARCHAR = visit_NCHAR = visit_TEXT = visit_VARCHAR
    visit_CLOB = visit_NCLOB = visit_VARCHAR

    def visit_DECIMAL(self, type_: Any, **kw: Any) -> str:
        """Render DECIMAL."""
        return "DECIMAL"

    visit_NUMERIC = visit_DECIMAL

    def visit_FLOAT(self, type_: Any, **kw: Any) -> str:
        """Render DOUBLE, or REAL for a precision of 24 bits or less."""
        return "REAL" if type_.precision is not None and type_.precision <= 24 else "DOUBLE"

    def visit_DOUBLE_PRECISION(self, type_: Any, **kw: Any) -> str:
        """Render DOUBLE."""
        return "DOUBLE"

    visit_DOUBLE = visit_double = visit_DOUBLE_PRECISION

    def visit_DATETIME(self, type_: Any, **kw: Any) -> str:
        """Render TIMESTAMP."""
        return "TIMESTAMP WITH TIME ZONE" if type_.timezone else "TIMESTAMP"

    visit_TIMESTAMP = visit_DATETIME

    def visit_TIME(self, type_: Any, **kw: Any) -> str:
        """Render TIME."""
        return "TIME"

    def visit_JSON(self, type_: Any, **kw: Any) -> str:
        """Render JSON; as a field of a compact value, which cannot be of that type, VARCHAR."""
        column = kw.get("type_expression")
        is_field = isinstance(column, Column) and is_map(column.table) and external_name(column) != VALUE
        return "VARCHAR" if is_field else "JSON"

    def visit_BLOB(self, type_: Any, **kw: Any) -> str:
        """Refuse bytes."""
        raise exc.CompileError("Hazelcast's SQL has no type for bytes: encode them as text")

    visit_BINARY = visit_VARBINARY = visit_BLOB


def generate_series(start: Any, stop: Any, step: Any = None) -> Any:
    """Return a table of numbers, `TABLE(generate_series(start, stop, step))`.

    Args:
        start: First number.
        stop: Last number; it is included.
        step: Difference between two numbers; 1 if left out.

    Returns:
        A FROM object with one column, `v`.
    """
    arguments = (start, stop) if step is None else (start, stop, step)
    return func.generate_series(*arguments).table_valued("v")


__all__ = ("HazelcastCompiler", "HazelcastTypeCompiler", "Sink", "generate_series", "sink")
