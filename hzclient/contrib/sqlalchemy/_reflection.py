"""Reflection of mappings and views, from the information schema."""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import exc, text
from sqlalchemy import types as sqltypes
from sqlalchemy.engine import reflection

from hzclient.contrib.sqlalchemy._names import GENERATED_KEY_TYPE, KEY
from hzclient.contrib.sqlalchemy._types import REFLECTED

_TABLES: Final = text(
    "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = :schema"
)
_COLUMNS: Final = text(
    "SELECT column_name, column_external_name, ordinal_position, data_type FROM information_schema.columns "
    "WHERE table_schema = :schema AND table_name = :name"
)
_MAPPINGS: Final = text(
    "SELECT mapping_external_name, mapping_type, mapping_options FROM information_schema.mappings "
    "WHERE table_schema = :schema AND table_name = :name"
)
_VIEWS: Final = text(
    "SELECT view_definition FROM information_schema.views WHERE table_schema = :schema AND table_name = :name"
)
_PUBLIC: Final = "public"


class Reflection:
    """Methods of the dialect that describe what exists."""

    def _rows(self, connection: Any, query: Any, schema: str | None, name: str | None = None) -> list[Any]:
        parameters = {"schema": schema or _PUBLIC} | ({} if name is None else {"name": name})
        return list(connection.execute(query, parameters))

    def _existing(self, connection: Any, query: Any, name: str, schema: str | None) -> list[Any]:
        rows = self._rows(connection, query, schema, name)
        if not rows and not self.has_table(connection, name, schema):
            raise exc.NoSuchTableError(name)
        return rows

    @reflection.cache
    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Return whether a mapping or view exists."""
        return any(row[0] == table_name for row in self._rows(connection, _TABLES, schema))

    @reflection.cache
    def get_schema_names(self, connection: Any, **kw: Any) -> list[str]:
        """Return the names of the schemas."""
        return ["information_schema", _PUBLIC]

    @reflection.cache
    def get_table_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the names of the mappings."""
        return sorted(name for name, kind in self._rows(connection, _TABLES, schema) if kind != "VIEW")

    @reflection.cache
    def get_view_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the names of the views."""
        return sorted(name for name, kind in self._rows(connection, _TABLES, schema) if kind == "VIEW")

    @reflection.cache
    def get_view_definition(
        self, connection: Any, view_name: str, schema: str | None = None, **kw: Any
    ) -> str:
        """Return the query of a view."""
        rows = self._rows(connection, _VIEWS, schema, view_name)
        if not rows:
            raise exc.NoSuchTableError(view_name)
        return str(rows[0][0])

    def _all_columns(self, connection: Any, name: str, schema: str | None) -> list[Any]:
        """Return name, external name, position and type of the columns, without a generated key."""
        rows = sorted(self._existing(connection, _COLUMNS, name, schema), key=lambda row: int(row[2]))
        generated = self._mapping(connection, name, schema).get("keyCompactTypeName") == GENERATED_KEY_TYPE
        return [row for row in rows if not (generated and _is_key(row[1]))]

    def _mapping(self, connection: Any, name: str, schema: str | None) -> dict[str, str]:
        rows = self._rows(connection, _MAPPINGS, schema, name)
        options: dict[str, str] = json.loads(str(rows[0][2]) or "{}") if rows else {}
        return options

    @reflection.cache
    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[dict[str, Any]]:
        """Return the columns of a mapping or view."""
        return [
            {
                "name": name,
                "type": REFLECTED.get(kind, sqltypes.NullType)(),
                "nullable": not _is_key(external),
                "default": None,
                "dialect_options": {"hazelcast_external_name": external},
            }
            for name, external, _, kind in self._all_columns(connection, table_name, schema)
        ]

    @reflection.cache
    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> dict[str, Any]:
        """Return the columns of the key."""
        columns = self._all_columns(connection, table_name, schema)
        return {"constrained_columns": [row[0] for row in columns if _is_key(row[1])], "name": None}

    @reflection.cache
    def get_table_options(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> dict[str, Any]:
        """Return type and options of a mapping, as `Table` takes them."""
        rows = self._existing(connection, _MAPPINGS, table_name, schema)
        if not rows:
            return {}
        external, kind, options = rows[0]
        name = str(external).strip('"')
        reflected = {"hazelcast_type": kind, "hazelcast_options": json.loads(str(options) or "{}")}
        return reflected | ({} if name == table_name else {"hazelcast_external_name": name})

    def get_foreign_keys(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[Any]:
        """Return no foreign keys: mappings have none."""
        return self._nothing(connection, table_name, schema)

    get_unique_constraints = get_foreign_keys
    get_check_constraints = get_foreign_keys

    def get_indexes(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[Any]:
        """Return no indexes: SQL does not show those of a map."""
        return self._nothing(connection, table_name, schema)

    def get_table_comment(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> dict[str, Any]:
        """Return no comment: mappings have none."""
        self._nothing(connection, table_name, schema)
        return {"text": None}

    def _nothing(self, connection: Any, name: str, schema: str | None) -> list[Any]:
        if not self.has_table(connection, name, schema):
            raise exc.NoSuchTableError(name)
        return []


def _is_key(external: str | None) -> bool:
    return external is not None and (external == KEY or external.startswith(f"{KEY}."))
