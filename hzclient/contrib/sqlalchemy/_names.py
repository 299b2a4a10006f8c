"""Names that the dialect gives to parts of mappings, and rules about which columns are the key."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import Column, MetaData, String, Table
from sqlalchemy.sql.compiler import IdentifierPreparer

KEY: Final = "__key"
"""External name of the whole key of an entry."""

VALUE: Final = "this"
"""External name of the whole value of an entry."""

GENERATED_KEY: Final = "__generated_key"
"""Column that a mapping gets if its table has no primary key."""

GENERATED_KEY_TYPE: Final = "hzclient.GeneratedKey"
"""Compact type of the keys of such mappings; reflection recognizes them by it."""


class HazelcastIdentifierPreparer(IdentifierPreparer):
    """Quotes every identifier: they are case-sensitive, and the list of reserved words grows."""

    def _requires_quotes(self, value: str) -> bool:
        return True


def options_of(item: Any) -> Any:
    """Return the `hazelcast_` options of a table, column or index."""
    return item.dialect_options["hazelcast"]


def is_map(table: Table) -> bool:
    """Return whether a table is a map; other connectors have no keys."""
    return str(options_of(table)["type"]).lower() == "imap"


def needs_generated_key(table: Table) -> bool:
    """Return whether the rows of a table need a generated key, because no column is in the primary key."""
    return is_map(table) and not table.primary_key.columns and not any(map(is_key, table.columns))


def is_key(column: Column[Any]) -> bool:
    """Return whether a column is the key of an entry, or a part of it."""
    name = external_name(column) or ""
    return name == KEY or name.startswith(f"{KEY}.")


def external_name(column: Column[Any]) -> str | None:
    """Return the external name of a column; None if it needs none."""
    given = options_of(column)["external_name"]
    if given is not None:
        return str(given)
    if column.name in (KEY, VALUE):
        return str(column.name)
    if not is_map(column.table):
        return None
    # Dots and brackets are steps into nested objects.
    field = re.sub(r"[.\[\]]", "_", column.name)
    return f"{KEY}.{field}" if column.primary_key else field if field != column.name else None


def with_generated_key(table: Table, make_key: Any) -> Table:
    """Return a copy of a table that also has the column of the generated key."""
    copy = table.to_metadata(MetaData())
    copy.append_column(Column(GENERATED_KEY, String, default=make_key))
    return copy
