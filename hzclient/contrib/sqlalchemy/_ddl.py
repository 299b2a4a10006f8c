# The types of SQLAlchemy name the parameters of hooks, and leave visitors untyped: these rules cannot hold.
# pyright: reportAssignmentType=false
# pyright: reportAttributeAccessIssue=false
# pyright: reportIncompatibleMethodOverride=false
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""DDL: tables as mappings."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, Table, exc
from sqlalchemy.sql.compiler import DDLCompiler

from hzclient.contrib.sqlalchemy._names import (
    GENERATED_KEY,
    GENERATED_KEY_TYPE,
    KEY,
    VALUE,
    external_name,
    is_map,
    needs_generated_key,
    options_of,
)

_FORMATS: Final = {"INTEGER": "int"}
"""Names of formats that are not the lower-case name of the SQL type."""

_INDEX_TYPES: Final = ("SORTED", "HASH", "BITMAP")


class HazelcastDDLCompiler(DDLCompiler):
    """Compiles DDL."""

    def visit_create_table(self, create: Any, **kw: Any) -> str:
        """Render CREATE MAPPING."""
        table = create.element
        if self.dialect.unenforced_constraints != "ignore":
            _check_constraints(table)
        lines = [self._column(column) for column in table.columns]
        if needs_generated_key(table):
            lines.append(f'"{GENERATED_KEY}" VARCHAR EXTERNAL NAME "{KEY}.id"')
        options = ",\n  ".join(
            f"{_literal(name)} = {_literal(value)}" for name, value in self._options(table).items()
        )
        text = "\nCREATE MAPPING " + ("IF NOT EXISTS " if create.if_not_exists else "")
        text += self._table(table)
        if options_of(table)["external_name"] is not None:
            text += f" EXTERNAL NAME {self.preparer.quote_identifier(options_of(table)['external_name'])}"
        if lines:
            text += " (\n  " + ",\n  ".join(lines) + "\n)"
        text += f"\nTYPE {options_of(table)['type']}"
        return text + (f"\nOPTIONS (\n  {options}\n)" if options else "") + "\n"

    def _column(self, column: Any) -> str:
        for what in ("server_default", "computed", "identity"):
            if getattr(column, what, None) is not None:
                raise exc.CompileError(
                    f"column {column.table.name}.{column.name} has a {what}, but mappings have none: "
                    "give it a default of Python's"
                )
        text = f"{self.preparer.format_column(column)} {self._type(column)}"
        external = external_name(column)
        if external is None or external == column.name:
            return text
        return f"{text} EXTERNAL NAME {self.preparer.quote_identifier(external)}"

    def _type(self, column: Any) -> str:
        return str(self.dialect.type_compiler_instance.process(column.type, type_expression=column))

    def _options(self, table: Table) -> dict[str, Any]:
        given = options_of(table)["options"] or {}
        if not is_map(table):
            return dict(given)
        options: dict[str, Any] = {}
        whole = {external_name(column): column for column in table.columns}
        name = options_of(table)["external_name"] or table.name
        for part, prefix in ((KEY, "key"), (VALUE, "value")):
            if part in whole:
                options[f"{prefix}Format"] = self._format(whole[part])
            elif f"{prefix}Format" not in given:
                options[f"{prefix}Format"] = "compact"
                options[f"{prefix}CompactTypeName"] = f"{name}_key" if part == KEY else name
        if needs_generated_key(table):
            options["keyCompactTypeName"] = GENERATED_KEY_TYPE
        return options | dict(given)

    def _format(self, column: Any) -> str:
        type_ = self._type(column)
        return _FORMATS.get(type_, type_.lower())

    def visit_drop_table(self, drop: Any, **kw: Any) -> str:
        """Render DROP MAPPING. It keeps the entries of the map."""
        return "\nDROP MAPPING " + ("IF EXISTS " if drop.if_exists else "") + self._table(drop.element)

    def _table(self, table: Any) -> str:
        return str(self.preparer.format_table(table))

    def visit_create_index(self, create: Any, **kw: Any) -> str:
        """Render CREATE INDEX."""
        index = create.element
        if index.table is None or not index.name:
            raise exc.CompileError("an index needs a name and a table")
        if index.unique:
            raise exc.CompileError(f"index {index.name!r} cannot be unique: maps have no unique indexes")
        kind = str(options_of(index)["type"]).upper()
        if kind not in _INDEX_TYPES:
            raise exc.CompileError(f"hazelcast_type must be one of {', '.join(_INDEX_TYPES)}, not {kind}")
        # Indexes belong to the map, not to its mapping, so one may exist when its table is created again.
        columns = ", ".join(
            self.sql_compiler.process(column, include_table=False) for column in index.expressions
        )
        name, table = self._prepared_index_name(index), self._table(index.table)
        return f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({columns}) TYPE {kind}"

    def visit_drop_index(self, drop: Any, **kw: Any) -> str:
        """Refuse DROP INDEX."""
        raise exc.CompileError("Hazelcast cannot drop an index: destroy the map, and create it again")

    def visit_create_schema(self, create: Any, **kw: Any) -> str:
        """Refuse CREATE SCHEMA."""
        raise exc.CompileError("Hazelcast has one schema, public")

    visit_drop_schema = visit_create_schema

    def visit_create_table_as(self, element: Any, **kw: Any) -> str:
        """Refuse CREATE TABLE AS."""
        raise exc.CompileError("Hazelcast has no CREATE MAPPING AS: create the table, then insert into it")


def _check_constraints(table: Table) -> None:
    """Refuse constraints that nothing would enforce. Foreign keys may stay: relationships need them."""
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | ForeignKeyConstraint):
            continue
        if isinstance(constraint, CheckConstraint) and getattr(constraint, "_type_bound", False):
            continue  # of Boolean and Enum
        kind = type(constraint).__name__
        raise exc.CompileError(
            f"table {table.name!r} has a {kind}, which members do not enforce: remove it, "
            'or give create_engine() unenforced_constraints="ignore"'
        )


def _literal(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + text.replace("'", "''") + "'"
